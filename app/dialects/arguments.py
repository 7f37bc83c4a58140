"""Tool arguments in other forms than their JSON text: as the object that Anthropic and Gemini want, as free text."""

from __future__ import annotations

from typing import Any

import msgspec

from app.dialects.body import without_lone_surrogates

_ANY = msgspec.json.Decoder(msgspec.Raw)
_INPUT = msgspec.json.Decoder(dict[str, Any])


def as_object(arguments: str) -> msgspec.Raw:
    """JSON of an object: the text itself, `{}` for nothing, `{"value": …}` for other JSON, else the raw text inside."""
    text = arguments.strip()
    if text in ("", "null"):
        return msgspec.Raw(b"{}")
    data = without_lone_surrogates(text.encode("utf-8", "replace"))
    try:
        _ANY.decode(data)
    except (msgspec.DecodeError, RecursionError):
        whole = arguments.encode("utf-8", "replace").decode()
        return msgspec.Raw(msgspec.json.encode({"__raw_arguments": whole}))
    return msgspec.Raw(data if text[0] == "{" else b'{"value":%b}' % data)


def free_text(arguments: str) -> str:
    """The text that a free-text tool was called with: the `input`, or all of it where the model broke the form."""
    try:
        given = _INPUT.decode(arguments)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return arguments
    if not given:
        return ""
    return given["input"] if list(given) == ["input"] and isinstance(given["input"], str) else arguments
