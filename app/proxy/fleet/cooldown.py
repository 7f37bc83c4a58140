"""A rest of a credential, or of one model of it, because the provider said: not so much."""

from __future__ import annotations

SHORTEST_S = 30.0
LONGEST_S = 300.0
"""Where the provider does not say how long: from the one on, doubled each time in a row, to the other."""
SHORTEST_SOLE_S = 2.0
LONGEST_SOLE_S = 15.0
"""The same for who has nobody else to ask: no guess is worth that a client is refused for long."""
LONGEST_TOLD_S = 31 * 86_400.0
"""A monthly quota; whoever says more cannot be believed."""


class Cooldown:
    """One rest after another of the same thing."""

    __slots__ = ("_began_s", "_sole_until_s", "_times", "_until_s", "forbidden", "until_us", "why")

    def __init__(self) -> None:
        self._times = 0
        self._began_s = 0.0
        self._until_s = 0.0
        self._sole_until_s = 0.0
        """The same for who has nobody else to ask; earlier where it was guessed."""
        self.until_us = 0
        """UTC microseconds, for people."""
        self.why = ""
        self.forbidden = ""
        """The provider's words where it forbade the thing: waiting helps nobody then."""

    def begin(
        self, now_s: float, now_us: int, *, asked_s: float, told_s: float | None, why: str, sole: bool = False
    ) -> None:
        """Rest from now on. `told_s` is what the provider said, `asked_s` when it was asked.

        Requests that were under way when the rest began make it no longer than the provider says.
        """
        if told_s is not None and told_s > 0:
            sole_s = told_s = min(told_s, LONGEST_TOLD_S)
        elif asked_s < self._sole_until_s:
            return
        else:
            sole_s = min(SHORTEST_SOLE_S * 2**self._times, LONGEST_SOLE_S)
            told_s = sole_s if sole else min(SHORTEST_S * 2**self._times, LONGEST_S)
            self._times = min(self._times + 1, 8)
        self._began_s = now_s
        self.forbidden = ""
        if not self.left_s(now_s, now_us):
            self._until_s = self._sole_until_s = 0.0
        self._sole_until_s = max(self._sole_until_s, now_s + sole_s)
        if now_s + told_s > self._until_s:
            self._until_s = now_s + told_s
            self.until_us = now_us + int(told_s * 1e6)
            self.why = why

    def left_s(self, now_s: float, now_us: int, *, sole: bool = False) -> float:
        """How long it still rests, for who has somebody else to ask or not; 0 where it does not.

        It ends as soon as either clock says so: the monotonic one may stand still while the computer sleeps, and the
        other one may be set back. Asked too early, the provider just says so again.
        """
        until_s = self._sole_until_s if sole else self._until_s
        return max(0.0, min(until_s - now_s, (self.until_us - now_us) / 1e6))

    def answered(self, asked_s: float) -> None:
        """The provider answered what it was asked at that time: no rest that began before goes on."""
        if asked_s >= self._began_s:
            self._times = 0
            self._until_s = self._sole_until_s = 0.0
            self.until_us = 0
