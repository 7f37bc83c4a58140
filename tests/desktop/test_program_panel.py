"""The program in the older kind of tray, with a mouse and a window manager."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.program import configure, launched
from tests.fakes.desktop.programs import wait_until
from tests.fakes.desktop.sni import tray_host
from tests.fakes.desktop.xembed import panel

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one

TITLE = "Patchbay"


@pytest.fixture
def tray(screen, tmp_path):
    with panel(screen, tmp_path) as shown:
        yield shown


@pytest.fixture
async def program(tmp_path, desk, tray, upstream):
    data = tmp_path / "data"
    configure(data, upstream.entry("A", "model-a"))
    async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
        yield program


async def test_a_left_click_opens_the_window_and_closing_it_leaves_the_program_in_the_tray(program, tray, screen):
    icon = await asyncio.to_thread(tray.icon)
    assert own(screen) == []
    await asyncio.to_thread(tray.click, icon)
    window = await asyncio.to_thread(screen.window, TITLE)
    await asyncio.to_thread(screen.close, window)
    await asyncio.to_thread(wait_until, lambda: not own(screen), "the window to hide")
    assert (await program.ask())[0] == 200
    await asyncio.to_thread(tray.click, icon)
    await asyncio.to_thread(screen.window, TITLE)


async def test_a_right_click_opens_the_menu_and_quit_ends_the_program(program, tray, screen):
    icon = await asyncio.to_thread(tray.icon)
    await asyncio.to_thread(tray.click, icon, 3)
    await asyncio.to_thread(wait_until, screen.menus, "the menu")
    assert own(screen) == []
    await asyncio.to_thread(screen.keys, "Up", "Return")
    assert await program.ended() == 0
    assert tray.icons() == []


async def test_ctrl_q_in_the_window_quits(program, tray, screen):
    await asyncio.to_thread(tray.click, await asyncio.to_thread(tray.icon))
    window = await asyncio.to_thread(screen.window, TITLE)
    await asyncio.to_thread(screen.focus, window)
    await asyncio.to_thread(screen.keys, "ctrl+q")
    assert await program.ended() == 0


async def test_the_first_close_tells_where_the_program_went_and_the_second_does_not(
    tmp_path, desk, bus, screen, upstream
):
    data = tmp_path / "data"
    configure(data, upstream.entry("A", "model-a"))
    async with tray_host(bus.address) as host, launched(data, "--port", "0", environment=desk):
        item = await host.item()
        for _ in range(2):
            await item.activate()
            window = await asyncio.to_thread(screen.window, TITLE)
            await asyncio.to_thread(screen.close, window)
            await asyncio.to_thread(wait_until, lambda: not own(screen), "the window to hide")
        told = await host.notification("Patchbay goes on running")
        assert "Quit is in the menu" in told.text
        host.click_notification(told)
        await asyncio.to_thread(screen.window, TITLE)
        assert [one.title for one in host.notifications] == [told.title]


def own(screen):
    """The program's windows; the panel is one too."""
    return [window for window in screen.windows() if TITLE in window.title]
