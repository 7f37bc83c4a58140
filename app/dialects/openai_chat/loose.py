"""Chunks and answers that break the types we know, read as far as they make sense; never raises.

The fast decoder refuses a whole chunk for one field of a wrong type. What it refuses comes here: a field that does not
fit counts as missing, numbers in text count as numbers, broken UTF-8 and lone surrogates are kept as far as they go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from app.dialects.openai_chat import wire_reply as wire

_CHUNK = msgspec.json.Decoder(wire.Chunk)
_UNFIT = (msgspec.ValidationError, UnicodeEncodeError)
"""The second one for half of a surrogate pair in the place of a number."""
_DIGITS = 19
T = TypeVar("T", bound=msgspec.Struct)


def read_chunk(data: bytes) -> wire.Chunk | None:
    """A chunk or a whole answer; None where the bytes are no JSON at all."""
    try:
        return _CHUNK.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        value = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value:
        value = value[0]  # Gemini's compatible endpoint wraps an error in an array
    return _chunk(value) if isinstance(value, dict) else wire.Chunk()


def mended(half: str, text: str) -> tuple[str, str]:
    """`text` without lone surrogates, and a trailing first half to be kept for the next text.

    Servers that cut their text by UTF-16 units put the two halves of an emoji into two chunks.
    """
    text = half + text
    half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
    whole = text[: len(text) - len(half)]
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), half


def _chunk(value: dict[str, Any]) -> wire.Chunk:
    groq = value.get("x_groq")
    return wire.Chunk(
        id=_text(value.get("id")),
        object=_text(value.get("object")),
        model=_text(value.get("model")),
        choices=[_choice(one) for one in _dicts(value.get("choices"))],
        usage=_fitting(wire.UsageIn, value.get("usage")),
        x_groq=wire.GroqExtra(_fitting(wire.UsageIn, groq.get("usage"))) if isinstance(groq, dict) else None,
        error=value.get("error"),
    )


def _choice(value: dict[str, Any]) -> wire.Choice:
    return wire.Choice(
        index=_number(value.get("index")),
        delta=_delta(value.get("delta")),
        message=_delta(value.get("message")),
        finish_reason=_text(value.get("finish_reason")),
        stop_reason=value.get("stop_reason"),
        matched_stop=value.get("matched_stop"),
        usage=_fitting(wire.UsageIn, value.get("usage")),
    )


def _delta(value: object) -> wire.Delta | None:
    if not isinstance(value, dict):
        return None
    content = value.get("content")
    return wire.Delta(
        content=content if isinstance(content, (str, list)) else None,
        reasoning_content=_text(value.get("reasoning_content")),
        reasoning=_text(value.get("reasoning")),
        thinking=_text(value.get("thinking")),
        reasoning_details=list(_dicts(value.get("reasoning_details"))) or None,
        refusal=_text(value.get("refusal")),
        tool_calls=[_call(one) for one in _dicts(value.get("tool_calls"))] or None,
        function_call=_function(value.get("function_call")),
        annotations=list(_dicts(value.get("annotations"))) or None,
    )


def _call(value: dict[str, Any]) -> wire.CallPiece:
    custom = value.get("custom")
    return wire.CallPiece(
        index=_number(value.get("index")),
        id=_text(value.get("id")),
        function=_function(value.get("function")),
        custom=_fitting(wire.CustomPiece, custom),
        extra_content=extra if isinstance(extra := value.get("extra_content"), dict) else None,
    )


def _function(value: object) -> wire.FunctionPiece | None:
    if not isinstance(value, dict):
        return None
    arguments = value.get("arguments")
    if arguments is not None and not isinstance(arguments, (str, dict)):
        arguments = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    return wire.FunctionPiece(_text(value.get("name")), arguments)


def _fitting(kind: type[T], value: object) -> T | None:
    """The struct from those members that fit it."""
    if not isinstance(value, dict):
        return None
    try:
        return msgspec.convert(value, kind, strict=False)
    except _UNFIT:
        pass
    kept: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        try:
            kept[name] = getattr(msgspec.convert({name: value.get(name)}, kind, strict=False), name)
        except _UNFIT:
            kept[name] = None
    return kind(**kept)


def _dicts(value: object) -> Iterable[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _text(value: object) -> str | None:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value).encode("utf-8", "replace").decode()
    return None


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) <= _DIGITS:
        return int(value)
    return int(value) if isinstance(value, (int, float)) and value == value // 1 else None
