"""One value of the file as the type and within the bounds that its key demands; CC-Proxy's quoted numbers included."""

from __future__ import annotations

import dataclasses
import re
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.settings import LIMIT_RANGES, RATES_IN_MEMORY, Limits, Settings

Word = TypeVar("Word", bound=StrEnum)

BOUNDS: dict[str, tuple[float, float]] = {
    "port": (1, 65_535),
    "history_days": (1, 36_500),
    "history_mib": (1, 1_048_576),
}
RATE_STORAGE = "rate_storage"
"""The one key of `[limits]` that is no bound, and no part of `Limits`."""
_SHARED_STORAGE = re.compile(r"rediss?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[0-9]{1,3})?")
PLAIN_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
PLAIN_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{1,30})?|\.[0-9]{1,30})")
"""Numbers in quotes; `int` and `float` by themselves take underscores, the digits of every script, and words."""
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
_DEFAULTS: dict[str, Any] = {
    one.name: getattr(Settings(), one.name)
    for one in dataclasses.fields(Settings)
    if one.name not in ("limits", "redaction", "lan", RATE_STORAGE)
}
_LIMITS: dict[str, Any] = {one.name: getattr(Limits(), one.name) for one in dataclasses.fields(Limits)}

SETTING_KEYS = frozenset(_DEFAULTS)
LIMIT_KEYS = frozenset({*_LIMITS, RATE_STORAGE})


class BadValueError(ValueError):
    """A value that its key cannot have; the text says what it must be."""


def setting(key: str, value: object) -> Any:
    """A value of `[config]`; raises BadValueError."""
    if key == "log_level":
        word = text(value).lower()
        if word not in LOG_LEVELS:
            raise BadValueError(f"must be one of {', '.join(LOG_LEVELS)}")
        return word
    return _like(_DEFAULTS[key], value, BOUNDS.get(key, (0, 2**40)))


def limit(key: str, value: object) -> Any:
    """A value of `[limits]`; raises BadValueError."""
    if key == RATE_STORAGE:
        storage = text(value)
        if storage != RATES_IN_MEMORY and not _SHARED_STORAGE.fullmatch(storage):
            raise BadValueError(f'must be "{RATES_IN_MEMORY}", or "redis://host:6379/0" without a password in it')
        return storage
    return _like(_LIMITS[key], value, LIMIT_RANGES[key])


def text(value: object) -> str:
    """A string; raises BadValueError."""
    if not isinstance(value, str):
        raise BadValueError(f"must be text in quotes, not {_kind(value)}")
    return value


def texts(value: object) -> tuple[str, ...]:
    """A list of strings; raises BadValueError."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadValueError('must be a list of names such as ["one", "two"]')
    return tuple(value)


def flag(value: object) -> bool:
    """True or false, in quotes or not; raises BadValueError."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise BadValueError(f"must be true or false, not {_kind(value)}")
    return value


def whole(value: object, low: int, high: int) -> int:
    """A whole number within these bounds, in quotes or not; raises BadValueError."""
    return int(_number(low, value, (low, high)))


def choice(value: object, words: type[Word]) -> Word:
    """One of an enumeration's words; raises BadValueError."""
    if value not in [one.value for one in words]:
        raise BadValueError(f"must be one of {', '.join(one.value for one in words)}")
    return words(value)


def _like(default: Any, value: object, bounds: tuple[float, float]) -> Any:
    if isinstance(default, bool):
        return flag(value)
    if isinstance(default, int | float):
        return _number(default, value, bounds)
    if isinstance(default, StrEnum):
        words = [one.value for one in type(default)]
        if value not in words:
            raise BadValueError(f"must be one of {', '.join(words)}")
        return type(default)(value)
    return text(value)


def _number(default: float, value: object, bounds: tuple[float, float]) -> int | float:
    kind = int if isinstance(default, int) else float
    number: int | float | None = None
    if isinstance(value, str):
        plain = value.strip()
        number = kind(plain) if (PLAIN_WHOLE if kind is int else PLAIN_NUMBER).fullmatch(plain) else None
    elif isinstance(value, int | float) and not isinstance(value, bool) and (kind is float or isinstance(value, int)):
        number = kind(value)
    low, high = bounds
    if number is None or not low <= number <= high:
        raise BadValueError(f"must be a {'whole ' if kind is int else ''}number from {low:g} to {high:.10g}")
    return number


def _kind(value: object) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return words.get(type(value), "this")
