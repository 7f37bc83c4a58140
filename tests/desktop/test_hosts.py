"""The fake desktop's own tests, against the smallest program that uses all of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.desktop import programs
from tests.fakes.desktop.programs import need, started, wait_until
from tests.fakes.desktop.sni import tray_host
from tests.fakes.desktop.xembed import panel

PROGRAM = [sys.executable, str(Path(__file__).with_name("tray_program.py"))]


@pytest.fixture
async def start():
    """Start the program in an environment; its lines of output are read one by one. Ended with the test."""
    processes = []

    async def start(environment):
        process = await asyncio.create_subprocess_exec(*PROGRAM, env=environment, stdout=asyncio.subprocess.PIPE)
        processes.append(process)
        assert await line(process) == "ready"
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process):
    return (await asyncio.wait_for(process.stdout.readline(), 10)).decode().strip()


async def test_a_status_notifier_tray_reads_clicks_and_is_told(screen, bus, start):
    async with tray_host(bus.address) as host:
        program = await start(screen.environment | bus.environment)
        item = await host.item()
        properties = await item.properties()
        assert properties["Status"] == "Active"
        assert properties["IconPixmap"]
        menu = await item.menu()
        assert menu.labels == ["Color", "Tell", "Open", "Quit"]
        assert list(menu.lines())[:3] == ["Color", "    ( ) Red", "    ( ) Blue"]
        await item.click("Color", "Blue")
        assert await line(program) == "Blue"
        assert (await item.menu())["Color"]["Blue"].checked is True
        await item.activate()
        assert await line(program) == "Trigger"
        await item.click("Tell")
        told = await host.notification("Told")
        assert told.text == "a text"
        host.click_notification(told)
        assert await line(program) == "message"
        with pytest.raises(LookupError, match="no 'Green' among"):
            await item.click("Color", "Green")
        await host.vanish()
        await host.appear()
        await (await host.item()).click("Quit")
        assert await asyncio.wait_for(program.wait(), 10) == 0


async def test_a_window_opened_from_the_tray_is_seen_and_closed_by_the_window_manager(screen, bus, start):
    async with tray_host(bus.address) as host:
        await start(screen.environment | bus.environment)
        await (await host.item()).click("Open")
        window = await asyncio.to_thread(screen.window, "Tray program")
        await asyncio.to_thread(screen.close, window)
        await asyncio.to_thread(wait_until, lambda: not screen.windows(), "the window to close")


async def test_an_xembed_tray_is_clicked_with_the_mouse(screen, bus, start, tmp_path):
    with panel(screen, tmp_path) as tray:
        program = await start(screen.environment | bus.environment)
        icon = await asyncio.to_thread(tray.icon)
        await asyncio.to_thread(tray.click, icon)
        assert await line(program) == "Trigger"
        await asyncio.to_thread(tray.click, icon, 3)
        assert await line(program) == "Context"
        await asyncio.to_thread(screen.keys, "Up", "Return")
        assert await asyncio.wait_for(program.wait(), 10) == 0


def test_displays_do_not_meet(screen, tmp_path):
    from tests.fakes.desktop.display import display

    with display(tmp_path, window_manager=False) as other:
        assert other.name != screen.name
        assert "1280x800" in other.run("xwininfo", "-root", "-stats") or "1280" in other.run("xwininfo", "-root")


def test_a_program_that_is_missing_fails_in_ci_and_skips_elsewhere(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="is not installed"):
        need("no-such-program")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception):
        need("no-such-program")


def test_what_was_started_is_ended_even_if_it_will_not_go(monkeypatch):
    stubborn = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"]
    waited = []
    real_wait = subprocess.Popen.wait
    monkeypatch.setattr(
        subprocess.Popen,
        "wait",
        lambda self, timeout=None: waited.append(timeout) or real_wait(self, min(timeout or 1, 1)),
    )
    with started(stubborn, {}) as process:
        pass
    assert process.returncode is not None
    with pytest.raises(AssertionError, match="a miracle: not within 0 s"):
        programs.wait_until(lambda: False, "a miracle", limit_s=0.05)
