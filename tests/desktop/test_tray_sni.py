"""The tray as KDE, XFCE and most panels show it: over D-Bus, driven as a panel drives it."""

from __future__ import annotations

import asyncio

import pytest

from tests.desktop.programs import line, run_shell
from tests.fakes.desktop.programs import wait_until
from tests.fakes.desktop.sni import tray_host

START = pytest.mark.time_limit(60)


@pytest.fixture
async def shell(screen, bus):
    async with run_shell(screen.environment | bus.environment) as start:
        yield start


@START
async def test_the_item_says_everything(shell, bus):
    async with tray_host(bus.address) as host:
        await shell("--hidden")
        item = await host.item()
        said = await item.properties()
        assert (said["Id"], said["Title"], said["Status"]) == ("Patchbay", "Patchbay", "Active")
        assert {16, 22, 24, 32, 48} <= {width for width, _, _ in said["IconPixmap"]}
        assert said["ToolTip"][2].startswith("Patchbay: Running\nhttp://127.0.0.1:8082\nAnthropic › big: as asked")
        menu = await item.menu()
        assert menu.labels[0].startswith("● Running · port 8082 · today $18.27")
        assert menu.labels[1:] == [
            "Provider: Anthropic",
            "Model",
            "Pause",
            "Copy settings for",
            "Open window",
            "Export CSV…",
            "Settings",
            "Quit",
        ]
        assert not menu.children[0].enabled
        found = menu["Provider: Anthropic"]
        assert found.labels[0] == "Auto"
        assert found.labels[-1] == "Only this one"
        shown = [child for child in found.children if child.label in found.labels and child.visible]
        assert [child.checked for child in shown] == [False, True, False, False, False]


@START
async def test_a_choice_in_the_panel_reaches_the_program_and_comes_back(shell, bus):
    async with tray_host(bus.address) as host:
        program = await shell("--hidden")
        item = await host.item()
        before = await item.menu()
        await item.click("Provider: Anthropic", "OpenAI work: failing")
        assert await line(program) == "use OpenAI work"
        await changed(item, lambda menu: "Provider: OpenAI work" in menu.labels)
        await changed(item, lambda menu: menu["Provider: OpenAI work"]["OpenAI work: failing"].checked)
        await item.click("Model", "Middle: claude-sonnet-4-8", "claude-sonnet-4-5")
        assert await line(program) == "choose middle claude-sonnet-4-5"
        await item.click("Pause")
        assert await line(program) == "pause"
        await changed(item, lambda menu: "Resume" in menu.labels)
        # A panel that still shows the old menu clicks by the old number.
        await item.click_id(before["Pause"].id)
        assert await line(program) == "resume"
        await item.click("Copy settings for", "curl")
        assert (await line(program)).startswith("snippet curl")


async def changed(item, true):
    """Wait until the menu is as it should be: at most one update period."""
    async with asyncio.timeout(5):
        while not true(await item.menu()):
            await asyncio.sleep(0.05)


@START
async def test_the_window_opens_closes_into_the_tray_and_the_program_quits(shell, bus, screen):
    async with tray_host(bus.address) as host:
        program = await shell("--hidden")
        item = await host.item()
        assert await asyncio.to_thread(screen.windows) == []
        await item.activate()
        window = await asyncio.to_thread(screen.window, "Patchbay")
        await asyncio.to_thread(screen.close, window)
        told = await host.notification("Patchbay goes on running")
        assert "Quit is in the menu" in told.text
        await asyncio.to_thread(wait_until, lambda: not screen.windows(), "the window to hide")
        host.click_notification(told)
        await asyncio.to_thread(screen.window, "Patchbay")
        await item.click("Quit")
        assert await asyncio.wait_for(program.wait(), 15) == 0


@START
async def test_a_panel_that_restarts_gets_the_icon_back(shell, bus):
    async with tray_host(bus.address) as host:
        program = await shell("--hidden")
        await (await host.item()).menu()
        await host.vanish()
        await asyncio.sleep(0.3)
        await host.appear()
        item = await host.item()
        await item.click("Provider: Anthropic", "Ollama: not used yet")
        assert await line(program) == "use Ollama"


@START
async def test_a_panel_that_starts_late_gets_the_icon(shell, bus, screen):
    async with tray_host(bus.address, visible=False) as host:
        program = await shell("--hidden")
        await asyncio.sleep(1.0)
        await host.appear()
        item = await host.item(10)
        await item.click("Provider: Anthropic", "Ollama: not used yet")
        assert await line(program) == "use Ollama"
        assert await asyncio.to_thread(screen.windows) == []


@START
async def test_without_a_panel_the_window_comes_and_closing_asks(shell, screen, bus):
    program = await shell("--hidden")
    window = await asyncio.to_thread(screen.window, "Patchbay", limit_s=20)
    await asyncio.to_thread(screen.close, window)
    await asyncio.to_thread(screen.window, "Quit Patchbay?")
    await asyncio.to_thread(screen.keys, "Return")
    assert await asyncio.wait_for(program.wait(), 15) == 0


@START
async def test_the_first_start_offers_a_provider(shell, bus, screen):
    async with tray_host(bus.address) as host:
        await shell("--hidden", "--empty")
        item = await host.item()
        menu = await item.menu()
        assert menu.labels[1] == "Add a provider…"
        assert not any(label.startswith("Provider") for label in menu.labels)
        await item.click("Add a provider…")
        await asyncio.to_thread(screen.window, "Patchbay")


@START
async def test_a_bus_that_is_missing_does_no_harm(shell, screen):
    program = await shell(DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus")
    await asyncio.to_thread(screen.window, "Patchbay")
    assert program.returncode is None
