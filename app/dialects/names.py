"""Ids and names that every upstream accepts, and the way back.

A name that conforms stays as it is; any other becomes its cleaned beginning and a hash, so that the same name is the
same in every turn (prompt caches) and in call and result. Limits: OpenAI chat takes 64 characters of `[A-Za-z0-9_-]`
in ids and names, Mistral exactly 9 letters and digits in ids.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from app.dialects.base import NO_NAMES, NameMap

_CONFORMING = re.compile(r"[A-Za-z0-9_-]+")
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OTHER = re.compile(r"[^A-Za-z0-9_-]")
_CUT = 64
_SHORTEST_WITH_HASH = 17


def tool_id(given: str, limit: int = 0) -> str:
    """A tool call's id as the upstream takes it; `limit` is its length in characters, 0 is none."""
    short = 0 < limit < _SHORTEST_WITH_HASH
    fits = len(given) == limit and given.isalnum() if short else not limit or len(given) <= limit
    return given if fits and _CONFORMING.fullmatch(given) else _hashed(given, limit or _CUT)


def _hashed(given: str, limit: int) -> str:
    digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    limit = min(limit, _CUT)
    if limit < _SHORTEST_WITH_HASH:
        return digest[:limit]
    return f"{_OTHER.sub('_', given)[: limit - 9]}_{digest[:8]}"


class ToolNames:
    """The tool names of one request, there and back; two names never meet in one.

    `known` are the names of the tools offered; others (in the history) are added when `upstream` first sees them.
    `no_digit_first` is for Gemini, whose names begin with a letter or `_`.
    """

    def __init__(self, known: Iterable[str], limit: int = 64, *, no_digit_first: bool = False) -> None:
        self._limit = limit
        self._shape = _FUNCTION if no_digit_first else _CONFORMING
        self._there: dict[str, str] = {}
        self._back: dict[str, str] = {}
        names = list(known)
        for name in sorted(names, key=lambda one: not self._conforms(one)):  # those that may stay come first
            self.upstream(name)

    def upstream(self, name: str) -> str:
        """The name as the upstream knows it."""
        if name not in self._there:
            free = name if self._conforms(name) else self._made(name)
            salt = 0
            while free in self._back:
                salt += 1
                free = self._made(f"{name}#{salt}")
            self._there[name] = free
            self._back[free] = name
        return self._there[name]

    def map(self) -> NameMap:
        """The way back, of the names that had to change."""
        changed = {there: name for there, name in self._back.items() if there != name}
        return NameMap(changed) if changed else NO_NAMES

    def _made(self, name: str) -> str:
        made = _hashed(name, self._limit)
        return made if self._shape.fullmatch(made) else _hashed(f"_{name}", self._limit)

    def _conforms(self, name: str) -> bool:
        return len(name) <= self._limit and self._shape.fullmatch(name) is not None
