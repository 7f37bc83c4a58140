"""Names with `*` in them, as people write them in rules and policies: "claude-opus-*"."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns means this name; `*` is any part of it, all else stands for itself in either case."""
    return any(_compiled(pattern).fullmatch(name) is not None for pattern in patterns)


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Stars in a row are one: each more would multiply the ways in which a long name fails to match.
    parts = (re.escape(part) for part in re.split(r"\*+", pattern))
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)
