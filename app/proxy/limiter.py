"""How much may run at once: requests in flight, and bytes of bodies held in memory.

Who comes when all places are taken waits in line for a while and is then told to come back; a long line is refused at
once, because waiting in it could only end that way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import Limits

_RETRY_AFTER_S = 2.0


class Place:
    """One request's share: a place in flight and the bytes it holds. An async context manager."""

    __slots__ = ("_held", "_limiter", "_limits")

    def __init__(self, limiter: Limiter, limits: Limits) -> None:
        self._limiter = limiter
        self._limits = limits
        self._held = 0

    async def __aenter__(self) -> Self:
        """Take a place; raises PatchbayError BUSY where none comes free in time."""
        await self._limiter.enter(self._limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give place and bytes back."""
        self._limiter.leave(self._held)

    async def reserve(self, size: int) -> None:
        """Hold at least so many bytes; raises PatchbayError BUSY where they do not come free in time."""
        if size > self._held:
            await self._limiter.grow(size - self._held, self._limits)
            self._held = size


class Limiter:
    """Counts what is in flight; belongs to the loop's thread."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.buffered_bytes = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._hungry: deque[asyncio.Future[None]] = deque()

    def place(self, limits: Limits) -> Place:
        """A place to be entered; `limits` are those of the moment the request came."""
        return Place(self, limits)

    async def enter(self, limits: Limits) -> None:
        """Take a place in flight."""
        if self.in_flight < limits.max_in_flight and not self._line:
            self.in_flight += 1
            return
        if len(self._line) >= limits.max_in_flight:
            raise _busy("Too many requests are waiting already.")
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(limits.queue_wait_s):
                await turn
        except TimeoutError:
            if turn.done() and not turn.cancelled():
                return  # our turn came as the time ran out
            raise _busy(f"{self.in_flight} requests are running; none ended in {limits.queue_wait_s:g} s.") from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(0)  # our turn came as we left
            raise
        finally:
            if turn in self._line:
                self._line.remove(turn)

    def leave(self, held_bytes: int) -> None:
        """Give a place and its bytes back; the next in line takes the place."""
        self.in_flight -= 1
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
                break
        self.buffered_bytes -= held_bytes
        while self._hungry:
            freed = self._hungry.popleft()
            if not freed.done():
                freed.set_result(None)

    async def grow(self, size: int, limits: Limits) -> None:
        """Take bytes of the budget."""
        if self.buffered_bytes + size > limits.max_buffered_bytes:
            await self._wait_for(size, limits)
        self.buffered_bytes += size

    async def _wait_for(self, size: int, limits: Limits) -> None:
        try:
            async with asyncio.timeout(limits.queue_wait_s):
                while self.buffered_bytes + size > limits.max_buffered_bytes:
                    freed = asyncio.get_running_loop().create_future()
                    self._hungry.append(freed)
                    await freed
        except TimeoutError:
            raise _busy("Too many large requests are running.") from None


def _busy(why: str) -> PatchbayError:
    return PatchbayError(ErrorKind.BUSY, f"Patchbay is busy. {why}", retry_after_s=_RETRY_AFTER_S)
