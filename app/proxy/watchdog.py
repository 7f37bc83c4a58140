"""Every wait has a limit: one timer sweeps the deadlines of all requests.

A timer per wait (`asyncio.timeout`, aiohttp's `sock_read`) costs more than relaying the chunk it guards. Here a wait
stores one number, and a sweep that runs while anything is in flight cancels the tasks that are over it. A deadline
fires up to one tick late, which no client can tell; a sweep costs microseconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.domain.clock import Clock
from app.domain.errors import PatchbayError
from app.domain.settings import Limits

_SLOWEST_TICK_S = 0.05
_FASTEST_TICK_S = 0.01
_NS = 1_000_000_000
_LOOK_S = 0.1
"""How often requests are asked whether they may still run."""
_FAREWELL_S = 0.6
"""How long one that may not has for its last words."""

Still = Callable[[], PatchbayError | None]
"""Whether a request may run on; the error that ends it where it may not."""


class Watch:
    """The deadline of one task; `wait` sets it, `overdue` tells whether a cancellation was ours."""

    __slots__ = ("_clock", "_fired", "_last_ns", "_still", "_task", "_untold", "due_ns", "lapsed", "spending")

    def __init__(self, task: asyncio.Task[object] | None, clock: Clock, still: Still | None = None) -> None:
        if task is None:
            raise RuntimeError("only a task can be watched")
        self._task = task
        self._clock = clock
        self._fired = False
        self._still = still
        self._untold = False
        self._last_ns = 0
        self.lapsed: PatchbayError | None = None
        """Why the task may not run on."""
        self.spending: Still | None = None
        """Asked as well: whether what is used meanwhile may go on."""
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

    def look(self, now_ns: int) -> None:
        """End the task with an error where it may not run on; for good where it goes on all the same."""
        if self.lapsed is not None:
            if now_ns >= self._last_ns:
                self.cancel()
            return
        self.lapsed = self._asked()
        if self.lapsed is not None:
            self._last_ns = now_ns + int(_FAREWELL_S * _NS)
            self._untold = True
            self._task.cancel()

    def _asked(self) -> PatchbayError | None:
        for still in (self._still, self.spending):
            error = still() if still is not None else None
            if error is not None:
                return error
        return None

    def last_word(self) -> PatchbayError | None:
        """Asked in `except CancelledError`: the error to tell, once, where `look` alone broke the wait.

        The task may then go on to tell it. None where the cancellation is to be raised again.
        """
        if not self._untold:
            return None
        self._untold = False
        return self.lapsed if self._task.uncancel() == 0 else None

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
        self._looked_ns = 0

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

    def watch(self, still: Still | None = None) -> Watch:
        """A watch for the running task; give it back with `forget`. `still` is asked whether the task may run on."""
        watch = Watch(asyncio.current_task(), self._clock, still)
        self._watches.add(watch)
        if self._timer is None:
            self._timer = self._loop.call_later(self.tick_s, self._sweep)
        return watch

    def forget(self, watch: Watch) -> None:
        """The watched request is over."""
        watch.due_ns = 0
        watch.spending = None  # else they hold one another, and both sides' bodies, until a collection of garbage
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
        looks = now_ns - self._looked_ns >= _LOOK_S * _NS
        for watch in tuple(self._watches):
            if 0 < watch.due_ns <= now_ns:
                watch.fire()
            elif looks:
                watch.look(now_ns)
        if looks:
            self._looked_ns = now_ns
        self._timer = self._loop.call_later(self.tick_s, self._sweep) if self._watches else None
