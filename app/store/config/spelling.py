"""Keys as people write them: a near spelling is taken for the key, a mistyped one is told with the key that it is like.

A condition that nobody reads would make a rule hold for every request. So in tables that say which requests, errors,
models or addresses something holds for, a key that they do not have is an error; elsewhere it is only told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

_LIKE = 0.6
_CLOSELY = 0.75
"""Where a key may just as well be another tool's own."""
NONE: Mapping[str, str] = MappingProxyType({})


def key_problem(
    key: str, table: Collection[str], header: str, known: Collection[str], near: Mapping[str, str] = NONE
) -> str:
    """What is wrong with a key of a table, in words; empty where the table may have it.

    `header` is written as `[[route]]`; `near` leads from the near spellings that are taken to the keys that they mean.
    """
    meant = near.get(key)
    if meant is not None and meant in table:
        return f"says the same as {meant}, which is there too; keep one of them"
    if key in known or meant is not None:
        return ""
    near_one = like(key, known)
    hint = f"did you mean {near_one}?" if near_one else f"it may have {', '.join(known)}"
    return f"is no key of {header}; {hint}"


def like(key: str, known: Collection[str], *, closely: bool = False) -> str:
    """The one of the known keys that a key is like; empty where it is like none."""
    import difflib  # only for a file with a mistake in it

    plain = key.lower().replace("-", "_").replace(" ", "_")
    return next(iter(difflib.get_close_matches(plain, sorted(known), n=1, cutoff=_CLOSELY if closely else _LIKE)), "")
