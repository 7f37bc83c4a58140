"""Every wait has a limit: one timer sweeps the deadlines of all requests.

A timer per wait (`asyncio.timeout`, aiohttp's `sock_read`) costs more than relaying the chunk it guards. Here a wait
stores one number, and a sweep that runs while anything is in flight cancels the tasks that are over it. A deadline
fires up to one tick late, which no client can tell; a sweep costs microseconds.
"""

from __future__ import annotations

import asyncio

from app.domain.clock import Clock
from app.domain.settings import Limits

_SLOWEST_TICK_S = 0.05
_FASTEST_TICK_S = 0.01
_NS = 1_000_000_000


class Watch:
    """The deadline of one task; `wait` sets it, `overdue` tells whether a cancellation was ours."""

    __slots__ = ("_clock", "_fired", "_task", "due_ns")

    def __init__(self, task: asyncio.Task[object] | None, clock: Clock) -> None:
        if task is None:
            raise RuntimeError("only a task can be watched")
        self._task = task
        self._clock = clock
        self._fired = False
        self.due_ns = 0
        """Monotonic nanoseconds; 0 is no deadline. A loop that has the time at hand may set it itself."""

    def wait(self, limit_s: float) -> None:
        """What the task awaits next may take this long."""
        self.due_ns = self._clock.monotonic_ns() + int(limit_s * _NS)

    def rest(self) -> None:
        """What the task awaits next has a limit of its own."""
        self.due_ns = 0

    def fire(self) -> None:
        """Break the task's wait."""
        self.due_ns = 0
        self._fired = True
        self._task.cancel()

    def cancel(self) -> None:
        """End the task for good; `overdue` will not call it back."""
        self._fired = False
        self._task.cancel()

    def overdue(self) -> bool:
        """Asked in `except CancelledError`: whether the deadline alone broke the wait, so that the task may go on.

        False where the client is gone or the proxy stops as well: the cancellation is to be raised again.
        """
        if not self._fired:
            return False
        self._fired = False
        return self._task.uncancel() == 0


class Watchdog:
    """Sweeps the watches of all running requests; idle while there are none."""

    def __init__(self, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._clock = clock
        self._loop = loop
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.Future[None] | None = None
        self.tick_s = _SLOWEST_TICK_S

    def pace(self, limits: Limits) -> None:
        """Sweep often enough for the shortest of these limits."""
        shortest = min(
            limits.body_idle_s,
            limits.body_total_s,
            limits.first_byte_s,
            limits.idle_s,
            limits.reply_total_s,
            limits.max_stream_s,
            limits.write_stall_s,
            limits.keep_alive_s,
        )
        self.tick_s = min(_SLOWEST_TICK_S, max(_FASTEST_TICK_S, shortest / 10))

    def watch(self) -> Watch:
        """A watch for the running task; give it back with `forget`."""
        watch = Watch(asyncio.current_task(), self._clock)
        self._watches.add(watch)
        if self._timer is None:
            self._timer = self._loop.call_later(self.tick_s, self._sweep)
        return watch

    def forget(self, watch: Watch) -> None:
        """The watched request is over."""
        watch.due_ns = 0
        self._watches.discard(watch)
        if not self._watches and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def idle(self, limit_s: float) -> bool:
        """Wait until no watched request is left; False where some still run after that time."""
        if self._watches:
            self._idle = self._loop.create_future()
            await asyncio.wait((self._idle,), timeout=limit_s)
        return not self._watches

    def cancel(self) -> None:
        """End every watched request."""
        for watch in tuple(self._watches):
            watch.cancel()

    def close(self) -> None:
        """Sweep no more."""
        self._watches.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sweep(self) -> None:
        now_ns = self._clock.monotonic_ns()
        for watch in tuple(self._watches):
            if 0 < watch.due_ns <= now_ns:
                watch.fire()
        self._timer = self._loop.call_later(self.tick_s, self._sweep) if self._watches else None
