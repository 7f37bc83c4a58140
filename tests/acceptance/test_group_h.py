"""Group H: how the program starts, ends and keeps its files, whatever it finds and whoever kills it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import stat
import time
from pathlib import Path

import pytest

from app.domain.exchange import State
from tests.acceptance.contract import alive, bounded
from tests.acceptance.program import QUICK, elapsed, providers, started, toml
from tests.e2e.program import base_environment, command, configure, launched
from tests.fakes.scripted import Scripted, whole
from tests.fakes.wires import ANTHROPIC

LIMITS = {"quit_grace_s": 8, "idle_s": 20, "reply_total_s": 20, "first_byte_s": 20}
HEADLESS = ("--headless", "--port", "0")


@pytest.fixture
async def upstream():
    made = await Scripted(whole(ANTHROPIC.whole())).start()
    yield made
    await made.stop()


@pytest.fixture
def data(tmp_path, upstream):
    folder = tmp_path / "data"
    configure(folder, toml(QUICK, providers(upstream.url)))
    return folder


async def test_h01_a_taken_port_is_named_kept_to_and_taken_when_it_is_free(data):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        port = holder.getsockname()[1]
        async with launched(
            data, "--headless", "--port", str(port), environment=base_environment(), ready=False
        ) as one:
            assert str(port) in await one.says("is used by")
            told = await one.status(lambda now: now["proxy"] == "port_taken")
            assert str(port) in told["detail"]
            holder.close()
            began = time.monotonic()
            await one.ready(7)
            assert elapsed(began) < 7
            assert one.port == port
            assert (await one.ask())[0] == 200


async def test_h03_there_is_one_program_a_folder_and_a_killed_one_leaves_no_lock(data):
    environment = base_environment()
    async with launched(data, *HEADLESS, environment=environment) as first:
        began = time.monotonic()
        second = await command(data, *HEADLESS, environment=environment)
        assert second.code == 3
        assert "already running" in second.err
        assert elapsed(began) < 4
        first.process.kill()
        await first.process.wait()
    began = time.monotonic()
    async with launched(data, *HEADLESS, environment=environment) as third:
        assert elapsed(began) < 5
        assert (await third.ask())[0] == 200


async def test_h06_killed_at_any_moment_of_a_save_the_file_is_old_or_new(data):
    """A program that saves again and again is killed somewhere in between, twelve times."""
    from app.store.config.file import ConfigFile

    environment = base_environment()
    seen = set()
    for number in range(12):
        process = await asyncio.create_subprocess_exec(
            *(_python(), "-c", _SAVES, str(data / "patchbay.toml"), str(number)),
            env={**environment, "PYTHONPATH": str(Path.cwd())},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 10) == b"saving\n"
        await asyncio.sleep(0.015 * number)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        config = ConfigFile(data / "patchbay.toml", lambda path, content: None).load()
        assert [one.name for one in config.providers] == ["A", "C"]
        seen.add(config.settings.history_days)
        assert stat.S_IMODE((data / "patchbay.toml").stat().st_mode) == 0o600
    assert len(seen) > 1


_SAVES = """
import sys
from pathlib import Path
from app.store.config.file import ConfigFile
from app.system.files import write_atomic
file = ConfigFile(Path(sys.argv[1]), write_atomic)
print("saving", flush=True)
for number in range(1, 100_000):
    file.set("history_days", number % 1000 + 1)
"""


def _python():
    import sys

    return sys.executable


async def test_h07_what_a_newer_version_wrote_survives(data):
    file = data / "patchbay.toml"
    file.write_text(file.read_text("utf-8") + '\n[from_the_future]\nnew = "thing"\n', "utf-8")
    text = file.read_text("utf-8").replace("[limits]", "[limits]\nunheard_of = 5 # why\n")
    file.write_text(text, "utf-8")
    done = await command(data, "use", "C", environment=base_environment())
    assert done.code == 0, done.err
    after = file.read_text("utf-8")
    for kept in ('[from_the_future]\nnew = "thing"', "unheard_of = 5 # why", "idle_s = 1"):
        assert kept in after


async def test_h13_a_second_request_to_end_cuts_the_grace_short(p):
    """On a program of its own: it ends."""
    async with started({**QUICK, **LIMITS}) as own:
        own.upstream.script = lambda line, seen: line.stall()
        raws = [await own.open(ANTHROPIC, own.body(ANTHROPIC, stream=True)) for _ in range(3)]
        async with asyncio.timeout(3):
            while len(own.upstream.seen) < 3:
                await asyncio.sleep(0.01)
        own.running.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert own.running.process.returncode is None, "what runs has its grace"
        began = time.monotonic()
        own.running.process.send_signal(signal.SIGTERM)
        assert await own.running.ended() == 0
        assert elapsed(began) < 3
        rows = await own.rows(3)
        assert {(row.state, row.error_kind) for row in rows} == {(State.CANCELLED, "stopped")}
        for raw in raws:
            await raw.close()


async def test_h13_what_runs_may_end_by_itself_within_the_grace():
    async with started({**QUICK, **LIMITS}) as own:
        release = asyncio.Event()

        async def script(line, seen):
            await release.wait()
            await whole(ANTHROPIC.whole())(line, seen)

        own.upstream.script = script
        asking = asyncio.get_running_loop().create_task(own.chat(ANTHROPIC), name="asking")
        async with asyncio.timeout(3):
            while not own.upstream.seen:
                await asyncio.sleep(0.01)
        own.running.process.terminate()
        await asyncio.sleep(0.2)
        release.set()
        assert (await asking).status == 200
        assert await own.running.ended() == 0
        assert (await own.row()).state is State.DONE


async def test_h18_a_pipe_that_nobody_reads_holds_nothing_up(p):
    """The program's output goes to a pipe here that is read; one that is full and never read must not matter either."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"x" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(write_end, True)
    folder = p.data_dir.parent / "other"
    configure(folder, (p.data_dir / "patchbay.toml").read_text("utf-8"))
    process = await asyncio.create_subprocess_exec(
        *(_python(), "-m", "app", "--data-dir", str(folder), "--headless", "--port", "0"),
        env=base_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=write_end,
    )
    try:
        async with asyncio.timeout(10):
            while not (port := _port_of(folder)):
                await asyncio.sleep(0.02)
        from tests.fakes.rawclient import RawClient

        for _ in range(300):
            async with await RawClient.connect(port) as client:
                await client.send(b"NONSENSE\r\n\r\n")
                assert (await client.reply()).status == 400
        async with await RawClient.connect(port) as client:
            await client.request("/health", method="GET")
            assert (await client.reply()).status == 200
    finally:
        process.kill()
        await process.wait()
        os.close(read_end)
        os.close(write_end)


def _port_of(folder):
    from app.system.instance import running

    holder = running(folder / "lock")
    return holder.proxy_port if holder else 0


@pytest.mark.timed
async def test_h18_a_flood_of_nonsense_neither_holds_the_loop_nor_fills_the_log(p):
    log = p.data_dir / "logs" / "patchbay.log"
    before = log.stat().st_size
    async with bounded(p, lag_ms=150):
        for _ in range(300):
            async with await p.connect() as client:
                await client.send(b"\x16\x03\x01garbage\r\n\r\n")
                await client.ended()
    assert log.stat().st_size - before < 100_000
    await alive(p)
