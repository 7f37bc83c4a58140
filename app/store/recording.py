"""What one batch of events writes, inside one transaction; knows nothing of queues, threads or full disks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from app.domain.exchange import ExchangeEnd, ExchangeStart, Move, Sides
from app.domain.redact import Redactor
from app.domain.usage import Usage, UsageSource
from app.store import columns
from app.store.bodies import BodyWriter, Split, Stored
from app.store.counted import ADD_COUNTED, counted_values
from app.store.database import transaction
from app.store.hourly import Hourly
from app.store.intake import Counted, Ended, Event, Moved, Progressed, Started
from app.store.packing import (
    ANSWER,
    CLIENT_REQUEST,
    HeadPacker,
    masked,
    pack_attempts,
    pack_timeline,
    pack_trace,
    pack_words,
    sides_of,
)
from app.store.pricing import PriceOf, cost
from app.store.recent import Recent
from app.store.sealing import Sealing

_KNOWN_NAMES = 1_024
_INSERT_DETAIL = (
    "INSERT INTO exchange_detail (exchange, heads, attempts, dropped, timeline, account, trace) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_DELETE_DETAIL = "DELETE FROM exchange_detail WHERE exchange = ?"
_INSERT_SIDE = "INSERT INTO side (exchange, kind, size_bytes, sha256, block) VALUES (?, ?, ?, ?, ?)"
_OF_ROW = "SELECT seq, vendor, sent_model, started_us, provider FROM exchange WHERE id = ? AND usage_source = 'none'"


@dataclass(slots=True)
class _Running:
    seq: int
    start: ExchangeStart
    usage: Usage | None = None
    """The last counts so far, for an end that brings none."""
    moved: bool = False
    """It has a detail already, which its end replaces."""


class Recording:
    """Writes batches through one connection, remembering the exchanges that run. Writer's thread only."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        hourly: Hourly,
        *,
        split: Split,
        price: PriceOf,
        redactor: Callable[[], Redactor],
        boot: str,
        sealing: Sealing,
        now_us: Callable[[], int],
    ) -> None:
        self.connection = connection
        self.bodies = BodyWriter(connection, split, sealing, now_us)
        self.unindexed = True
        """There may be text that waits for the search index."""
        self._hourly = hourly
        self._price = price
        self._redactor = redactor
        self._boot = boot
        self._running: dict[str, _Running] = {}
        self._heads = HeadPacker()
        self._names: Recent[columns.Names, columns.Names] = Recent(_KNOWN_NAMES)
        self._masking: Redactor | None = None
        self._last_seq = 0
        self._version = 0
        self._look_again()

    def apply(self, batch: Sequence[Event]) -> None:
        """Write events in their order. Raises sqlite3.Error with nothing changed, in the file as in memory."""
        before = dict(self._running)
        redactor = self._redactor()
        if redactor is not self._masking:
            self._masking = redactor
            self._heads.forget()
            self._names.clear()
        try:
            with transaction(self.connection):
                self._notice_others()
                self._starts([event.start for event in batch if isinstance(event, Started)], redactor)
                self._moves([event for event in batch if isinstance(event, Moved)], redactor)
                self._progress([event for event in batch if isinstance(event, Progressed)])
                self._ends([event for event in batch if isinstance(event, Ended)], redactor)
                self._count([event for event in batch if isinstance(event, Counted)], redactor)
        except BaseException:
            self._running = before
            self.bodies.forget()
            self._hourly.reload()
            raise

    def _notice_others(self) -> None:
        """A command of the terminal may have deleted rows meanwhile: what is remembered of the file is then wrong."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._look_again()

    def _look_again(self) -> None:
        (self._version,) = self.connection.execute("PRAGMA data_version").fetchone()
        (last,) = self.connection.execute("SELECT coalesce(max(seq), 0) FROM exchange").fetchone()
        self._last_seq = max(last, self._last_seq)
        self.bodies.forget()
        self._hourly.reload()

    def adopt(self, other: Recording) -> None:
        """Take over what runs from a recording whose connection was lost; rows that are gone are written again."""
        redactor = self._redactor()
        with transaction(self.connection):
            for running in other._running.values():
                row = self.connection.execute("SELECT seq FROM exchange WHERE id = ?", (running.start.id,)).fetchone()
                if row is None:
                    self._starts([running.start], redactor)
                self._running[running.start.id] = _Running(
                    row[0] if row else self._last_seq, running.start, running.usage, running.moved
                )

    def warm(self, now_us: int) -> None:
        """Let the price list be loaded before the first row needs it: that takes a third of a second."""
        with suppress(Exception):
            self._price("", "", now_us, 0, "")

    def _starts(self, starts: Sequence[ExchangeStart], redactor: Redactor) -> None:
        rows = []
        for start in starts:
            self._last_seq += 1
            given = columns.names_of(start)
            names = self._names.get(given)
            if names is None:
                names = self._names[given] = columns.fit_names(given, redactor)
            rows.append(columns.start_values(start, self._last_seq, self._boot, names))
            self._running[start.id] = _Running(self._last_seq, start)
        if rows:
            self.connection.executemany(columns.INSERT_START, rows)
            self._hourly.arriving(self._summed(start.id for start in starts))  # the clock was set back

    def _moves(self, events: Sequence[Moved], redactor: Redactor) -> None:
        """What is asked elsewhere now: the row names who is, and its detail the attempts, should no end ever come."""
        for event in events:
            move, running = event.move, self._running.get(event.move.id)
            if running is None:
                continue
            start = columns.moved(running.start, move)
            # A new one, so that a batch that fails finds the former untouched.
            self._running[move.id] = replace(running, start=start, moved=True)
            summed = self._summed([move.id])
            self._hourly.leaving(summed)
            values = columns.moved_values(start, len(move.attempts), running.seq, redactor)
            self.connection.execute(columns.UPDATE_MOVED, values)
            self.connection.execute(_DELETE_DETAIL, (running.seq,))
            self.connection.execute(_INSERT_DETAIL, self._moving(running.seq, move, redactor))
            self._hourly.arriving(summed)

    def _progress(self, events: Sequence[Progressed]) -> None:
        rows = []
        for event in events:
            running = self._running.get(event.exchange_id)
            if running is not None and event.usage.source is not UsageSource.NONE:
                running.usage = _as_estimate(event.usage)
                rows.append((*columns.usage_values(running.usage), running.seq))
        if rows:
            summed = self._summed(event.exchange_id for event in events)
            self._hourly.leaving(summed)
            self.connection.executemany(columns.UPDATE_PROGRESS, rows)
            self._hourly.arriving(summed)

    def _summed(self, ids: Iterable[str]) -> list[int]:
        """Those of the running rows whose hour is in the sums already."""
        running = (self._running.get(one) for one in ids)
        return [one.seq for one in running if one is not None and one.start.started_us < self._hourly.upto_us]

    def _ends(self, events: Sequence[Ended], redactor: Redactor) -> None:
        self.bodies.use(redactor)
        summed = self._summed(event.end.id for event in events)
        self._hourly.leaving(summed)
        rows: list[tuple[Any, ...]] = []
        details: list[tuple[Any, ...]] = []
        sides: list[tuple[Any, ...]] = []
        late: list[ExchangeEnd] = []
        moved: list[tuple[Any, ...]] = []
        replaced: list[tuple[int]] = []
        for event in events:
            end = event.end
            running = self._running.pop(end.id, None)
            if running is None:
                late.append(end)
                continue
            start = columns.moved(running.start, end)
            if start is not running.start:
                running.start = start
                moved.append(columns.moved_values(start, len(end.attempts), running.seq, redactor))
            usage = running.usage if running.usage and end.usage.source is UsageSource.NONE else end.usage
            paid = cost(self._price, start.vendor, start.sent_model, start.started_us, usage, start.provider)
            rows.append(columns.end_values(running.seq, end, usage, paid, redactor))
            replaced += [(running.seq,)] if running.moved else []
            details.append(self._detail(running.seq, end, redactor))
            sides += self._sides(running, event, redactor)
        if moved:
            self.connection.executemany(columns.UPDATE_MOVED, moved)
        if rows:
            self.connection.executemany(columns.UPDATE_END, rows)
            self.unindexed |= self.bodies.flush()
            if replaced:
                self.connection.executemany(_DELETE_DETAIL, replaced)
            self.connection.executemany(_INSERT_DETAIL, details)
            self.connection.executemany(_INSERT_SIDE, sides)
        self._hourly.arriving(summed)
        for end in late:
            self._late(end)

    def _count(self, events: Sequence[Counted], redactor: Redactor) -> None:
        for event in events:
            start, end = columns.moved(event.start, event.end), event.end
            paid = cost(self._price, start.vendor, start.sent_model, start.started_us, end.usage, start.provider)
            provider = masked(columns.clean(start.provider), redactor)
            self.connection.execute(ADD_COUNTED, counted_values(start.started_us, provider, end, paid))

    def _detail(self, seq: int, end: ExchangeEnd, redactor: Redactor) -> tuple[Any, ...]:
        return (
            seq,
            self._heads.pack(end.sides, redactor),
            pack_attempts(end.attempts, redactor),
            columns.clean(pack_words(end.dropped), limit=64 * 1024),
            pack_timeline(end.timeline),
            masked(columns.clean(end.account), redactor),
            columns.clean(pack_trace(end.trace, redactor), limit=64 * 1024),
        )

    def _moving(self, seq: int, move: Move, redactor: Redactor) -> tuple[Any, ...]:
        return (
            seq,
            self._heads.pack(Sides(), redactor),
            pack_attempts(move.attempts, redactor),
            "",
            pack_timeline(()),
            masked(columns.clean(move.account), redactor),
            columns.clean(pack_trace(move.trace, redactor), limit=64 * 1024),
        )

    def _sides(self, running: _Running, event: Ended, redactor: Redactor) -> list[tuple[Any, ...]]:
        if event.side_sizes is not None:
            return [(running.seq, kind, size, None, None) for kind, size in enumerate(event.side_sizes) if size]
        end, start = event.end, running.start
        dialects = (start.client_dialect, start.upstream_dialect, "", "")
        stored: dict[int, Stored] = {}
        rows = []
        for kind, (side, dialect) in enumerate(zip(sides_of(end.sides), dialects, strict=True)):
            if not any(side.body):
                continue
            body = stored.get(id(side.body))
            if body is None:
                body = self.bodies.body(side.body, dialect, searched=kind == CLIENT_REQUEST)
                stored[id(side.body)] = body
            rows.append((running.seq, kind, body.size_bytes, body.sha256, body.block))
        if end.answer:
            answer = self.bodies.text(end.answer)
            rows.append((running.seq, ANSWER, answer.size_bytes, None, answer.block))
        return rows

    def _late(self, end: ExchangeEnd) -> None:
        """An end after the first one: the state stays, and only counts that are missing are filled."""
        if end.usage.source is UsageSource.NONE:
            return
        row = self.connection.execute(_OF_ROW, (end.id,)).fetchone()
        if row is not None:
            seq, vendor, model, started_us, provider = row
            paid = cost(self._price, vendor, model, started_us, end.usage, provider)
            values = (*columns.usage_values(end.usage), *columns.cost_values(paid), end.id)
            self._hourly.leaving([seq])
            self.connection.execute(columns.UPDATE_LATE_USAGE, values)
            self._hourly.arriving([seq])


def _as_estimate(usage: Usage) -> Usage:
    return replace(usage, source=UsageSource.ESTIMATED)
