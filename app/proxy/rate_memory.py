"""Where the windows of client keys are counted while there is no shared store: in this process.

A storage of the `limits` library like any other (https://limits.readthedocs.io/en/stable/custom-storage.html), so that
its strategies run on it. The library's own memory storage was measured and lost: each hit starts a task of its own
that asks a thread for every key (19 ms with 100 keys; 1.8 s while the loop's threads were busy, and the hit waits
for it), and it reads the wall clock, so that a clock set back closes every key for as long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor

from limits.aio.storage import MovingWindowSupport, Storage
from limits.aio.storage.base import SlidingWindowCounterSupport


@dataclass(slots=True)
class _Hits:
    """What counts in a moving window."""

    entries: deque[tuple[float, int]] = field(default_factory=deque)
    """(moment, cost), the oldest first."""
    cost: int = 0
    """Of all of them."""


class MemoryStorage(Storage, MovingWindowSupport, SlidingWindowCounterSupport):
    """Counts in memory. `now` tells seconds and never goes back; belongs to the loop, has no task and no thread."""

    STORAGE_SCHEME = ["async+patchbay"]  # noqa: RUF012 (the library's own type)

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._hits: dict[str, _Hits] = {}
        self._counts: dict[str, tuple[int, int, int]] = {}
        """(number of the fixed window, its count, the count of the one before)."""

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong here: nothing that has a name."""
        return MemoryError

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a hit, if so many fit into the last `expiry` seconds."""
        hits = self._lately(key, expiry)
        if hits.cost + amount > limit:
            return False
        hits.entries.append((self._now(), amount))
        hits.cost += amount
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit was that still counts, and how many count."""
        hits = self._lately(key, expiry)
        return (hits.entries[0][0] if hits.entries else self._now()), hits.cost

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a cost, if it fits beside what the present window and the rest of the one before weigh."""
        before, before_ttl, count, _ = self._sliding(key, expiry)
        if floor(before * before_ttl / expiry + count) + amount > limit:
            return False
        self._counts[key] = (int(self._now() // expiry), count + amount, before)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """(count before, seconds that it still weighs, count now, seconds until that weighs nothing)."""
        return self._sliding(key, expiry)

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget it."""
        self._counts.pop(key, None)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Fixed windows are not kept here."""
        raise NotImplementedError

    async def get(self, key: str) -> int:
        """Fixed windows are not kept here."""
        raise NotImplementedError

    async def get_expiry(self, key: str) -> float:
        """Fixed windows are not kept here."""
        raise NotImplementedError

    async def check(self) -> bool:
        """Memory is there."""
        return True

    async def reset(self) -> int | None:
        """Forget everything; how much that was."""
        forgotten = len(self._hits) + len(self._counts)
        self._hits.clear()
        self._counts.clear()
        return forgotten

    async def clear(self, key: str) -> None:
        """Forget a key."""
        self._hits.pop(key, None)

    def _lately(self, key: str, expiry: int) -> _Hits:
        hits = self._hits.setdefault(key, _Hits())
        since = self._now() - expiry
        while hits.entries and hits.entries[0][0] <= since:
            hits.cost -= hits.entries.popleft()[1]
        return hits

    def _sliding(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        now = self._now()
        window = int(now // expiry)
        counted_in, count, before = self._counts.get(key, (window, 0, 0))
        if counted_in < window:
            count, before = 0, count if counted_in == window - 1 else 0
        left = (window + 1) * expiry - now
        return before, left if before else 0.0, count, left + expiry
