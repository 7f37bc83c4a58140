"""The bounded queue between the loop and the writer's thread, and what it sheds when the writer cannot keep up.

Bodies go before rows: an end whose bodies do not fit is queued without them. A start is taken only where there is room
for its end as well, so that every row that begins also ends. Both losses are counted.

Only the loop's thread puts and only the writer's thread takes, so each counter has one writer and no lock is needed.

A start wakes the writer, because a request waits for it. Progress and ends only wake a writer that sleeps without any:
every waking takes the interpreter from the loop, and the writer looks for company for an end anyway.
"""

from __future__ import annotations

import asyncio
import queue
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.domain.exchange import ExchangeEnd, ExchangeStart, Move, Sides
from app.domain.usage import Usage
from app.store.packing import sides_of

MAX_EVENTS = 2_000
MAX_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Started:
    """An exchange begins; somebody waits for its row."""

    start: ExchangeStart
    future: asyncio.Future[bool]


@dataclass(frozen=True, slots=True)
class Moved:
    """An exchange is asked elsewhere; somebody waits for its row to say so."""

    move: Move
    future: asyncio.Future[bool]


@dataclass(frozen=True, slots=True)
class Progressed:
    """Counts so far."""

    exchange_id: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Ended:
    """An exchange ended."""

    end: ExchangeEnd
    body_bytes: int
    """How much of the queue's room its bodies take."""
    side_sizes: tuple[int, ...] | None = None
    """Sizes of the four bodies and the answer where they were shed; None where they are there."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An exchange ended that shall have no row: only its numbers are kept."""

    start: ExchangeStart
    end: ExchangeEnd


Later = Progressed | Ended | Counted
Awaited = Started | Moved
Event = Awaited | Later


class Intake:
    """Two queues: starts and moves, for which somebody waits, and what may wait itself.

    `None` comes out of `take` where somebody only woke the writer.
    """

    def __init__(self, max_events: int = MAX_EVENTS, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._starts: queue.SimpleQueue[Awaited | None] = queue.SimpleQueue()
        self._later: deque[Later] = deque()
        self._asleep = False
        """The writer sleeps and knows of nothing that waits."""
        self._max_events = max_events
        self._max_body_bytes = max_body_bytes
        self._put_events = 0
        self._put_bytes = 0
        self._done_events = 0
        self._done_bytes = 0
        self._running: set[str] = set()
        self.rows_shed = 0
        """Exchanges that will have no row."""
        self.bodies_shed = 0
        """Exchanges whose row will have no bodies."""

    # --- the loop's thread ----------------------------------------------------------------------------------------
    def start(self, start: ExchangeStart, future: asyncio.Future[bool]) -> bool:
        """Take a start, unless there is no room for it and its end."""
        if self.depth + len(self._running) + 2 > self._max_events:
            self.rows_shed += 1
            return False
        self._running.add(start.id)
        self._put_events += 1
        self._starts.put(Started(start, future))
        return True

    def moved(self, move: Move, future: asyncio.Future[bool]) -> bool:
        """Take a move, unless the exchange has no row or room is short: its end says the same."""
        if move.id not in self._running or self.depth + len(self._running) >= self._max_events:
            return False
        self._put_events += 1
        self._starts.put(Moved(move, future))
        return True

    def progress(self, exchange_id: str, usage: Usage) -> None:
        """Take counts, unless the exchange has no row or room is short."""
        if exchange_id in self._running and self.depth + len(self._running) < self._max_events:
            self._put(Progressed(exchange_id, usage))

    def finish(self, end: ExchangeEnd, *, record_bodies: bool) -> None:
        """Take an end, without its bodies where they are not wanted or do not fit."""
        expected = end.id in self._running
        self._running.discard(end.id)
        if not expected and self.depth + len(self._running) >= self._max_events:
            return  # an end of no row, or a second one
        size = body_bytes(end) if record_bodies else 0
        waiting = self._put_bytes - self._done_bytes
        if not record_bodies:
            self._put(without_bodies(Ended(end, 0)))
        elif waiting and waiting + size > self._max_body_bytes:  # an empty queue takes a body of any size
            self.bodies_shed += 1
            self._put(without_bodies(Ended(end, 0)))
        else:
            self._put_bytes += size
            self._put(Ended(end, size))

    def count(self, start: ExchangeStart, end: ExchangeEnd) -> None:
        """Take an end of which nothing but its numbers shall be kept."""
        if self.depth + len(self._running) < self._max_events:
            bare = replace(end, sides=Sides(), answer="", timeline=(), attempts=(), trace=(), error="")
            self._put(Counted(start, bare))
        else:
            self.rows_shed += 1

    @property
    def depth(self) -> int:
        """Events that are not yet written."""
        return self._put_events - self._done_events

    def wake(self) -> None:
        """Let the writer look around. Any thread."""
        self._starts.put(None)

    def _put(self, event: Later) -> None:
        self._put_events += 1
        self._later.append(event)
        if self._asleep:
            self._asleep = False
            self.wake()

    # --- the writer's thread --------------------------------------------------------------------------------------
    @property
    def later(self) -> int:
        """How many events wait besides starts; the starts of all of them are taken once `take` finds none."""
        return len(self._later)

    def take(self, timeout_s: float, *, idle: bool = False) -> Awaited | None:
        """The next start, waiting up to so long; None to look around; raises queue.Empty.

        `idle`: the caller holds nothing that waits, so that the first such event shall wake it.
        """
        if timeout_s <= 0:
            return self._starts.get_nowait()
        self._asleep = idle
        if idle and self._later:
            timeout_s = 0.001  # it came before anybody could know that it was to wake us
        try:
            return self._starts.get(timeout=timeout_s)
        finally:
            self._asleep = False

    def take_later(self) -> Later:
        """The next of them; there must be one."""
        return self._later.popleft()

    def done(self, events: int, body_bytes: int) -> None:
        """So much was written or given up: there is room again."""
        self._done_events += events
        self._done_bytes += body_bytes


def body_bytes(end: ExchangeEnd) -> int:
    """Size of everything heavy in an end; bytes that two sides share count once."""
    distinct = {id(side.body): side.body for side in sides_of(end.sides)}
    return sum(sum(map(len, body)) for body in distinct.values()) + len(end.answer)


def without_bodies(event: Ended) -> Ended:
    """The same end with the sizes of its bodies in place of them."""
    if event.side_sizes is not None:
        return event
    sides = sides_of(event.end.sides)
    sizes = (*(sum(map(len, side.body)) for side in sides), len(event.end.answer))
    bare = Sides(*(replace(side, body=()) for side in sides))
    return Ended(replace(event.end, sides=bare, answer=""), 0, sizes)


def acknowledge(events: Sequence[Event], *, kept: bool) -> None:
    """Tell those who wait for a row whether it is there; one call to their loop for all of them. Any thread."""
    waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[bool]]] = {}
    for event in events:
        if isinstance(event, Started | Moved):
            waiting.setdefault(event.future.get_loop(), []).append(event.future)
    for loop, futures in waiting.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, futures, kept)


def _resolve(futures: Sequence[asyncio.Future[bool]], kept: bool) -> None:  # noqa: FBT001 (call_soon_threadsafe)
    for future in futures:
        if not future.done():
            future.set_result(kept)
