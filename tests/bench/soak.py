"""Runs the program for a long while under steady traffic with faults, and watches what grows.

    python -m tests.bench.soak [--minutes 10] [--rate 20] [--streams 50] [--faults 0.1]

Twenty requests a second and fifty streams that stay open; a tenth of everything goes wrong on one side or the other.
Passes if memory grows by less than a mebibyte a minute after the second minute, descriptors and tasks stay flat, the
95th percentile of what the program adds stays below 20 ms, and its log holds no traceback.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from app.loop import run_headless
from tests.acceptance.program import QUICK, Figures, Patchbay, started
from tests.fakes.scripted import LAST, Line, Script, Seen, chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT, PAIRS, Wire

SAMPLE_S = 5.0
SETTLED_S = 120.0
LIMITS = {**QUICK, "max_in_flight": 256, "max_in_flight_per_key": 256, "max_in_flight_per_provider": 256}
LIMITS |= {"max_stream_s": 60, "idle_s": 3, "first_byte_s": 3, "reply_total_s": 6, "write_stall_s": 3}
MOST_MIB_PER_MINUTE = 1.0
MOST_ADDED_MS = 20.0
FAULTS = ("reset", "close", "stall", "error", "limit", "garbage", "leave", "busy")


@dataclass
class Told:
    """What happened so far."""

    began_s: float = field(default_factory=time.monotonic)
    samples: list[tuple[float, Figures]] = field(default_factory=list)
    added_ms: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def speaks(seen: Seen) -> Wire:
    return ANTHROPIC if "/v1/messages" in seen.line else CHAT


def upstream(share: float, chance: random.Random) -> Script:
    """A script that answers well but for a share of the requests."""

    async def script(line: Line, seen: Seen) -> None:
        fault = chance.choice(FAULTS) if chance.random() < share else ""
        answer = streamed if b'"stream":true' in seen.body.replace(b" ", b"") else undivided
        await answer(line, seen, fault)

    return script


async def undivided(line: Line, seen: Seen, fault: str) -> None:
    """A whole answer, or what goes wrong with one."""
    wire = speaks(seen)
    match fault:
        case "error":
            await whole(wire.error("no", "api_error"), status=500)(line, seen)
        case "busy":
            await whole(wire.error("no", "rate_limit_error"), "Retry-After: 1", status=429)(line, seen)
        case "limit":
            await line.limit(head(200, "application/json", length=500) + wire.whole(), 150)
        case "reset":
            line.reset()
        case "stall":
            await line.stall()
        case _:
            await whole(wire.whole())(line, seen)


async def streamed(line: Line, seen: Seen, fault: str) -> None:
    """A stream, or half of one and what goes wrong then."""
    events = speaks(seen).events(*(f"word{number} " for number in range(12)))
    pause_s = 0.25 if b"slow" in seen.body else 0.001
    await line.send(head(200, "text/event-stream"))
    for event in events[: len(events) // 2] if fault else events:
        await line.delay(pause_s, chunk(event))
    match fault:
        case "":
            await line.send(LAST)
        case "reset":
            line.reset()
        case "stall":
            await line.stall()
        case "garbage":
            await line.send(chunk(b"data: {broken\n\n"), LAST)
        case _:
            line.close()


async def one(p: Patchbay, told: Told, chance: random.Random, share: float, *, slow: bool) -> None:
    """One request of any road; now and then its client leaves in the middle."""
    client, spoken = chance.choice(PAIRS)
    streaming = slow or chance.random() < 0.5
    text = "slow" if slow else "quick"
    body = p.body(client, spoken, stream=streaming, messages=[{"role": "user", "content": text}])
    leaves = chance.random() < share / 2
    began = time.monotonic()
    try:
        async with asyncio.timeout(90):
            raw = await p.open(client, body)
            try:
                if leaves:
                    await asyncio.sleep(chance.random() / 4)
                    told.outcomes["left"] += 1
                    return
                reply = await raw.reply()
            finally:
                await raw.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        told.outcomes[type(error).__name__] += 1
        return
    told.outcomes[str(reply.status) if reply.complete else "cut"] += 1
    if not streaming and reply.status == 200:
        told.added_ms.append((time.monotonic() - began) * 1000)


async def steady(p: Patchbay, told: Told, options: argparse.Namespace, chance: random.Random) -> None:
    """So many requests a second until the time is over."""
    running: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    while time.monotonic() - told.began_s < options.minutes * 60:
        task = loop.create_task(one(p, told, chance, options.faults, slow=False), name="request")
        running.add(task)
        task.add_done_callback(running.discard)
        due_s += 1 / options.rate
        await asyncio.sleep(max(0.0, due_s - loop.time()))
    await asyncio.gather(*running)


async def stay(p: Patchbay, told: Told, options: argparse.Namespace, chance: random.Random) -> None:
    """One of the streams that stay open; a new one follows each."""
    while time.monotonic() - told.began_s < options.minutes * 60:
        await one(p, told, chance, options.faults, slow=True)


async def sample(p: Patchbay, told: Told) -> None:
    """The figures every few seconds."""
    while True:
        told.samples.append((time.monotonic() - told.began_s, await p.figures()))
        at_s, now = told.samples[-1]
        print(
            f"{at_s:6.0f} s  rss {now.rss_mb:6.1f} MB  peak {now.peak_rss_mb:6.1f}"
            f"  fds {now.fds:4}  tasks {now.tasks:4}"
            f"  connections {now.connections:4}  lag {now.max_lag_ms:5.1f} ms  {dict(told.outcomes)}",
            flush=True,
        )
        await asyncio.sleep(SAMPLE_S)


def slope_mib_per_minute(told: Told) -> float:
    """How memory grows once it has settled; over the second half of a run that is shorter than that."""
    last_s = told.samples[-1][0]
    begin_s = SETTLED_S if last_s > 2 * SETTLED_S else last_s / 2
    points = [(at_s / 60, now.rss_mb) for at_s, now in told.samples if at_s >= begin_s]
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 2 else 0.0


def verdict(told: Told, log: str, at_rest: tuple[Figures, Figures]) -> list[str]:
    """What is wrong; empty where nothing is."""
    before, after = at_rest
    wrong = []
    slope = slope_mib_per_minute(told)
    added = statistics.quantiles(told.added_ms, n=20)[-1] if len(told.added_ms) > 20 else 0.0
    print(
        f"\nmemory {slope:+.2f} MB a minute, whole answers p95 {added:.1f} ms, {sum(told.outcomes.values()):,} requests"
    )
    print(f"at rest: fds {before.fds} -> {after.fds}, tasks {before.tasks} -> {after.tasks}, rejected {after.rejected}")
    if slope > MOST_MIB_PER_MINUTE and told.samples[-1][0] > 2 * SETTLED_S:  # a shorter run is still warming up
        wrong.append("memory grows")
    if added > MOST_ADDED_MS:
        wrong.append("answers are slow")
    if after.fds > before.fds + 8 or after.tasks > before.tasks + 4:
        wrong.append("something stays open")
    if "Traceback" in log:
        wrong.append("the log holds a traceback")
    if "500" in told.outcomes and "failed inside Patchbay" in log:
        wrong.append("a request failed inside")
    return wrong


async def soak(options: argparse.Namespace) -> int:
    """Run it; the exit code."""
    chance = random.Random(options.seed)
    async with started(LIMITS) as p:
        p.upstream.script = upstream(options.faults, chance)
        await p.chat(ANTHROPIC)
        before = await p.figures()
        told = Told()
        loop = asyncio.get_running_loop()
        sampling = loop.create_task(sample(p, told), name="sample")
        streams = [loop.create_task(stay(p, told, options, chance), name="stream") for _ in range(options.streams)]
        await asyncio.gather(steady(p, told, options, chance), *streams)
        sampling.cancel()
        await p.hang_up()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):
                while (await p.figures()).connections:
                    await asyncio.sleep(0.1)
        after = await p.figures()
        log = (p.data_dir / "logs" / "patchbay.log").read_text("utf-8")
        wrong = verdict(told, log, (before, after))
    print("passed" if not wrong else f"FAILED: {', '.join(wrong)}")
    return 1 if wrong else 0


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--streams", type=int, default=50, help="streams that stay open beside them")
    parser.add_argument("--faults", type=float, default=0.1, help="share of what goes wrong")
    parser.add_argument("--seed", type=int, default=1)
    return run_headless(soak(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
