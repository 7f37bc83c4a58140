"""The writer's thread: takes events from the queue, commits them in groups, and does the chores between.

gather -> starts: commit, acknowledge -> ends, when enough or due: commit -> chores: retention, search index, revision
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.store import search
from app.store.announcer import Announcer
from app.store.database import transaction
from app.store.intake import Ended, Event, Intake, acknowledge
from app.store.ladder import MAX_BATCH, Ladder, Opened, Step
from app.store.search import Texts

log = logging.getLogger(__name__)

SLOW_S = 0.25
"""A write that takes longer is as good as a failed one for those who wait for it."""
_LINGER_S = 0.020
"""How long ends wait for company in a transaction; a start never waits."""
_FEW_ENDS = 8
"""So many do not wait for more: a start that comes while they are written waits for them, a millisecond or two."""
_MANY_ENDS = 64
_CROWD = 32
"""With so many events waiting everybody waits anyway, and the larger groups get through more."""
_ENDS_BYTES = 256 * 1024
"""Of bodies; ends that bring so much do not wait either."""
_INDEX_IDLE_S = 0.05
_INDEX_BUSY_S = 1.0
"""Text is indexed after so long a pause of the events, or after so long without one."""
_RETAIN_BUSY_S = 0.25
_IDLE_S = 60.0
_WARM_AFTER_S = 3.0
_AFTER_ERROR_S = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user set about the size of the history; 0 is no limit."""

    budget_bytes: int
    keep_days: int


class Writer(threading.Thread):
    """Owns the one connection that writes."""

    def __init__(
        self,
        intake: Intake,
        reopen: Callable[[bool], Opened],
        *,
        texts: Texts,
        limits: Limits,
        now_us: Callable[[], int],
    ) -> None:
        super().__init__(name="history-writer", daemon=True)
        self.announcer = Announcer()
        self.ladder = Ladder(reopen, done=self._done)
        self.limits = limits
        """Replaced by the loop, read here."""
        self._intake = intake
        self._texts = texts
        self._now_us = now_us
        self._ends: list[Event] = []
        self._ends_bytes = 0
        self._ends_due_s = 0.0
        self._limited: tuple[Opened, Limits] | None = None
        self._busy_since_s = 0.0
        self._indexed_at_s = 0.0
        self._retained_at_s = 0.0
        self._chores_after_s = 0.0
        self._more = True
        self._warm = False
        self._closing = False
        self._settled: list[threading.Event] = []
        self._begun_s = time.monotonic()

    # --- any thread -----------------------------------------------------------------------------------------------
    def stuck(self) -> bool:
        """Whether nothing gets through now, so that nobody need wait for it."""
        since_s = self._busy_since_s
        return self.ladder.step is Step.ROWS or (since_s > 0 and time.monotonic() - since_s > SLOW_S)

    def settle(self, timeout_s: float) -> bool:
        """Wait until everything given so far is written, searchable and within the limits. False: not in time."""
        settled = threading.Event()
        self._settled.append(settled)
        self._intake.wake()
        return settled.wait(timeout_s)

    def close(self, timeout_s: float) -> bool:
        """Write what is there and end. False: not in time."""
        self._closing = True
        self._intake.wake()
        self.join(timeout_s)
        return not self.is_alive()

    # --- the writer's thread --------------------------------------------------------------------------------------
    def run(self) -> None:
        """Write until closed."""
        try:
            self.ladder.open()
            while not self._closing or self._intake.depth > len(self.ladder.backlog):
                starts = self._gather()
                self._busy_since_s = time.monotonic()
                ends = self._due()
                self._write(starts)
                self._write(ends)
                self._chores(idle=not starts and not ends)
                self._busy_since_s = 0.0
            self.ladder.write([], at_once=True)
        except Exception:
            self.ladder.step = Step.ROWS
            self.ladder.degraded = "The history stopped because of a fault in Patchbay. Restart it to record again."
            log.exception("the history's writer ended")
        finally:
            self.ladder.close()

    def _gather(self) -> list[Event]:
        """Wait for events and take those that are there: starts to be written at once, the others for later."""
        starts: list[Event] = []
        with suppress(queue.Empty):
            first = self._intake.take(self._patience_s(), idle=not self._ends)
            starts += [first] if first else []
        later = self._intake.later  # their starts are in the queue by now, or were
        with suppress(queue.Empty):
            while len(starts) < MAX_BATCH:
                event = self._intake.take(0.0)
                starts += [event] if event else []
            return starts  # and perhaps not all of them: no end may overtake its start
        for _ in range(later):
            if self._full():
                break
            self._hold(self._intake.take_later())
        return starts

    def _hold(self, event: Event) -> None:
        if not self._ends:
            self._ends_due_s = time.monotonic() + _LINGER_S
        self._ends.append(event)
        self._ends_bytes += event.body_bytes if isinstance(event, Ended) else 0

    def _full(self) -> bool:
        many = _FEW_ENDS if self._intake.depth < _CROWD else _MANY_ENDS
        return len(self._ends) >= many or self._ends_bytes >= _ENDS_BYTES

    def _due(self) -> list[Event]:
        """The ends that are to be written now, if they are."""
        if not self._ends or not (
            self._full() or self._closing or self._settled or time.monotonic() >= self._ends_due_s
        ):
            return []
        ends, self._ends, self._ends_bytes = self._ends, [], 0
        return ends

    def _patience_s(self) -> float:
        """How long to wait for the next event before looking around."""
        now_s = time.monotonic()
        if self._closing or (self._intake.later and not self.ladder.backlog):
            return 0.0
        if self.ladder.backlog:
            return max(self.ladder.retry_in_s(), 0.001)
        wait_s = self._chores_in_s(now_s)
        return min(wait_s, max(self._ends_due_s - now_s, 0.0)) if self._ends else wait_s

    def _chores_in_s(self, now_s: float) -> float:
        if self._chores_after_s > now_s:
            return self._chores_after_s - now_s
        if self._more or self._settled:
            return 0.0
        chores_s = _INDEX_IDLE_S if self._unindexed() else _IDLE_S if self._warm else _WARM_AFTER_S
        return min(chores_s, self.announcer.due_in_s(now_s))

    def _unindexed(self) -> bool:
        return self.ladder.opened is not None and self.ladder.opened.recording.unindexed

    def _write(self, events: Sequence[Event]) -> None:
        if events or self.ladder.backlog:
            acknowledge(events, kept=self.ladder.write(events))

    def _done(self, events: int, body_bytes: int) -> None:
        self._intake.done(events, body_bytes)
        self.announcer.changed()

    def _chores(self, *, idle: bool) -> None:
        opened, now_s = self.ladder.opened, time.monotonic()
        if opened is not None and self.ladder.step is not Step.ROWS and now_s >= self._chores_after_s:
            try:
                self._retain(opened, now_s, idle=idle)
                self._index(opened, now_s, idle=idle)
            except sqlite3.Error as error:
                log.warning("the history could not be tidied up: %s", error)
                self._chores_after_s = now_s + _AFTER_ERROR_S
                self._more = False
            if idle and not self._warm and now_s >= self._begun_s + _WARM_AFTER_S:
                self._warm = True
                opened.recording.warm(self._now_us())
        self.announcer.announce()
        if self._settled and not self._more and not self._unindexed() and self._intake.depth == 0:
            for settled in self._settled:
                settled.set()
            self._settled.clear()

    def _retain(self, opened: Opened, now_s: float, *, idle: bool) -> None:
        """Keep to the limits; at leisure, and under load a few times a second."""
        if self._limited != (opened, self.limits):
            self._limited = (opened, self.limits)
            opened.retention.limit(self.limits.budget_bytes, self.limits.keep_days)
        if not idle and now_s - self._retained_at_s < _RETAIN_BUSY_S:
            return
        self._retained_at_s = now_s
        now_us = self._now_us()
        self._more = opened.retention.step(now_us) or opened.hourly.step(now_us) or self._convert(opened)
        if opened.retention.deleted:
            opened.retention.deleted = False
            opened.recording.bodies.forget()
        if self._more:
            self.announcer.changed()

    def _convert(self, opened: Opened) -> bool:
        more, last = opened.conversion.step()
        if opened.conversion.touched:
            opened.conversion.touched = False
            opened.recording.bodies.forget()
        if last:
            opened.retention.scrub()
        return more or last

    def _index(self, opened: Opened, now_s: float, *, idle: bool) -> None:
        """Index what waits: in a pause, or after a second without one."""
        if not opened.recording.unindexed or (not idle and now_s - self._indexed_at_s < _INDEX_BUSY_S):
            return
        self._indexed_at_s = now_s
        with transaction(opened.recording.connection):
            indexed = search.index(opened.recording.connection, self._texts)
        opened.recording.unindexed = indexed > 0
        if indexed:
            self.announcer.changed()
