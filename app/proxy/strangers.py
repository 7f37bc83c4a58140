"""Callers of other machines that show no good key: slowed down, then turned away for a while.

On loopback nobody is counted. A key has 256 random bits, so guessing is hopeless there too, and a delay would only let
one local program hold up the others, which share its address.
"""

from __future__ import annotations

from collections import OrderedDict, deque

from app.domain.clock import Clock
from app.domain.errors import ErrorKind, PatchbayError

WINDOW_S = 60
SLOW_AFTER = 10
"""So many wrong keys a minute are a person's mistakes."""
REFUSED_AFTER = 20
DELAY_S = 1.0
MOST_ADDRESSES = 4096
_NS = 1_000_000_000


class Strangers:
    """Wrong keys by address; belongs to the loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[int]] = OrderedDict()

    def admit(self, address: str) -> None:
        """Refuse an address that failed too often; raises PatchbayError TOO_MANY_FAILURES."""
        failures = self._lately(address)
        if len(failures) >= REFUSED_AFTER:
            wait_s = max(1.0, (failures[-REFUSED_AFTER] - self._now()) / _NS + WINDOW_S)
            raise PatchbayError(
                ErrorKind.TOO_MANY_FAILURES,
                "Too many requests from your address showed no valid key. Try again later.",
                retry_after_s=wait_s,
            )

    def failed(self, address: str) -> float:
        """Note a wrong key; how long the answer is to wait, in seconds."""
        self._failures.setdefault(address, deque(maxlen=REFUSED_AFTER)).append(self._now())
        self._failures.move_to_end(address)
        if len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return DELAY_S if len(self._lately(address)) > SLOW_AFTER else 0.0

    def _lately(self, address: str) -> deque[int]:
        failures = self._failures.get(address)
        if failures is None:
            return deque()
        since = self._now() - WINDOW_S * _NS
        while failures and failures[0] <= since:
            failures.popleft()
        if not failures:
            del self._failures[address]
        return failures

    def _now(self) -> int:
        return self._clock.monotonic_ns()
