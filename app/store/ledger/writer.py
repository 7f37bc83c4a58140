"""The thread that writes holds and sums: many at once, in their order, each group with one flush to the disk.

A hold is waited for; what replaces it is written behind. What the disk did not take is kept and written as soon as it
does: the next hold tries at once, and a clock does where none comes.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from peewee import PeeweeException, SqliteDatabase

from app.store.database import connection_of, state_database, transaction
from app.store.ledger.file import Balance

log = logging.getLogger(__name__)

MOST_AT_ONCE = 512
LINGER_S = 0.05
"""How long sums wait for company; a hold never does."""
RETRY_S = 1.0

_HOLD = "INSERT OR REPLACE INTO hold (id, budget, begins_us, amount) VALUES (?, ?, ?, ?)"
_DROP = "DELETE FROM hold WHERE id = ?"
_KEEP = (
    "INSERT INTO balance (budget, begins_us, ends_us, used, assumed, seeded, unpriced, warned) "
    "SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM budget WHERE id = ?) "
    "ON CONFLICT DO UPDATE SET used = excluded.used, assumed = excluded.assumed, seeded = excluded.seeded, "
    "unpriced = excluded.unpriced, warned = excluded.warned"
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a request may use: (budget, begin of its period, amount) for each budget it touches."""

    hold: int
    lines: tuple[tuple[str, int, int], ...]
    written: asyncio.Future[bool]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Kept:
    """What budgets have counted by now, and the hold that is thereby over."""

    balances: tuple[tuple[str, Balance], ...]
    hold: int = 0
    """0 is none."""


class LedgerWriter:
    """Writes to a `state.db` that is there already; the thread begins with the first write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[Held | Kept | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._database: SqliteDatabase | None = None
        self._balances: dict[tuple[str, int], Balance] = {}
        """What the disk has not taken yet; the newest of each."""
        self._over: dict[int, None] = {}
        """Holds that are over, likewise."""
        self._closing = False
        self.problem = ""
        """Why the last write failed, in words; empty where it did not."""

    # --- the loop's thread ----------------------------------------------------------------------------------------
    def hold(self, hold: int, lines: tuple[tuple[str, int, int], ...]) -> asyncio.Future[bool]:
        """Write a hold; resolves True once it is on the disk, False where the disk does not take it."""
        loop = asyncio.get_running_loop()
        written: asyncio.Future[bool] = loop.create_future()
        self._give(Held(hold, lines, written, loop))
        return written

    def keep(self, balances: tuple[tuple[str, Balance], ...], *, over: int = 0) -> None:
        """Write sums soon, and that a hold is over; returns at once."""
        self._give(Kept(balances, over))

    def close(self, timeout_s: float) -> bool:
        """Write what is there and end. False: not in time, or the disk does not take it. Blocks."""
        if self._thread is None:
            return True
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and not self._unwritten

    def _give(self, item: Held | Kept) -> None:
        self._queue.put(item)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
            self._thread.start()

    # --- the writer's thread --------------------------------------------------------------------------------------
    @property
    def _unwritten(self) -> bool:
        return bool(self._balances or self._over)

    def _run(self) -> None:
        while not self._closing:
            held = self._gather()
            if held or self._unwritten:
                self._answer(held, written=self._commit(held))
        self._disconnect()

    def _gather(self) -> list[Held]:
        """Wait for something to write and take what else is there; a group without holds waits for company."""
        held: list[Held] = []
        due_s = 0.0
        for _ in range(MOST_AT_ONCE):
            wait_s = 0.0 if held or self._closing else due_s - time.monotonic() if due_s else self._patience_s()
            try:
                item = self._queue.get(timeout=wait_s) if wait_s is None or wait_s > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._closing = True
            elif isinstance(item, Held):
                held.append(item)
            else:
                self._take(item)
                due_s = due_s or time.monotonic() + LINGER_S
        return held

    def _patience_s(self) -> float | None:
        return RETRY_S if self._unwritten else None

    def _take(self, kept: Kept) -> None:
        for budget, balance in kept.balances:
            self._balances[budget, balance.begins_us] = balance
        if kept.hold:
            self._over[kept.hold] = None

    def _commit(self, held: list[Held]) -> bool:
        try:
            connection = self._connect()
            with transaction(connection):
                connection.executemany(_HOLD, [(one.hold, *line) for one in held for line in one.lines])
                connection.executemany(_DROP, [(hold,) for hold in self._over])
                connection.executemany(_KEEP, [_values(*item) for item in self._balances.items()])
        except (PeeweeException, sqlite3.Error, OSError) as error:
            if not self.problem:
                log.error("the account of budgets cannot be written: %s", error)  # noqa: TRY400 (no fault of the code)
            self.problem = str(error) or type(error).__name__
            self._disconnect()
            return False
        if self.problem:
            log.info("the account of budgets is written again")
        self.problem = ""
        self._balances.clear()
        self._over.clear()
        return True

    def _connect(self) -> sqlite3.Connection:
        if self._database is None:
            database = state_database(self._path)
            database.connect()
            self._database = database
        return connection_of(self._database)

    def _disconnect(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(PeeweeException, sqlite3.Error):
                database.close()

    @staticmethod
    def _answer(held: list[Held], *, written: bool) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[bool]]] = {}
        for one in held:
            by_loop.setdefault(one.loop, []).append(one.written)
        for loop, futures in by_loop.items():
            with suppress(RuntimeError):  # the loop is closed, and nobody waits
                loop.call_soon_threadsafe(_resolve, futures, written)


def _resolve(futures: list[asyncio.Future[bool]], written: bool) -> None:  # noqa: FBT001 (call_soon passes no names)
    for future in futures:
        if not future.done():
            future.set_result(written)


def _values(key: tuple[str, int], balance: Balance) -> tuple[object, ...]:
    budget, begins_us = key
    sums = (balance.used, balance.assumed, balance.seeded, balance.unpriced, balance.warned)
    return (budget, begins_us, balance.ends_us, *sums, budget)
