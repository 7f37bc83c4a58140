"""Writing batches through trouble: down two steps, and up again as soon as the file can be written.

    HEALTHY  everything is written
    BODIES   rows are written without their bodies (the disk is full)
    ROWS     nothing is written; events wait, with or without their bodies, until it can be

A fault of one event costs that event; a damaged file is moved aside and the events go into a new one.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Protocol

from app.domain.exchange import Sides
from app.store.conversion import Conversion
from app.store.hourly import Hourly
from app.store.intake import Ended, Event, Started, acknowledge, without_bodies
from app.store.recording import Recording
from app.store.retention import Retention
from app.store.trouble import Trouble, retry_after_s, trouble_of

log = logging.getLogger(__name__)

MAX_BATCH = 256
NO_SIDES = Sides()
_REPLACE_AGAIN_S = 60.0


class Step(IntEnum):
    """How far down."""

    HEALTHY = 0
    BODIES = 1
    ROWS = 2


class Opened(Protocol):
    """A history that is open for writing."""

    recording: Recording
    retention: Retention
    hourly: Hourly
    conversion: Conversion

    def close(self) -> None:
        """Close its connection; never raises."""


class Ladder:
    """Writes events and keeps what cannot be written yet. Writer's thread only; two fields may be read anywhere."""

    def __init__(
        self,
        reopen: Callable[[bool], Opened],
        *,
        done: Callable[[int, int], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`reopen(damaged)` opens the file, moved aside before if damaged; `done(events, body bytes)` hears of room."""
        self.step = Step.HEALTHY
        self.degraded = ""
        """Why the record is degraded, in words; empty when it is not."""
        self.rows_lost = 0
        self.bodies_lost = 0
        self.backlog: list[Event] = []
        self.opened: Opened | None = None
        self._reopen = reopen
        self._done = done
        self._clock_s = clock_s
        self._recording: Recording | None = None
        """The last one that worked: it knows what runs."""
        self._since_s = 0.0
        self._retry_at_s = 0.0
        self._replaced_at_s = -_REPLACE_AGAIN_S
        self._replaced = ""

    def write(self, events: Sequence[Event], *, at_once: bool = False) -> bool:
        """Write events behind those that wait; whether all of them are in the file now."""
        self.backlog += events
        if self.step is Step.ROWS and not at_once and self.retry_in_s() > 0:
            return False
        waiting, self.backlog = self.backlog, []
        while waiting:
            batch, waiting = waiting[:MAX_BATCH], waiting[MAX_BATCH:]
            left = self._store(batch)
            if left:
                self.backlog = [*left, *waiting]
                return False
        return True

    def open(self) -> None:
        """Open the file before the first event comes."""
        if (error := self._attempt([])) is not None:
            self._down(Step.ROWS, trouble_of(error), error)

    def retry_in_s(self) -> float:
        """When the next try is due."""
        return max(self._retry_at_s - self._clock_s(), 0.0)

    def close(self) -> None:
        """Close the file; never raises."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    def _store(self, events: list[Event]) -> list[Event]:
        """Write a batch; what is left has to be tried again."""
        bare = self.step is Step.BODIES and self.retry_in_s() > 0
        events = self._shed(events) if bare else events
        error = self._attempt(events)
        if error is None:
            if not bare:
                self._up()
            self._written(events)
            return []
        trouble = trouble_of(error)
        if trouble is Trouble.POISON:
            return self._isolate(events, error)
        if trouble is Trouble.DAMAGED and self._replace():
            return self._store(events)
        if trouble.rows_may_pass:
            events = self._shed(events)
            if self._attempt(events) is None:
                self._down(Step.BODIES, trouble, error)
                self._written(events)
                return []
        self._down(Step.ROWS, trouble, error)
        return events

    def _attempt(self, events: Sequence[Event]) -> Exception | None:
        try:
            opened = self.opened or self._open(damaged=False)
            opened.recording.apply(events)
        except Exception as error:  # noqa: BLE001 (sorted by the caller; the thread must not die of one event)
            return error
        return None

    def _open(self, *, damaged: bool) -> Opened:
        opened = self._reopen(damaged)
        try:
            if self._recording is not None:
                opened.recording.adopt(self._recording)
        except Exception:
            opened.close()
            raise
        self.opened, self._recording = opened, opened.recording
        return opened

    def _written(self, events: Sequence[Event]) -> None:
        self._done(len(events), sum(event.body_bytes for event in events if isinstance(event, Ended)))

    def _shed(self, events: Sequence[Event]) -> list[Event]:
        """The events without their bodies, whose room is given back and whose loss is counted."""
        shed: list[Event] = []
        for event in events:
            if isinstance(event, Ended) and event.side_sizes is None:
                self._done(0, event.body_bytes)
                event = without_bodies(event)  # noqa: PLW2901
                self.bodies_lost += any(event.side_sizes or ())
            shed.append(event)
        return shed

    def _isolate(self, events: list[Event], error: Exception) -> list[Event]:
        """Write one by one, and give up the one that no database would take."""
        if len(events) > 1:
            left: list[Event] = []
            for event in events:
                left += [event] if left else self._store([event])
            return left
        log.error("an exchange could not be stored", exc_info=error)
        (event,) = events
        acknowledge(events, kept=False)
        if isinstance(event, Ended) and event.end.sides != NO_SIDES and self._attempt([_bare(event)]) is None:
            self.bodies_lost += 1
        self.rows_lost += isinstance(event, Started)
        self._written(events)
        return []

    def _replace(self) -> bool:
        """Move the damaged file aside and go on in a new one; not over and over."""
        if self._clock_s() - self._replaced_at_s < _REPLACE_AGAIN_S:
            return False
        self._replaced_at_s = self._clock_s()
        self.close()
        try:
            self._open(damaged=True)
        except (sqlite3.Error, OSError):
            log.exception("the damaged history could not be replaced")
            return False
        self._replaced = "The history was damaged. It was kept beside a new one, which was begun; see the log."
        log.error("the history was damaged; it was moved aside and a new one was begun")
        return True

    def _down(self, step: Step, trouble: Trouble, error: Exception) -> None:
        now_s = self._clock_s()
        if self.step is Step.HEALTHY:
            self._since_s = now_s
        if step is not self.step:
            log.warning("the history is degraded: %s (%s)", trouble.words, error)
        if step is Step.ROWS and trouble is Trouble.UNWRITABLE:
            self.close()
        self.step = step
        self._retry_at_s = now_s + retry_after_s(now_s - self._since_s)
        what = "requests are recorded without their contents" if step is Step.BODIES else "nothing is recorded"
        self.degraded = f"{trouble.words.capitalize()}: {what} until that ends. Requests are served all the same."

    def _up(self) -> None:
        if self.step is not Step.HEALTHY:
            log.warning("the history is written again")
        self.step = Step.HEALTHY
        self._retry_at_s = 0.0
        self.degraded = self._replaced


def _bare(event: Ended) -> Ended:
    """The end without whatever may have made it unfit, so that its row does not stay open."""
    bare = replace(event.end, sides=NO_SIDES, answer="", attempts=(), timeline=(), dropped=())
    return Ended(bare, event.body_bytes)
