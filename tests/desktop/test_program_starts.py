"""Starting the program: a second time, after it was killed, and where its port is taken."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

import aiohttp
import pytest

from app.domain.exchange import State
from tests.e2e.program import command, configure, launched
from tests.fakes.desktop.programs import wait_until
from tests.fakes.desktop.sni import tray_host

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one

TITLE = "Patchbay"
DEFAULT_PORT = 8082


@pytest.fixture
async def tray(bus):
    async with tray_host(bus.address) as host:
        yield host


@pytest.fixture
def data(tmp_path, upstream):
    configure(tmp_path / "data", upstream.entry("A", "model-a"))
    return tmp_path / "data"


@contextlib.contextmanager
def held(port=0):
    """A port that another program, this one, listens on; the port."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        holder.listen()
        yield holder.getsockname()[1]


async def test_a_second_start_raises_the_window_of_the_first_and_ends(data, desk, tray, screen):
    async with launched(data, "--hidden", "--port", "0", environment=desk) as first:
        await tray.item()
        for _ in range(2):
            assert screen.windows() == []
            second = await command(data, environment=desk)
            assert (second.code, second.err) == (3, "")
            assert f"already running (process {first.process.pid}, port {first.port})" in second.out
            window = await asyncio.to_thread(screen.window, TITLE)
            await asyncio.to_thread(screen.close, window)
            await asyncio.to_thread(wait_until, lambda: not screen.windows(), "the window to hide")
        assert (await first.ask())[0] == 200


async def test_of_starts_at_the_same_moment_one_runs_and_the_others_show_its_window(data, desk, tray, screen):
    async with contextlib.AsyncExitStack() as stack:
        starts = [
            await stack.enter_async_context(launched(data, "--port", "0", environment=desk, ready=False))
            for _ in range(3)
        ]
        async with asyncio.timeout(20):
            while len(left := [one for one in starts if one.process.returncode is None]) > 1:
                await asyncio.sleep(0.02)
        (winner,) = left
        assert [one.process.returncode for one in starts if one is not winner] == [3, 3]
        await winner.ready()
        assert (await winner.ask())[0] == 200
        await asyncio.to_thread(screen.window, TITLE)
        assert [window.title for window in screen.windows()] == [TITLE]


async def test_after_a_kill_the_next_start_works_and_knows_what_was_cut(data, desk, tray, upstream):
    upstream.script.may_go_on.clear()
    async with launched(data, "--hidden", "--port", "0", environment=desk) as killed:
        async with killed.post(stream=True) as running:
            assert b"message_start" in await running.content.readline()
            killed.process.kill()
            with pytest.raises(aiohttp.ClientError):
                await running.read()
        await killed.ended()
    async with launched(data, "--hidden", "--port", "0", environment=desk) as again:
        (row,) = await again.rows(1)
        assert (row.state, row.provider, row.requested_model) == (State.INTERRUPTED, "A", "claude-opus-4-8")
        upstream.script.may_go_on.set()
        assert (await again.ask())[0] == 200
        assert [row.state for row in await again.rows(2)] == [State.DONE, State.INTERRUPTED]


async def test_the_very_first_start_takes_the_next_free_port_and_keeps_it(tmp_path, desk, tray):
    data = tmp_path / "data"
    with contextlib.ExitStack() as stack:
        taken = 0
        with contextlib.suppress(OSError):  # another program of this machine has it, perhaps not for long
            taken = stack.enter_context(held(DEFAULT_PORT))
        async with launched(data, "--hidden", environment=desk) as first:
            port = first.port
            assert port >= DEFAULT_PORT
            assert port != taken
            assert f"port = {port}\n" in (data / "patchbay.toml").read_text("utf-8")
            first.process.terminate()
            assert await first.ended() == 0
    async with launched(data, "--hidden", environment=desk) as second:
        assert second.port == port


async def test_a_port_that_is_taken_later_is_named_and_taken_once_it_is_free(data, desk, tray):
    with contextlib.ExitStack() as other_program:
        port = other_program.enter_context(held())
        configure(data, f"[config]\nport = {port}\n" + (data / "patchbay.toml").read_text("utf-8"))
        async with launched(data, "--hidden", environment=desk, ready=False) as program:
            item = await tray.item()
            assert (await item.menu()).labels[0] == f"■ Port {port} is taken"
            assert f"process {os.getpid()}" in str((await item.properties())["ToolTip"])
            status = await program.status(lambda now: now["proxy"] == "port_taken")
            assert f"process {os.getpid()}" in status["detail"]
            assert [one["id"] for one in status["notices"] if one["severity"] == "error"] == ["port-taken"]
            assert f"Port {port} is used by" in (await program.command("status")).out
            other_program.close()
            await program.ready(limit_s=6)
            assert program.port == port
            assert (await program.ask())[0] == 200
            status = await program.status(lambda now: now["proxy"] == "running")
            assert status["notices"] == []


async def test_a_port_of_the_command_line_holds_for_this_start_only(data, desk, tray):
    with held() as taken:
        configure(data, f"[config]\nport = {taken}\n" + (data / "patchbay.toml").read_text("utf-8"))
        before = (data / "patchbay.toml").read_bytes()
        async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
            assert program.port != taken
            assert (await program.ask())[0] == 200
            assert (data / "patchbay.toml").read_bytes() == before
