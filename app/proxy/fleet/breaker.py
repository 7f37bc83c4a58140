"""Leaves a credential alone that fails again and again, and tries it anew one request at a time.

    closed --(failures in a row, or half of the latest)--> open --(time)--> half-open --(two successes)--> closed
                                                             ^------(a failure)------'

The shape is Envoy's outlier detection (five failures in a row, a rest that grows with each ejection up to 300 s).
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import NamedTuple

WINDOW_S = 60.0
MOST_REMEMBERED = 1000
LEAST_TO_JUDGE = 10
"""Below so many in the window, no share of failures says anything."""
SUCCESSES_TO_CLOSE = 2
LONGEST_OPEN_S = 300.0
LONGEST_SOLE_S = 15.0
"""For the only candidate of a plan: there is nobody else to ask meanwhile."""
LEASE_S = 30.0
"""So long a probe keeps others away; a provider that hangs is not to hold the place for ever."""


class BreakerState(StrEnum):
    """As the status shows it."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Pass(NamedTuple):
    """What `enter` hands out and a result is told with."""

    era: int
    """Results of requests that began before the state last changed say nothing about the present one."""
    probe: int
    """Which probe it is; 0 is none."""


class Breaker:
    """One credential's; every time is monotonic seconds."""

    __slots__ = ("_era", "_failed", "_in_a_row", "_lease_ends_s", "_opened_s", "_probe", "_proofs", "_recent", "open_s")

    def __init__(self) -> None:
        self._recent: deque[tuple[float, bool]] = deque()
        """When each of the latest requests ended, and whether it failed."""
        self._failed = 0
        self._in_a_row = 0
        self._era = 0
        self._probe = 0
        self._lease_ends_s = 0.0
        self._opened_s = 0.0
        self._proofs = 0
        self.open_s = 0.0
        """How long it opened for; 0 while it is closed."""

    @property
    def failures(self) -> int:
        """In a row, those of probes included."""
        return self._in_a_row

    def state(self, now_s: float, *, sole: bool = False) -> BreakerState:
        """Closed, open, or half-open since its time is over."""
        if not self.open_s:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_s < self.opens_until_s(sole=sole) else BreakerState.HALF_OPEN

    def opens_until_s(self, *, sole: bool = False) -> float:
        """When it becomes half-open."""
        return self._opened_s + (min(self.open_s, LONGEST_SOLE_S) if sole else self.open_s)

    def wait_s(self, now_s: float, *, sole: bool = False) -> float:
        """How long until a request may enter; 0 where one may now."""
        if not self.open_s:
            return 0.0
        return max(0.0, self.opens_until_s(sole=sole) - now_s, self._lease_ends_s - now_s)

    def enter(self, now_s: float) -> Pass:
        """Count a request in; while not closed it is the probe, unless another one is."""
        if not self.open_s or now_s < self._lease_ends_s:
            return Pass(self._era, 0)
        self._probe += 1
        self._lease_ends_s = now_s + LEASE_S
        return Pass(self._era, self._probe)

    def release(self, entered: Pass) -> None:
        """A request ended without a verdict: the next one may be the probe."""
        if entered.probe and entered == (self._era, self._probe):
            self._lease_ends_s = 0.0

    def succeed(self, entered: Pass, now_s: float) -> None:
        """A request was answered."""
        if entered.era != self._era:
            return
        self.release(entered)
        if not self.open_s:
            self._in_a_row = 0
            self._remember(now_s, failed=False)
            return
        self._proofs += 1
        if self._proofs >= SUCCESSES_TO_CLOSE:
            self._change()
            self._in_a_row = 0
            self.open_s = 0.0

    def fail(self, entered: Pass, now_s: float, *, limit: int, open_s: float, sole: bool = False) -> None:
        """A request failed; `limit` in a row open it, for `open_s` the first time and that much longer each time."""
        if entered.era != self._era:
            return
        self._in_a_row += 1
        if self.open_s:
            self._open(now_s, self.open_s + open_s, sole=sole)
            return
        self._remember(now_s, failed=True)
        many = len(self._recent) >= LEAST_TO_JUDGE and self._failed * 2 >= len(self._recent)
        if self._in_a_row >= limit or many:
            self._open(now_s, open_s, sole=sole)

    def encourage(self, now_s: float) -> None:
        """It answers again, though not yet a request: half-open now, and one success is enough to close it."""
        if self.open_s:
            self.hasten(now_s)
            self._proofs = max(self._proofs, SUCCESSES_TO_CLOSE - 1)

    def hasten(self, now_s: float) -> None:
        """What it was opened for may be over: half-open now."""
        if self.open_s:
            self._opened_s = min(self._opened_s, now_s - self.open_s)

    def _open(self, now_s: float, open_s: float, *, sole: bool) -> None:
        self._change()
        self._opened_s = now_s
        self.open_s = min(open_s, LONGEST_SOLE_S if sole else LONGEST_OPEN_S)

    def _change(self) -> None:
        self._era += 1
        self._proofs = 0
        self._lease_ends_s = 0.0
        self._failed = 0
        self._recent.clear()

    def _remember(self, now_s: float, *, failed: bool) -> None:
        recent = self._recent
        recent.append((now_s, failed))
        self._failed += failed
        while len(recent) > MOST_REMEMBERED or recent[0][0] <= now_s - WINDOW_S:
            self._failed -= recent.popleft()[1]
