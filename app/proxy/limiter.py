"""How much may run at once: requests in flight, and bytes of bodies held in memory.

Who comes when all places are taken waits in line for a while and is then told to come back; when the line is full as
well, at once, because waiting in it could only end that way. Places are counted of all requests, of each client key and
of each provider; `fair_line.py` says whose turn it is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import Limits
from app.proxy.fair_line import Crowd, FairLine, Turn

_RETRY_AFTER_S = 2.0


class Place:
    """One request's share: a place in flight, one at its provider, and the bytes it holds. An async context manager."""

    __slots__ = ("_held", "_key", "_limiter", "_limits", "_most", "_provider")

    def __init__(self, limiter: Limiter, limits: Limits, key: str, most: int = 0) -> None:
        self._limiter = limiter
        self._limits = limits
        self._key = key
        self._most = most
        self._provider = ""
        self._held = 0

    async def __aenter__(self) -> Self:
        """Take a place; raises PatchbayError BUSY where none comes free in time."""
        await self._limiter.enter(self._limits, self._key, self._most)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give places and bytes back."""
        self._let_go()
        self._limiter.leave(self._key, self._held)

    async def reserve(self, size: int) -> None:
        """Hold at least so many bytes; raises PatchbayError BUSY where they do not come free in time."""
        if size > self._held:
            await self._limiter.grow(size - self._held, self._limits)
            self._held = size

    def near(self, provider: str) -> bool:
        """Take a place at a provider if one is free at once, and give up the one at another; whether it is taken."""
        if self._provider == provider:
            return True
        if not self._limiter.try_provider(provider, self._limits, self._key):
            return False
        self._let_go()
        self._provider = provider
        return True

    async def toward(self, provider: str) -> None:
        """Take a place at a provider, and give up the one at another; raises PatchbayError BUSY as entering does."""
        if self._provider == provider:
            return
        self._let_go()
        await self._limiter.enter_provider(provider, self._limits, self._key)
        self._provider = provider

    def _let_go(self) -> None:
        if self._provider:
            self._limiter.leave_provider(self._provider, self._key)
            self._provider = ""


class Limiter:
    """Counts what is in flight; belongs to the loop's thread."""

    def __init__(self) -> None:
        self.buffered_bytes = 0
        self._crowd = Crowd()
        self._all = FairLine(self._crowd)
        self._providers: dict[str, FairLine] = {}
        self._hungry: deque[asyncio.Future[None]] = deque()

    @property
    def in_flight(self) -> int:
        """Requests that have a place."""
        return self._all.taken

    @property
    def waiting(self) -> int:
        """Requests in line, for a place or for memory."""
        return self._crowd.waiting + sum(not one.done() for one in self._hungry)

    def place(self, limits: Limits, key: str = "", most: int = 0) -> Place:
        """A place to be entered by the holder of a client key, which may have a bound `most` of its own.

        `limits` are those of the moment the request came.
        """
        return Place(self, limits, key, most)

    async def enter(self, limits: Limits, key: str = "", most: int = 0) -> None:
        """Take a place in flight."""
        self._all.bound(limits.max_in_flight, limits.max_in_flight_per_key)
        self._all.bound_key(key, most)
        if not self._all.take(key):
            await self._wait(self._all, limits, key)

    def leave(self, key: str = "", held_bytes: int = 0) -> None:
        """Give a place and its bytes back."""
        self._all.give_back(key)
        self.buffered_bytes -= held_bytes
        while self._hungry:
            freed = self._hungry.popleft()
            if not freed.done():
                freed.set_result(None)

    async def enter_provider(self, provider: str, limits: Limits, key: str) -> None:
        """Take a place at a provider."""
        line = self._line(provider, limits)
        if not line.take(key):
            await self._wait(line, limits, key)

    def try_provider(self, provider: str, limits: Limits, key: str) -> bool:
        """Take a place at a provider if one is free; whether it is."""
        return self._line(provider, limits).take(key)

    def leave_provider(self, provider: str, key: str) -> None:
        """Give that place back."""
        line = self._providers[provider]
        line.give_back(key)
        if line.idle:
            del self._providers[provider]

    def _line(self, provider: str, limits: Limits) -> FairLine:
        line = self._providers.get(provider)
        if line is None:
            line = self._providers[provider] = FairLine(self._crowd)
        line.bound(limits.max_in_flight_per_provider, limits.max_in_flight_per_provider)
        return line

    async def grow(self, size: int, limits: Limits) -> None:
        """Take bytes of the budget."""
        if self.buffered_bytes + size > limits.max_buffered_bytes:
            await self._wait_for(size, limits)
        self.buffered_bytes += size

    async def _wait(self, line: FairLine, limits: Limits, key: str) -> None:
        if self._crowd.waiting >= limits.queue_length and not line.make_room(key):
            raise _busy("Too many requests are waiting already.")
        turn = line.join(key)
        try:
            async with asyncio.timeout(limits.queue_wait_s):
                mine = await turn
        except TimeoutError:
            if _came(turn):
                return  # our turn came as the time ran out
            if most := line.bound_of(key):
                raise _bound(most) from None
            raise _busy(f"{line.taken} requests are running; none ended in {limits.queue_wait_s:g} s.") from None
        except asyncio.CancelledError:
            if _came(turn):
                line.give_back(key)  # our turn came as we left
            raise
        finally:
            line.leave_line(key, turn)
        if not mine:
            raise _busy("Too many requests of this client are waiting already.")

    async def _wait_for(self, size: int, limits: Limits) -> None:
        try:
            async with asyncio.timeout(limits.queue_wait_s):
                while self.buffered_bytes + size > limits.max_buffered_bytes:
                    freed = asyncio.get_running_loop().create_future()
                    self._hungry.append(freed)
                    await freed
        except TimeoutError:
            raise _busy("Too many large requests are running.") from None


def _came(turn: Turn) -> bool:
    return turn.done() and not turn.cancelled() and turn.result()


def _bound(most: int) -> PatchbayError:
    return PatchbayError(
        ErrorKind.KEY_RATE_LIMITED,
        f"This key may run {most} {'request' if most == 1 else 'requests'} at once, and so many are running.",
        retry_after_s=_RETRY_AFTER_S,
    )


def _busy(why: str) -> PatchbayError:
    return PatchbayError(ErrorKind.BUSY, f"Patchbay is busy. {why}", retry_after_s=_RETRY_AFTER_S)
