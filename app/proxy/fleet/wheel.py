"""Turns by weight, spread evenly: nginx's smooth weighted round robin.

With weights 5, 1 and 1 the turns are a a b a c a a rather than a a a a a b c.
Source: https://github.com/phusion/nginx/commit/27e94984486058d73157038f7950a0a36ecc6e35
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence


class Wheel:
    """Whose turn it is; who is not there for a while keeps their place."""

    __slots__ = ("_current",)

    def __init__(self) -> None:
        self._current: dict[Hashable, int] = {}

    def turn(self, weights: Sequence[tuple[Hashable, int]]) -> list[int]:
        """Turn once among these names with their weights, all above 0: their places, whose turn it is in front."""
        current = self._current
        for name, weight in weights:
            current[name] = current.get(name, 0) + weight
        order = self.order(weights)
        current[weights[order[0]][0]] -= sum(weight for _, weight in weights)
        return order

    def order(self, weights: Sequence[tuple[Hashable, int]]) -> list[int]:
        """Their places by whose turn comes soonest; turns nothing."""
        return sorted(range(len(weights)), key=lambda place: -self._current.get(weights[place][0], 0))

    def clear(self) -> None:
        """Begin anew."""
        self._current.clear()
