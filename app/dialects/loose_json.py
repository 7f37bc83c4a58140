"""JSON of an upstream that breaks the types we know, read as far as it makes sense; never raises.

A typed decoder refuses a whole value for one member of a wrong type. What it refuses comes here: a member that does not
fit counts as missing, numbers in text count as numbers, broken UTF-8 and lone surrogates are kept as far as they go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

_UNFIT = (msgspec.ValidationError, UnicodeEncodeError)
"""The second one for half of a surrogate pair in the place of a number."""
_DIGITS = 19
T = TypeVar("T", bound=msgspec.Struct)


def load(data: bytes) -> Any:
    """The value; None where the bytes are no JSON at all."""
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def fitting(kind: type[T], value: object) -> T | None:
    """The struct from those members that fit it; None where the value is no object."""
    if not isinstance(value, dict):
        return None
    try:
        return msgspec.convert(value, kind, strict=False)
    except _UNFIT:
        pass
    kept: dict[str, Any] = {}
    for name, wired in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True):
        try:
            kept[name] = getattr(msgspec.convert({wired: value.get(wired)}, kind, strict=False), name)
        except _UNFIT:
            kept[name] = None
    return kind(**kept)


def dicts(value: object) -> Iterable[dict[str, Any]]:
    """The objects in an array; none where it is no array."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def text(value: object) -> str | None:
    """A text, or a number as one; without lone surrogates."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value).encode("utf-8", "replace").decode()
    return None


def number(value: object) -> int | None:
    """A whole number, or a text of digits as one."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _DIGITS:
        return int(value)
    return int(value) if isinstance(value, (int, float)) and value == value // 1 else None


def mended(half: str, text: str) -> tuple[str, str]:
    """`text` without lone surrogates, and a trailing first half to be kept for the next text.

    Servers that cut their text by UTF-16 units put the two halves of an emoji into two chunks.
    """
    text = half + text
    half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
    whole = text[: len(text) - len(half)]
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), half
