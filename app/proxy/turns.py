"""Whose turn it is among the candidates of one request.

Each is asked in the order of the fleet. One that would have to be waited for (all its places taken, its key not read
yet) is put off until nobody else is left; then come further accounts of a target that failed whoever asked, and last
what failed in passing. There is a limit to the targets that are tried, which a provider's accounts do not use up: one
that is refused or over its limit leads to the next of the same target, and that is no further try.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from app.domain.route import Target
from app.proxy.fleet.candidate import Candidate, Key
from app.proxy.fleet.fleet import Outcome

_OF_THE_ACCOUNT = (Outcome.LIMITED, Outcome.REJECTED, Outcome.FORBIDDEN)
"""Another account of the same target may do better at once."""


class Turn(NamedTuple):
    """A candidate, and how it may be asked."""

    candidate: Candidate
    patient: bool
    """Nobody else is left: it is worth waiting for."""
    pause_s: float = 0.0
    """It failed before and is asked again after this time."""
    limited: bool = False
    """Its own limit is what it failed by, and over after the pause."""

    @property
    def again(self) -> bool:
        """Whether it was asked before."""
        return self.pause_s > 0 or self.limited


class Turns:
    """The turns of one request."""

    __slots__ = ("_again", "_asked", "_behind", "_came", "_candidates", "_left", "_most", "_put_off", "_tries")

    def __init__(self, candidates: Sequence[Candidate], most: int) -> None:
        self._candidates = candidates
        self._left = len(candidates)
        self._most = most
        self._tries = 0
        self._came: dict[Target, Outcome] = {}
        """Of each target that failed, what came of it last."""
        self._asked: set[tuple[Target, Key]] = set()
        self._put_off: deque[Candidate] = deque()
        self._behind: deque[Candidate] = deque()
        self._again: list[Turn] = []

    def next(self) -> Turn | None:
        """Whose turn it is; None when nobody is left, or enough were tried."""
        turn = self._next()
        return turn if turn is None or self._tries < self._most or self._is_free(turn.candidate) else None

    def failed(self, candidate: Candidate, outcome: Outcome) -> None:
        """It was asked and did not answer."""
        if not self._is_free(candidate):
            self._tries += 1
        self._came[candidate.target] = outcome
        self._asked.add((candidate.target, candidate.key))

    def _is_free(self, candidate: Candidate) -> bool:
        """Whether asking it is no further try: a trouble of another account of its target leads to it."""
        came = self._came.get(candidate.target) if self._came else None
        return came in _OF_THE_ACCOUNT and (candidate.target, candidate.key) not in self._asked

    def _next(self) -> Turn | None:
        while self._left:
            candidate = self._candidates[len(self._candidates) - self._left]
            self._left -= 1
            if self._came and self._came.get(candidate.target) is Outcome.FAILED:
                self._behind.append(candidate)
                continue
            return Turn(candidate, patient=not (self._left or self._put_off))
        for waiting in (self._put_off, self._behind):
            if waiting:
                return Turn(waiting.popleft(), patient=True)
        if self._again:
            soonest = min(self._again, key=lambda one: one.pause_s)
            self._again.remove(soonest)
            return soonest
        return None

    def put_off(self, candidate: Candidate) -> None:
        """It would have to be waited for: whoever else is ready comes first."""
        self._put_off.append(candidate)

    def come_again(self, candidate: Candidate, pause_s: float, *, limited: bool) -> None:
        """It may be asked again when everybody else was."""
        self._again.append(Turn(candidate, patient=True, pause_s=pause_s, limited=limited))

    def stop(self) -> None:
        """Nobody else is to be asked."""
        self._left = 0
        self._put_off.clear()
        self._behind.clear()
        self._again.clear()

    def nobody_waits(self) -> None:
        """Waiting was in vain once: those that were put off are not waited for as well."""
        self._put_off.clear()
