"""Tool arguments as the object that Anthropic and Gemini want, whatever JSON text a model or client produced."""

from __future__ import annotations

import msgspec

_ANY = msgspec.json.Decoder(msgspec.Raw)


def as_object(arguments: str) -> msgspec.Raw:
    """JSON of an object: the text itself, `{}` for nothing, `{"value": …}` for other JSON, else the raw text inside."""
    text = arguments.strip()
    if text in ("", "null"):
        return msgspec.Raw(b"{}")
    data = text.encode("utf-8", "replace")
    try:
        _ANY.decode(data)
    except (msgspec.DecodeError, RecursionError):
        whole = arguments.encode("utf-8", "replace").decode()
        return msgspec.Raw(msgspec.json.encode({"__raw_arguments": whole}))
    return msgspec.Raw(data if text[0] == "{" else b'{"value":%b}' % data)
