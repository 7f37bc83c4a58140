"""Measures what recording an exchange costs: the writer's CPU time, and how long a start waits for its row.

    python -m tests.bench.recorder [--exchanges N]

The proxy pays for the writer's time, because one interpreter lock serves both. "Repeated" are exchanges whose bodies
were seen before, as in a load test; "new" ones bring a reply of their own, as in life.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain.exchange import Side, Sides
from app.domain.redact import Redactor
from app.store import opening
from app.store.history import History
from app.store.intake import Ended, Started
from tests.fakes import exchanges
from tests.fakes.clock import HandClock
from tests.fakes.exchanges import NOW_US, end, start

KEYS = ("topsecret-0123456789", "another-secret-0123456789", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz")
ASKED = tuple((f"x-stainless-{number}", f"value {number}") for number in range(12))
ANSWERED = tuple((f"x-ratelimit-{number}", str(number * 1_000)) for number in range(10))
REQUEST = json.dumps({"model": "claude", "messages": [{"role": "user", "content": "Say hello to the world. " * 4}]})
EVENT = 'event: content_block_delta\ndata: {{"type":"content_block_delta","delta":{{"text":"word {}"}}}}\n\n'
REPLY = tuple(EVENT.format(number).encode() for number in range(30))


def exchange(number: int, *, new: bool) -> tuple[Any, Any]:
    """A small streamed exchange, converted on its way, with 12 headers a side."""
    reply = (*REPLY, b"data: %d\n\n" % number) if new else REPLY
    request = Side(ASKED, (REQUEST.encode(),), "POST /v1/messages")
    converted = replace(request, body=(REQUEST.encode() + b" ",))
    answered = Side(ANSWERED, reply, "200 OK")
    sides = Sides(request, converted, answered, answered)
    timeline = tuple((step * 10, 100) for step in range(30))
    answer = f"The answer is {number if new else 42}."
    return start(number), end(number, sides=sides, answer=answer, timeline=timeline)


def told(**values: Any) -> opening.Injected:
    redactor = Redactor(KEYS)
    return exchanges.injected(redactor=lambda: redactor, **values)


def writer_cpu_us(folder: Path, count: int, batch: int, *, new: bool) -> float:
    """CPU time of the writer's work for one exchange, start and end together, in batches of that many."""
    path = folder / "history.db"
    opening.prepare(path, NOW_US, told())
    opened = opening.reopen(path, NOW_US, told(), damaged=False)
    given = [exchange(number, new=new) for number in range(count)]
    nobody: Any = None
    began_s = time.thread_time()
    for at in range(0, count, batch):
        part = given[at : at + batch]
        events = [Started(first, nobody) for first, _ in part], [Ended(last, 0) for _, last in part]
        for half in events:
            opened.recording.apply(half)
    took_s = time.thread_time() - began_s
    opened.close()
    return took_s / count * 1e6


async def waits_ms(folder: Path, count: int, clients: int) -> list[float]:
    """How long each start waited for its row, with so many clients at once."""
    known = told()
    history = History(
        folder / "history.db",
        clock=HandClock(NOW_US),
        split=known.split,
        texts=known.texts,
        price=known.price,
        redactor=known.redactor,
        budget_bytes=0,
        keep_days=0,
    )
    await asyncio.to_thread(history.open)
    await history.start(start(count))
    numbers = iter(range(count))
    waited: list[float] = []

    async def client() -> None:
        for number in numbers:
            first, last = exchange(number, new=True)
            began_s = time.perf_counter()
            await history.start(first)
            waited.append((time.perf_counter() - began_s) * 1e3)
            history.finish(last)

    await asyncio.gather(*(client() for _ in range(clients)))
    await asyncio.to_thread(history.close, 30)
    return sorted(waited)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exchanges", type=int, default=2_000)
    count = parser.parse_args().exchanges
    print("| exchanges | in a batch | writer's CPU, µs each |\n|---|---|---|")
    for new in (False, True):
        for batch in (1, 8, 64, 256):
            with tempfile.TemporaryDirectory() as folder:
                cpu_us = writer_cpu_us(Path(folder), count, batch, new=new)
            print(f"| {'new' if new else 'repeated'} | {batch} | {cpu_us:.0f} |")
    print("\n| clients | a start waits, ms: p50 | p99 |\n|---|---|---|")
    for clients in (1, 8, 50):
        with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
            waited = runner.run(waits_ms(Path(folder), count, clients))
        print(f"| {clients} | {waited[count // 2]:.2f} | {waited[count * 99 // 100]:.2f} |")


if __name__ == "__main__":
    main()
