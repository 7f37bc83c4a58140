"""The older kind of tray, with a real panel (tint2) and the mouse."""

from __future__ import annotations

import asyncio

import pytest

from tests.desktop.programs import line, run_shell
from tests.fakes.desktop.programs import wait_until
from tests.fakes.desktop.xembed import panel

START = pytest.mark.time_limit(60)


@pytest.fixture
async def shell(screen, bus):
    async with run_shell(screen.environment | bus.environment) as start:
        yield start


@START
async def test_mouse_and_keys_drive_the_menu(shell, screen, tmp_path):
    with panel(screen, tmp_path) as tray:
        program = await shell("--hidden")
        icon = await asyncio.to_thread(tray.icon)
        await asyncio.to_thread(tray.click, icon, 3)
        await asyncio.sleep(0.5)
        # The first line is the state, which cannot be chosen: Down goes to Provider, Right into it, to Auto; the
        # second Down to the second provider.
        await asyncio.to_thread(screen.keys, "Down", "Right", "Down", "Down", "Return")
        assert await line(program) == "use OpenAI work"
        await asyncio.to_thread(tray.click, icon)
        window = await asyncio.to_thread(screen.window, "Patchbay")
        await asyncio.to_thread(screen.close, window)
        gone = lambda: window.id not in [one.id for one in screen.windows()]
        await asyncio.to_thread(wait_until, gone, "the window to hide")
        await asyncio.to_thread(tray.click, icon, 3)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(screen.keys, "Up", "Return")
        assert await asyncio.wait_for(program.wait(), 15) == 0


@START
async def test_a_panel_that_comes_late_or_again_shows_the_icon(shell, screen, tmp_path):
    program = await shell("--hidden")
    for _ in range(2):
        with panel(screen, tmp_path) as tray:
            icon = await asyncio.to_thread(tray.icon)
            await asyncio.to_thread(tray.click, icon, 3)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(screen.keys, "Escape")
    assert program.returncode is None
