# ruff: noqa: F811 (fixtures)
"""Group H, the desktop: a second start, jumping clocks, hostile texts in the window, closed streams, no tray."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time

import pytest

from app.domain.exchange import State
from tests.acceptance.contract import alive, bounded
from tests.acceptance.program import QUICK, Patchbay, elapsed, providers, toml
from tests.acceptance.rig import Rig
from tests.desktop.conftest import bus, screen, short_path  # noqa: F401 (fixtures)
from tests.e2e.program import ROOT, command, configure, launched
from tests.fakes.desktop.sni import tray_host
from tests.fakes.scripted import LAST, Scripted, chunk, head, whole
from tests.fakes.wires import ANTHROPIC

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, more on a busy one

WINDOW = "say(window is not None and window.isVisible())"
HOUR_S, DAY_S = 3600, 86_400


@pytest.fixture
async def upstream():
    made = await Scripted(whole(ANTHROPIC.whole())).start()
    yield made
    await made.stop()


@pytest.fixture
def data(tmp_path, upstream):
    folder = tmp_path / "data"
    configure(folder, toml({**QUICK, "keep_alive_s": 60}, providers(upstream.url)))
    return folder


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "rig"
    folder.mkdir()
    return Rig(folder)


def status_socket(short_path):
    return short_path / "status"


async def test_h03_a_second_start_ends_with_three_and_raises_the_window_of_the_first(data, rig):
    async with launched(data, "--port", "0", environment=rig.desktop) as first:
        await rig.until(WINDOW, "True")
        await rig.do("window.hide()")
        began = time.monotonic()
        second = await command(data, environment=rig.desktop)
        assert elapsed(began) < 4, "two seconds on an idle machine"
        assert second.code == 3
        assert f"already running (process {first.process.pid}, port {first.port})" in second.out
        await rig.until(WINDOW, "True")
        assert (await first.ask())[0] == 200


async def test_h03_a_lock_of_a_dead_process_whose_number_another_one_has_now_holds_nobody(data, rig):
    async with launched(data, "--headless", "--port", "0", environment=rig.environment) as first:
        first.process.kill()
        await first.process.wait()
    told = json.loads((data / "lock").read_text())
    told["pid"] = os.getpid()  # alive, and no Patchbay
    (data / "lock").write_text(json.dumps(told))
    began = time.monotonic()
    async with launched(data, "--headless", "--port", "0", environment=rig.environment) as third:
        assert elapsed(began) < 4, "two seconds on an idle machine"
        assert (await third.ask())[0] == 200


async def test_h03_of_a_first_that_hangs_the_second_says_so_and_takes_nothing(data, rig):
    async with launched(data, "--headless", "--port", "0", environment=rig.environment) as first:
        first.process.send_signal(signal.SIGSTOP)
        second = await command(data, "--headless", environment=rig.environment)
        assert (second.code, str(first.process.pid) in second.err) == (3, True)
        first.process.send_signal(signal.SIGCONT)
        assert (await first.ask())[0] == 200


async def test_h14_a_clock_that_jumps_back_and_forth_changes_no_duration_and_no_deadline(
    data, rig, upstream, short_path
):
    rig.move_clock(0)
    environment = {**rig.desktop, "PATCHBAY_STATUS_SOCKET": str(status_socket(short_path))}
    async with launched(data, "--port", "0", environment=environment) as one:
        p = Patchbay(one, upstream, status_socket(short_path))
        await rig.until("window.go('live'); say(window.isVisible())", "True")
        for jump_s in (-2 * HOUR_S, 2 * DAY_S, -400 * DAY_S, 0):
            upstream.script = jumping(rig, jump_s)
            reply = await p.chat(ANTHROPIC, stream=True)
            assert ANTHROPIC.ended_well(reply.body), f"cut by a jump of {jump_s} s"
        upstream.script = lambda line, seen: line.stall()
        began = time.monotonic()
        rig.move_clock(-2 * HOUR_S)
        assert (await p.chat(ANTHROPIC)).status == 504
        assert 0.9 < elapsed(began) < 5, "the deadline of a second is one of the steady clock"
        rows = await one.rows(5)
        for row in rows:
            assert 0 <= row.duration_ms < 5000, row
            assert row.first_token_ms is None or 0 <= row.first_token_ms <= row.duration_ms
        assert [row.state for row in rows].count(State.DONE) == 4
        await rig.until("window.go('history'); say(len(window.current.feed.model.rows))", "5")
        await rig.until("window.go('live'); say(window.isVisible())", "True")
        upstream.script = whole(ANTHROPIC.whole())
        assert (await p.chat(ANTHROPIC)).status == 200
        one.process.terminate()
        assert await one.ended() == 0
    assert (data / "logs" / "crash.log").read_bytes() == b""
    lines = [json.loads(line) for line in (data / "logs" / "patchbay.log").read_text("utf-8").split("\n") if line]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line for line in lines if line["level"] in ("ERROR", "CRITICAL")] == []


def jumping(rig, seconds):
    """A stream in the middle of which the clock jumps, and that goes on for longer than the program needs to notice."""

    async def script(line, seen):
        events = ANTHROPIC.events("before ", "after")
        await line.send(head(200, "text/event-stream"))
        await line.send(*(chunk(event) for event in events[:3]))
        rig.move_clock(seconds)
        await asyncio.sleep(0.6)
        await line.send(*(chunk(event) for event in events[3:]), LAST)

    return script


HOSTILE = {
    "a line of 400 kB": "x" * 400_000,
    "20,000 nested tags": "<b>" * 20_000 + "</b>" * 20_000,
    "a million lines": "a\n" * 1_000_000,
    "wide and bidirectional": "\u202e\u0645" * 20_000 + "\U0001f468\u200d\U0001f469" * 20_000,
}
STREAMS, TICK_S = 20, 0.05


@pytest.mark.timed
async def test_h16_no_text_in_the_window_holds_twenty_streams_up(data, rig, upstream, short_path):
    environment = {**rig.desktop, "PATCHBAY_STATUS_SOCKET": str(status_socket(short_path))}
    configure(data, toml({**QUICK, "max_stream_s": 60, "reply_total_s": 20}, providers(upstream.url)))
    async with launched(data, "--port", "0", environment=environment) as one:
        p = Patchbay(one, upstream, status_socket(short_path))
        ids = []
        for text in HOSTILE.values():
            upstream.script = whole(ANTHROPIC.whole(text))
            assert (await p.chat(ANTHROPIC, messages=[{"role": "user", "content": text}])).status == 200
            ids.append((await p.rows(1, limit_s=10))[0].id)
        await rig.until("window.go('history'); say(len(window.current.feed.model.rows))", str(len(ids)))
        over = asyncio.Event()
        upstream.script = ticking(over)
        gaps: list[float] = []
        loop = asyncio.get_running_loop()
        readers = [loop.create_task(read_gaps(p, gaps), name=f"stream {n}") for n in range(STREAMS)]
        await settled(upstream)
        async with bounded(p, lag_ms=200):
            gaps.clear()
            for exchange in ids:
                await rig.do(f"window.go('history', {exchange!r})")
                tabs = int(await shown(rig, exchange))
                for place in range(tabs):
                    await rig.do(f"window.current.detail.tabs.setCurrentIndex({place})")
                    await asyncio.sleep(0.15)
        over.set()
        await asyncio.gather(*readers)
        assert len(gaps) > 200
        assert max(gaps) < 0.3 + TICK_S, f"a stream stood still for {max(gaps) * 1000:.0f} ms"


async def shown(rig, exchange):
    script = f"panel = window.current.detail; say(panel.tabs.count() if panel.exchange_id == {exchange!r} else '')"
    async with asyncio.timeout(10):
        while not (count := await rig.do(script)):
            pass
    return count


def ticking(over):
    async def script(line, seen):
        events = ANTHROPIC.events("tick ", "tock")
        await line.send(head(200, "text/event-stream"))
        await line.send(*(chunk(event) for event in events[:2]))
        while not over.is_set():
            await line.send(chunk(events[2]))
            await asyncio.sleep(TICK_S)
        await line.send(*(chunk(event) for event in events[3:]), LAST)

    return script


async def read_gaps(p, gaps):
    client = await p.open(ANTHROPIC, p.body(ANTHROPIC, stream=True))
    async with client:
        await client.head()
        last = time.monotonic()
        while await client.chunk() is not None:
            now = time.monotonic()
            gaps.append(now - last)
            last = now


async def settled(upstream):
    async with asyncio.timeout(10):
        while upstream.open < STREAMS:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


@pytest.mark.parametrize("closing", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
@pytest.mark.timed
async def test_h18_it_starts_and_serves_without_streams_in_a_storm_of_warnings(
    data, rig, upstream, short_path, closing
):
    (rig.folder / "storm").write_text("10000")
    socket = status_socket(short_path)
    arguments = f"--data-dir {data} --headless --port 0 {closing}"
    process = await asyncio.create_subprocess_shell(
        f'exec "$PYTHON" -m app {arguments}',
        cwd=ROOT,
        env={**rig.environment, "PATCHBAY_STATUS_SOCKET": str(socket), "PYTHON": str(program_python())},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        p = Patchbay(await reached(data, process, rig), upstream, socket)
        log = data / "logs" / "patchbay.log"
        async with bounded(p, lag_ms=100):
            before = log.stat().st_size
            for _ in range(10):
                assert (await p.chat(ANTHROPIC)).status == 200
            await asyncio.sleep(0.5)
        assert log.stat().st_size - before < 100_000, "of a storm the log keeps a few lines"
        await alive(p)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def program_python():
    import sys

    return sys.executable


async def reached(data, process, rig):
    """The program once it listens, found by its lock: it has no streams to say it on."""
    from app.system.instance import read_holder
    from tests.e2e.program import Program

    async with asyncio.timeout(20):
        while not ((holder := read_holder(data / "lock")) and holder.proxy_port):
            assert process.returncode is None, f"ended with {process.returncode}"
            await asyncio.sleep(0.05)
    return Program(f"http://127.0.0.1:{holder.proxy_port}", data, process, environment=rig.environment)


async def test_h19_without_a_tray_the_window_is_there_and_a_late_tray_gets_the_icon(
    data,
    screen,
    bus,
):
    from tests.e2e.program import base_environment

    environment = base_environment(screen.environment | bus.environment)
    async with (
        tray_host(bus.address, visible=False) as host,
        launched(data, "--port", "0", environment=environment) as one,
    ):
        await asyncio.to_thread(screen.window, "Patchbay")
        assert (await one.ask())[0] == 200
        await host.appear()
        item = await host.item()
        assert "Quit" in (await item.menu()).labels
