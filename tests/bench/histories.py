"""Measures the history: how much room agents' work takes on the disk, and how long questions to it take.

    python -m tests.bench.histories size [--sessions 500] [--turns 60]
    python -m tests.bench.histories questions [--rows 1000000] [--bodies 100000] [--plans]

"size" records sessions of a coding agent, each turn sending the whole conversation again, and compares the file with
the bytes that went over the wire. "questions" fills a file with rows and asks what the window asks.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.boot import split, texts
from app.domain.exchange import ExchangeEnd, ExchangeStart, Filter, State
from app.store import opening, search
from app.store.database import transaction
from app.store.intake import Ended, Started
from app.store.queries.reader import HistoryReader
from tests.bench import agents, rows
from tests.fakes import exchanges
from tests.fakes.exchanges import NOW_US, exchange_id

BATCH = 8


def opened_at(path: Path) -> opening.OpenedHistory:
    """A history in this thread, cut and read as the program does."""
    told = exchanges.injected(split=split, texts=texts)
    opening.prepare(path, NOW_US, told)
    return opening.reopen(path, NOW_US, told, damaged=False)


def index(connection: sqlite3.Connection) -> None:
    """Index every text that waits."""
    more = 1
    while more:
        with transaction(connection):
            more = search.index(connection, texts)


def batches(count: int, turns: int) -> Iterator[list[tuple[ExchangeStart, ExchangeEnd]]]:
    """The exchanges of the sessions, in groups as the writer takes them."""
    batch = []
    for exchange in agents.sessions(count, turns):
        batch.append(exchange)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def measure_size(folder: Path, count: int, turns: int) -> None:
    """Record and compare with the bodies as they were on the wire, each once, uncompressed."""
    path = folder / "history.db"
    opened = opened_at(path)
    wire_bytes = number = 0
    took_s = 0.0
    nobody: Any = None
    for batch in batches(count, turns):
        number += len(batch)
        wire_bytes += sum(last.request_bytes + last.reply_bytes for _, last in batch)
        began_s = time.thread_time()
        opened.recording.apply([Started(first, nobody) for first, _ in batch])
        opened.recording.apply([Ended(last, 0) for _, last in batch])
        took_s += time.thread_time() - began_s
    connection = opened.recording.connection
    index(connection)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    print(f"{number:,} exchanges, {wire_bytes / 1e6:,.0f} MB on the wire, {size / 1e6:,.1f} MB on disk", end="")
    print(f" ({size / wire_bytes:.2%}); writer {took_s / number * 1e6:,.0f} us of its thread each")
    for name, taken in connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 8"):
        print(f"  {name:24.24} {taken / 1e6:9.1f} MB")
    opened.close()


def questions(reader: HistoryReader, count: int, until_us: int) -> dict[str, Callable[[], object]]:
    """What the window asks, by name."""
    middle = (until_us - rows.DAYS * rows.DAY_US // 2, exchange_id(count // 2))
    day_us = until_us - rows.DAY_US
    ask = reader.page
    return {
        "page": lambda: ask(Filter()),
        "page in the middle": lambda: ask(Filter(), before=middle),
        "page of a provider": lambda: ask(Filter(providers=("OpenAI",))),
        "page of a rare provider": lambda: ask(Filter(providers=("Rare",))),
        "page of a rare model": lambda: ask(Filter(models=("rare-model",))),
        "page of a provider that is not there": lambda: ask(Filter(providers=("None",))),
        "page of failed ones": lambda: ask(Filter(states=(State.FAILED,))),
        "page of rare failed ones": lambda: ask(Filter(states=(State.FAILED,), providers=("Rare",))),
        "page of cancelled ones": lambda: ask(Filter(states=(State.CANCELLED,))),
        "page of a session": lambda: ask(Filter(session_id="session-777")),
        "page of a day": lambda: ask(Filter(since_us=day_us)),
        "count": lambda: reader.count(Filter()),
        "count of a rare provider": lambda: reader.count(Filter(providers=("Rare",))),
        "totals": lambda: reader.totals(Filter()),
        "totals of a day": lambda: reader.totals(Filter(since_us=day_us)),
        "totals of a provider": lambda: reader.totals(Filter(providers=("OpenAI",))),
        "a day's chart": lambda: reader.hours(day_us),
        "30 days' chart": lambda: reader.hours(until_us - 30 * rows.DAY_US),
        "facets": reader.facets,
        "detail": lambda: reader.detail(exchange_id(count)),
        "search for one": lambda: ask(Filter(search=f"number{count - 5_000}")),
        "search for an old one": lambda: ask(Filter(search="turn49 gamma")),
        "search for many": lambda: ask(Filter(search="alpha beta")),
        "search for all": lambda: ask(Filter(search='"helpful agent"')),
        "search for nothing": lambda: ask(Filter(search="zzz")),
        "search within a provider": lambda: ask(Filter(search="alpha", providers=("Rare",))),
        "count of a search": lambda: reader.count(Filter(search="gamma helpful")),
    }


def measure_questions(folder: Path, count: int, bodies: int) -> None:
    """Fill and ask; each question twice, the shorter one counts, because the first one reads the file."""
    path = folder / "history.db"
    opened = opened_at(path)
    connection = opened.recording.connection
    began_s = time.perf_counter()
    rows.fill(connection, count, bodies, NOW_US)
    index(connection)
    while opened.hourly.step(NOW_US):
        pass
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"{count:,} rows, {bodies:,} with bodies, {path.stat().st_size / 1e6:,.0f} MB, ", end="")
    print(
        f"filled in {time.perf_counter() - began_s:.0f} s\n\n"
        "| question | first, ms | again, ms | found |\n|---|---|---|---|"
    )
    for name, question in questions(HistoryReader(path, texts=texts), count, NOW_US).items():
        took = []
        for _ in range(3):
            began_s = time.perf_counter()
            answer = question()
            took.append((time.perf_counter() - began_s) * 1e3)
        found = len(answer) if isinstance(answer, tuple) else answer if isinstance(answer, int) else ""
        print(f"| {name} | {took[0]:.1f} | {min(took):.1f} | {found} |", flush=True)
    opened.close()


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    size = what.add_parser("size")
    size.add_argument("--sessions", type=int, default=500)
    size.add_argument("--turns", type=int, default=60)
    asked = what.add_parser("questions")
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--bodies", type=int, default=100_000)
    mine = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if mine.what == "size":
            measure_size(Path(folder), mine.sessions, mine.turns)
        else:
            measure_questions(Path(folder), mine.rows, mine.bodies)


if __name__ == "__main__":
    main()
