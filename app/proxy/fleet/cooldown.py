"""A rest of a credential, or of one model of it, because the provider said: not so much."""

from __future__ import annotations

SHORTEST_S = 30.0
LONGEST_S = 300.0
"""Where the provider does not say how long: from the one on, doubled each time in a row, to the other."""
LONGEST_TOLD_S = 31 * 86_400.0
"""A monthly quota; whoever says more cannot be believed."""


class Cooldown:
    """One rest after another of the same thing."""

    __slots__ = ("_times", "_until_s", "until_us", "why")

    def __init__(self) -> None:
        self._times = 0
        self._until_s = 0.0
        self.until_us = 0
        """UTC microseconds, for people."""
        self.why = ""

    def begin(self, now_s: float, now_us: int, *, asked_s: float, told_s: float | None, why: str) -> None:
        """Rest from now on. `told_s` is what the provider said, `asked_s` when it was asked.

        Requests that were under way when the rest began make it no longer than the provider says.
        """
        repeats = asked_s < self._until_s
        if told_s is None or not told_s > 0:
            if repeats:
                return
            told_s = min(SHORTEST_S * 2**self._times, LONGEST_S)
            self._times = min(self._times + 1, 8)
        until_s = now_s + min(told_s, LONGEST_TOLD_S)
        if until_s > self._until_s or not self.left_s(now_s, now_us):
            self._until_s = until_s
            self.until_us = now_us + int((until_s - now_s) * 1e6)
            self.why = why

    def left_s(self, now_s: float, now_us: int) -> float:
        """How long it still rests; 0 where it does not.

        It ends as soon as either clock says so: the monotonic one may stand still while the computer sleeps, and the
        other one may be set back. Asked too early, the provider just says so again.
        """
        return max(0.0, min(self._until_s - now_s, (self.until_us - now_us) / 1e6))

    def forget(self) -> None:
        """The provider answered: the next rest is a short one again."""
        self._times = 0
