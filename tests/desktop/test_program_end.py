"""How the program ends while answers run, and what it leaves behind: whole rows, and no secret in any log."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

import aiohttp
import pytest

from app.domain.exchange import State
from tests.e2e.program import KEY, PROVIDER_KEY, base_environment, configure, launched
from tests.fakes.desktop.display import display
from tests.fakes.desktop.sni import tray_host

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one

WRONG_KEY = "pb_a-wrong-key-0123456789"
TYPED_KEY = "sk-typed-into-the-file-0123456789"
"""One that the program never could take over, so nothing knows that it has to be masked."""
SECRET_TEXT = "what was asked in confidence"


@pytest.fixture
async def tray(bus):
    async with tray_host(bus.address) as host:
        yield host


@pytest.fixture
def data(tmp_path, upstream):
    configure(tmp_path / "data", "[limits]\nquit_grace_s = 1.0\n" + upstream.entry("A", "model-a"))
    return tmp_path / "data"


def start(data, desk, *arguments):
    return launched(data, "--hidden", "--port", "0", *arguments, environment=desk)


async def read_to_the_end(reply):
    """All that came, and whether the connection said that this was all."""
    came = b""
    try:
        async for piece in reply.content.iter_any():
            came += piece
    except aiohttp.ClientError:
        return came, False
    return came, True


async def test_a_stream_that_does_not_end_is_cut_visibly_and_has_one_end(data, desk, tray, upstream):
    upstream.script.may_go_on.clear()
    async with start(data, desk) as program:
        async with program.post(stream=True) as reply:
            assert b"message_start" in await reply.content.readline()
            program.process.send_signal(signal.SIGTERM)
            came, whole = await read_to_the_end(reply)
        assert b"message_stop" not in came
        assert not whole or b"event: error" in came
        assert await program.ended() == 0
        (row,) = await program.rows(1)
        assert row.state in (State.CANCELLED, State.FAILED)
        assert "stopped" in row.error


async def test_a_stream_that_ends_within_the_grace_is_whole(data, desk, tray, upstream):
    upstream.script.may_go_on.clear()
    configure(data, upstream.entry("A", "model-a"))
    async with start(data, desk) as program:
        async with program.post(stream=True) as reply:
            assert b"message_start" in await reply.content.readline()
            await (await tray.item()).click("Quit")
            async with asyncio.timeout(5):  # it listens no more, and goes on answering
                while await connects(program.port):
                    pass
            upstream.script.may_go_on.set()
            came, whole = await read_to_the_end(reply)
        assert whole
        assert b"message_stop" in came
        assert await program.ended() == 0
        (row,) = await program.rows(1)
        assert row.state is State.DONE


async def test_a_second_signal_ends_at_once(data, desk, tray, upstream):
    upstream.script.may_go_on.clear()
    configure(data, upstream.entry("A", "model-a"))
    async with start(data, desk) as program:
        async with program.post(stream=True) as reply:
            assert b"message_start" in await reply.content.readline()
            asked_s = time.monotonic()
            program.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                while await connects(program.port):
                    pass
            program.process.send_signal(signal.SIGTERM)
            await read_to_the_end(reply)
        assert await program.ended() == 0
        assert time.monotonic() - asked_s < 9  # the grace is ten
        (row,) = await program.rows(1)
        assert row.state in (State.CANCELLED, State.FAILED)


async def test_a_display_that_ends_takes_the_program_with_it_cleanly(data, bus, short_path, upstream):
    upstream.script.may_go_on.clear()
    with contextlib.ExitStack() as stack:
        shown = stack.enter_context(display(short_path / "shown"))
        environment = base_environment(shown.environment | bus.environment)
        async with launched(data, "--port", "0", environment=environment) as program:
            await asyncio.to_thread(shown.window, "Patchbay")
            async with program.post(stream=True) as reply:
                assert b"message_start" in await reply.content.readline()
                await asyncio.to_thread(stack.close)
                assert not (await read_to_the_end(reply))[1]
            assert await program.ended(5) == 1
            assert "the display is gone" in program.said[-1]
    assert (data / "logs" / "crash.log").read_bytes() == b""
    async with launched(data, "--headless", "--port", "0", environment=base_environment()) as again:
        assert [row.state for row in await again.rows(1)] == [State.INTERRUPTED]


async def test_no_log_and_no_trace_of_a_crash_holds_a_secret(data, desk, tray, upstream):
    async with start(data, desk, "--debug") as program:
        await program.ask(text=f"{SECRET_TEXT} {PROVIDER_KEY}")
        program.key = WRONG_KEY
        assert (await program.ask())[0] == 401
        program.key = KEY
        await program.command("provider", "add", "X", "--vendor", "nobody", text_in=PROVIDER_KEY)
        for broken in (f'api_key = ["{TYPED_KEY}"]', f'api_key = "{TYPED_KEY}', f"auth = '{TYPED_KEY}'"):
            configure(data, upstream.entry("A", "model-a") + broken + "\n")
            told = await program.status(lambda now: notice(now, "config-broken"))
            assert "line 7" in notice(told, "config-broken")
            assert TYPED_KEY not in str(told)
            configure(data, upstream.entry("A", "model-a"))
            await program.status(lambda now: not notice(now, "config-broken"))
        upstream.script.may_go_on.clear()
        async with program.post(stream=True, text=SECRET_TEXT) as reply:
            assert b"message_start" in await reply.content.readline()
            program.process.send_signal(signal.SIGSEGV)
            await read_to_the_end(reply)
        assert await program.ended() == -signal.SIGSEGV
    assert "Segmentation fault" in (data / "logs" / "crash.log").read_text("utf-8")
    assert "the configuration was not reloaded" in (data / "logs" / "patchbay.log").read_text("utf-8")
    for path in (data / "logs").iterdir():
        written = path.read_bytes()
        for secret in (PROVIDER_KEY, TYPED_KEY, KEY, WRONG_KEY, SECRET_TEXT):
            assert secret.encode() not in written, path
    assert program.said == [f"Patchbay listening on {program.base_url}"]


def notice(status, notice_id):
    return next((one["text"] for one in status["notices"] if one["id"] == notice_id), "")


async def connects(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
