from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.domain.exchange import ExchangeEnd, ExchangeStart
from app.store import opening, search
from app.store.intake import Ended, Event, Progressed, Started
from app.store.opening import Injected, OpenedHistory
from app.store.queries.reader import HistoryReader
from tests.fakes import exchanges


class _Nobody:
    """A future that nobody waits for, with its loop in one."""

    def get_loop(self):
        return self

    def call_soon_threadsafe(self, *_call):
        pass


NOBODY: Any = _Nobody()


class Store:
    """A history in the test's own thread: what is recorded here is in the file when the call returns."""

    def __init__(self, path: Path, injected: Injected) -> None:
        self.path = path
        self.injected = injected
        self.reader = HistoryReader(path, texts=injected.texts)
        self.notices = opening.prepare(path, exchanges.NOW_US, injected)
        self.opened: OpenedHistory = opening.reopen(path, exchanges.NOW_US, injected, damaged=False)

    @property
    def connection(self):
        return self.opened.recording.connection

    def record(self, *events: ExchangeStart | ExchangeEnd | Progressed | Ended) -> None:
        self.opened.recording.apply([_event(event) for event in events])

    def exchange(self, number: int = 1, *, start: dict[str, Any] | None = None, **end: Any) -> None:
        self.record(exchanges.start(number, **(start or {})), exchanges.end(number, **end))

    def index(self) -> int:
        indexed = 0
        self.connection.execute("BEGIN IMMEDIATE")
        while found := search.index(self.connection, self.injected.texts):
            indexed += found
        self.connection.execute("COMMIT")
        return indexed

    def retain(self, *, budget_bytes: int = 0, keep_days: int = 0, now_us: int = exchanges.NOW_US) -> int:
        """Steps until nothing is left to do; how many."""
        self.opened.retention.limit(budget_bytes, keep_days)
        steps = 0
        while self.opened.retention.step(now_us):
            steps += 1
        self.opened.recording.bodies.forget()
        return steps

    def count(self, table: str) -> int:
        return self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def check(self) -> None:
        """The file is whole, the search index belongs to its blocks, and nothing is left that nobody refers to."""
        assert self.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert self.connection.execute("PRAGMA foreign_key_check").fetchall() == []
        self.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        orphans = (
            "SELECT id FROM block WHERE NOT EXISTS (SELECT 1 FROM side WHERE side.block = block.id) "
            "AND NOT EXISTS (SELECT 1 FROM link WHERE link.child = block.id)"
        )
        assert self.connection.execute(orphans).fetchall() == []
        dangling = "SELECT child FROM link WHERE child NOT IN (SELECT id FROM block)"
        assert self.connection.execute(dangling).fetchall() == []

    def close(self) -> None:
        self.opened.close()


def _event(event: ExchangeStart | ExchangeEnd | Event) -> Event:
    if isinstance(event, ExchangeStart):
        return Started(event, NOBODY)
    return Ended(event, 0) if isinstance(event, ExchangeEnd) else event


@pytest.fixture
def make_store(tmp_path) -> Generator[Any]:
    made: list[Store] = []

    def make(path: Path = tmp_path / "history.db", **injected: Any) -> Store:
        made.append(Store(path, exchanges.injected(**injected)))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store) -> Store:
    return make_store()


def blocks_of(store: Store) -> Sequence[bytes]:
    from app.store.blocks import decode

    rows = store.connection.execute("SELECT codec, data FROM block WHERE codec <> 2 ORDER BY id")
    return [decode(codec, data) for codec, data in rows]
