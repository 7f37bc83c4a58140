"""Whose turn it is among the candidates of one request.

Each is asked in the order of the fleet. One that would have to be waited for (all its places taken, its key not read
yet) is put off until nobody else is left; one that failed in passing comes again after all of these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from app.proxy.fleet.candidate import Candidate


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

    __slots__ = ("_again", "_candidates", "_left", "_put_off")

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._left = len(candidates)
        self._put_off: deque[Candidate] = deque()
        self._again: list[Turn] = []

    def next(self) -> Turn | None:
        """Whose turn it is; None when nobody is left."""
        if self._left:
            candidate = self._candidates[len(self._candidates) - self._left]
            self._left -= 1
            return Turn(candidate, patient=not (self._left or self._put_off))
        if self._put_off:
            return Turn(self._put_off.popleft(), patient=True)
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
        self._again.clear()

    def nobody_waits(self) -> None:
        """Waiting was in vain once: those that were put off are not waited for as well."""
        self._put_off.clear()
