"""Moving windows of a minute by the `limits` library, over whichever storage is configured.

Requests: the moving window, which is exact. Tokens: the sliding window counter, which takes any cost in one step and
weighs the minute before by the part of it that is not over yet; a moving window would hold an entry for each of 50,000
tokens in every storage but ours (0.6 ms here, a list of 50,000 in Redis).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from app.domain.clock import Clock
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import RATES_IN_MEMORY
from app.proxy.rate_memory import MemoryStorage

log = logging.getLogger(__name__)

MINUTE_S = 60
_RETRY_AFTER_S = 5.0
_SOON_S = 1.0
"""Where nothing stands in the way but requests that run, which may end at any moment."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a window stands."""

    limit: int
    left: int
    wait_s: float
    """Until what was asked for fits; 0 where it does now."""


class _PerMinute(RateLimitItemPerMinute):
    """So many a minute. A window is known by its key alone, so that another limit does not begin it anew."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        return "/".join((self.namespace, *map(str, identifiers)))


class Windows:
    """The windows of all keys. Raises PatchbayError LEDGER_UNAVAILABLE where the storage cannot be reached."""

    def __init__(self, storage: str, clock: Clock) -> None:
        self.storage = storage
        self._now: Callable[[], float] = lambda: clock.monotonic_ns() / 1e9
        try:
            if storage == RATES_IN_MEMORY:
                kept = MemoryStorage(self._now)
            else:
                self._now = time.time  # what the library's shared storages go by
                kept = storage_from_string(f"async+{storage}", wrap_exceptions=True)  # type: ignore[assignment]
        except ConfigurationError as error:
            raise _unavailable(error) from None
        self._requests = MovingWindowRateLimiter(kept)
        self._tokens = SlidingWindowCounterRateLimiter(kept)
        self._sliding = kept.get_sliding_window

    async def take_request(self, key: str, limit: int) -> Standing:
        """Count a request, if it fits."""
        item = _PerMinute(limit, namespace="requests")
        try:
            fits = await self._requests.hit(item, key)
            stats = await self._requests.get_window_stats(item, key)
        except StorageError as error:
            raise _unavailable(error) from None
        wait_s = 0.0 if fits else max(0.001, stats.reset_time - self._now())
        return Standing(limit, max(0, stats.remaining), wait_s)

    async def tokens(self, key: str, limit: int, wanted: int) -> Standing:
        """Whether so many tokens would fit; counts nothing."""
        item = _PerMinute(limit, namespace="tokens")
        try:
            before, before_ttl, now, now_ttl = await self._sliding(item.key_for(key), MINUTE_S)
        except StorageError as error:
            raise _unavailable(error) from None
        left = limit - math.floor(before * before_ttl / MINUTE_S + now)
        if wanted <= left:
            return Standing(limit, left, 0.0)
        room = max(0, limit - wanted)
        fading, ttl_s, beside = (before, before_ttl, now) if now <= room else (now, now_ttl, 0)
        if not fading:
            return Standing(limit, left, _SOON_S)
        wait_s = ttl_s - MINUTE_S * (room - beside) / fading  # until so little of it weighs that the rest fits
        return Standing(limit, max(0, left), max(0.001, wait_s))

    async def take_tokens(self, key: str, limit: int, used: int) -> None:
        """Count tokens that were used; what is more than the whole limit closes the window, and no more."""
        item = _PerMinute(limit, namespace="tokens")
        try:
            if not await self._tokens.hit(item, key, cost=min(used, limit)):
                left = (await self._tokens.get_window_stats(item, key)).remaining
                if left:
                    await self._tokens.hit(item, key, cost=left)
        except StorageError as error:
            raise _unavailable(error) from None


def _unavailable(error: Exception) -> PatchbayError:
    log.error("the rates of client keys cannot be counted: %s", error)
    return PatchbayError(
        ErrorKind.LEDGER_UNAVAILABLE,
        "This key has a rate, and the store where rates are counted cannot be reached.",
        retry_after_s=_RETRY_AFTER_S,
    )
