"""Names with `*` in them, as people write them in rules and policies: "claude-opus-*"."""

from __future__ import annotations

import functools
from collections.abc import Iterable


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns means this name; `*` is any part of it, all else stands for itself in either case.

    Takes time in proportion to the name, whatever the pattern: a regular expression would try every way in which
    several stars can share a long name, and clients choose the names.
    """
    folded = name.casefold()
    return any(_fits(folded, _parts(pattern)) for pattern in patterns)


@functools.lru_cache(maxsize=1024)
def _parts(pattern: str) -> tuple[str, ...]:
    """What stands between the stars."""
    return tuple(pattern.casefold().split("*"))


def _fits(name: str, parts: tuple[str, ...]) -> bool:
    first, *middle = parts
    if not middle:
        return name == first
    last = middle.pop()
    end = len(name) - len(last)
    if not name.startswith(first) or not name.endswith(last) or end < len(first):
        return False
    at = len(first)
    for part in middle:  # the leftmost place of each leaves the most room for those that follow
        at = name.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
