"""Places that are taken in turn: within a client key whoever came first, and the keys in rotation.

A key that asks for everything at once neither keeps the others from a place (its next turn comes after theirs) nor
from the line (where that is full, the last of the longest part makes room).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass

Turn = asyncio.Future[bool]
"""True: the place is yours. False: you had to make room for somebody else."""


@dataclass(slots=True)
class Crowd:
    """How many wait, in all lines together."""

    waiting: int = 0


class FairLine:
    """Places, and the line of those who wait for one; belongs to the loop's thread."""

    __slots__ = ("_by_key", "_crowd", "_lines", "_most", "_most_per_key", "_own", "taken")

    def __init__(self, crowd: Crowd) -> None:
        self.taken = 0
        self._crowd = crowd
        self._by_key: Counter[str] = Counter()
        self._lines: dict[str, deque[Turn]] = {}
        """By key, the key whose turn is next first."""
        self._most = self._most_per_key = 0
        self._own: dict[str, int] = {}
        """Bounds of keys that have one of their own."""

    @property
    def idle(self) -> bool:
        """Whether nobody holds a place or waits for one."""
        return not self.taken and not self._lines

    def held_by(self, key: str) -> int:
        """How many places a key has taken."""
        return self._by_key[key]

    def bound(self, most: int, most_per_key: int) -> None:
        """How many places there are now, and how many of them one key may take."""
        self._most, self._most_per_key = most, most_per_key

    def bound_key(self, key: str, most: int) -> None:
        """How many places this key may take at most; 0 for as many as any other."""
        if most:
            self._own[key] = most
        elif self._own:
            self._own.pop(key, None)

    def bound_of(self, key: str) -> int:
        """The key's own bound, where it is what keeps the key from another place; else 0."""
        own = self._own.get(key, 0)
        return own if own and self._by_key[key] >= own else 0

    def most_of(self, key: str) -> int:
        """How many places a key may take."""
        return min(self._own.get(key, self._most_per_key), self._most_per_key)

    def take(self, key: str) -> bool:
        """Take a place if one is free and nobody with the same key came before."""
        if key in self._lines or not self._free(key):
            return False
        self._give(key)
        return True

    def join(self, key: str) -> Turn:
        """Wait in line for the future that this returns."""
        turn: Turn = asyncio.get_running_loop().create_future()
        self._lines.setdefault(key, deque()).append(turn)
        self._crowd.waiting += 1
        return turn

    def make_room(self, key: str) -> bool:
        """Send the last of the longest part of the line away, if `key` would still have fewer there."""
        longest = max(self._lines, key=lambda one: len(self._lines[one]), default=key)
        if len(self._lines.get(longest, ())) <= len(self._lines.get(key, ())) + 1:
            return False
        turn = self._lines[longest][-1]
        self.leave_line(longest, turn)
        turn.set_result(False)
        return True

    def leave_line(self, key: str, turn: Turn) -> None:
        """Wait no longer."""
        line = self._lines.get(key)
        if line is None or turn not in line:
            return
        line.remove(turn)
        self._crowd.waiting -= 1
        if not line:
            del self._lines[key]

    def give_back(self, key: str) -> None:
        """Give a place back; whoever is next gets it."""
        self.taken -= 1
        self._by_key[key] -= 1
        if not self._by_key[key]:
            del self._by_key[key]
        while (following := next(filter(self._free, self._lines), None)) is not None:
            turn = self._lines[following][0]
            self.leave_line(following, turn)
            if following in self._lines:
                self._lines[following] = self._lines.pop(following)
            if not turn.done():
                self._give(following)
                turn.set_result(True)

    def _free(self, key: str) -> bool:
        return self.taken < self._most and self._by_key[key] < self.most_of(key)

    def _give(self, key: str) -> None:
        self.taken += 1
        self._by_key[key] += 1
