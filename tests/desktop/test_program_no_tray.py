"""The program on a desktop without a place for tray icons, or with one that comes late."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.program import configure, launched
from tests.fakes.desktop.programs import wait_until
from tests.fakes.desktop.sni import tray_host
from tests.fakes.desktop.xembed import panel

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one

TITLE, QUESTION = "Patchbay", "Quit Patchbay?"


@pytest.fixture
def data(tmp_path, upstream):
    configure(tmp_path / "data", upstream.entry("A", "model-a"))
    return tmp_path / "data"


async def test_a_hidden_start_without_a_tray_shows_its_window_after_a_while(data, desk, screen):
    async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
        assert screen.windows() == []
        await asyncio.to_thread(screen.window, TITLE, limit_s=30)
        assert (await program.ask())[0] == 200


async def test_closing_asks_and_quits_only_if_told_to(data, desk, screen):
    async with launched(data, "--port", "0", environment=desk) as program:
        window = await asyncio.to_thread(screen.window, TITLE)
        await asyncio.to_thread(screen.close, window)
        await question(screen)
        await asyncio.to_thread(screen.keys, "Escape")
        await asyncio.to_thread(wait_until, lambda: titles(screen) == [TITLE], "the question to go")
        assert (await program.ask())[0] == 200
        await asyncio.to_thread(screen.close, window)
        await question(screen)
        await asyncio.to_thread(screen.keys, "Return")
        assert await program.ended() == 0


async def test_a_tray_that_comes_late_gets_the_icon_and_closing_hides_from_then_on(data, desk, screen, bus):
    async with (
        tray_host(bus.address, visible=False) as host,
        launched(data, "--port", "0", environment=desk) as program,
    ):
        window = await asyncio.to_thread(screen.window, TITLE)
        await host.appear()
        item = await host.item()
        assert "Quit" in (await item.menu()).labels
        await asyncio.to_thread(screen.close, window)
        await asyncio.to_thread(wait_until, lambda: titles(screen) == [], "the window to hide")
        await host.vanish()
        await host.appear()
        await (await host.item()).click("Quit")
        assert await program.ended() == 0


async def test_a_panel_of_the_older_kind_that_comes_late_gets_the_icon(data, desk, screen, tmp_path):
    async with launched(data, "--port", "0", environment=desk) as program:
        await asyncio.to_thread(screen.window, TITLE)
        with panel(screen, tmp_path) as tray:
            icon = await asyncio.to_thread(tray.icon)
            await asyncio.to_thread(tray.click, icon, 3)
            await asyncio.to_thread(wait_until, screen.menus, "the menu")
            await asyncio.to_thread(screen.keys, "Up", "Return")
            assert await program.ended() == 0


async def question(screen):
    """Wait for the question, and for it to have the keyboard."""
    asked = await asyncio.to_thread(screen.window, QUESTION)
    await asyncio.to_thread(wait_until, lambda: screen.has_focus(asked), "the question to be active")


def titles(screen):
    return [window.title for window in screen.windows()]
