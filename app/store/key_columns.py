"""A client key's policy and tags as the text of a column, and back.

A policy is read whole and never searched, so that one text is enough and a new field needs no migration. A text that
cannot be read is that of a key that opens nothing: whatever it forbade, it must not be allowed by an accident.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from app.domain.client_key import KeyPolicy

CLOSED = KeyPolicy(enabled=False)
_LISTS = frozenset({"models", "dialects", "clients", "networks"})
_COUNTS = frozenset({"requests_per_minute", "tokens_per_minute", "concurrent"})
_APART = "expires_us"
_NAMES = frozenset(one.name for one in fields(KeyPolicy)) - {_APART}


def policy_text(policy: KeyPolicy) -> str:
    """The policy but for its end, which has a column of its own; what does not narrow is left out."""
    written = {name: value for name, value in asdict(policy).items() if name != _APART and value}
    return json.dumps({**written, "enabled": policy.enabled})


def read_policy(text: str, expires_us: int) -> KeyPolicy:
    """The policy that was written; `CLOSED` where it cannot be understood to the last word."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or not _NAMES.issuperset(found):
            return CLOSED
        values = {name: _value(name, value) for name, value in found.items()}
    except (ValueError, TypeError, RecursionError):
        return CLOSED
    return KeyPolicy(**values, expires_us=expires_us)  # type: ignore[arg-type]


def tags_text(tags: Sequence[str]) -> str:
    """The tags."""
    return json.dumps(list(tags))


def read_tags(text: str) -> tuple[str, ...]:
    """The tags that were written; none where they cannot be read."""
    try:
        return _words(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return ()


def _value(name: str, value: object) -> object:
    if name in _LISTS:
        return _words(value)
    if name in _COUNTS:
        if type(value) is not int or value < 0:
            raise TypeError(name)
        return value
    if not isinstance(value, bool):
        raise TypeError(name)
    return value


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError("not a list of words")
    return tuple(value)
