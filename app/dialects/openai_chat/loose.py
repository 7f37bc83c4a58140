"""Chunks and answers that break the types we know, read as far as they make sense; never raises.

See `loose_json` for what counts as making sense.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.dialects.loose_json import dicts, fitting, load, number, text
from app.dialects.openai_chat import wire_reply as wire

_CHUNK = msgspec.json.Decoder(wire.Chunk)


def read_chunk(data: bytes) -> wire.Chunk | None:
    """A chunk or a whole answer; None where the bytes are no JSON at all."""
    try:
        return _CHUNK.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    value = load(data)
    if value is None and data.strip() != b"null":
        return None
    if isinstance(value, list) and value:
        value = value[0]  # Gemini's compatible endpoint wraps an error in an array
    return _chunk(value) if isinstance(value, dict) else wire.Chunk()


def _chunk(value: dict[str, Any]) -> wire.Chunk:
    groq = value.get("x_groq")
    return wire.Chunk(
        id=text(value.get("id")),
        object=text(value.get("object")),
        model=text(value.get("model")),
        choices=[_choice(one) for one in dicts(value.get("choices"))],
        usage=fitting(wire.UsageIn, value.get("usage")),
        x_groq=wire.GroqExtra(fitting(wire.UsageIn, groq.get("usage"))) if isinstance(groq, dict) else None,
        error=value.get("error"),
    )


def _choice(value: dict[str, Any]) -> wire.Choice:
    return wire.Choice(
        index=number(value.get("index")),
        delta=_delta(value.get("delta")),
        message=_delta(value.get("message")),
        finish_reason=text(value.get("finish_reason")),
        stop_reason=value.get("stop_reason"),
        matched_stop=value.get("matched_stop"),
        usage=fitting(wire.UsageIn, value.get("usage")),
    )


def _delta(value: object) -> wire.Delta | None:
    if not isinstance(value, dict):
        return None
    content = value.get("content")
    return wire.Delta(
        content=content if isinstance(content, (str, list)) else None,
        reasoning_content=text(value.get("reasoning_content")),
        reasoning=text(value.get("reasoning")),
        thinking=text(value.get("thinking")),
        reasoning_details=list(dicts(value.get("reasoning_details"))) or None,
        refusal=text(value.get("refusal")),
        tool_calls=[_call(one) for one in dicts(value.get("tool_calls"))] or None,
        function_call=_function(value.get("function_call")),
        annotations=list(dicts(value.get("annotations"))) or None,
    )


def _call(value: dict[str, Any]) -> wire.CallPiece:
    custom = value.get("custom")
    return wire.CallPiece(
        index=number(value.get("index")),
        id=text(value.get("id")),
        function=_function(value.get("function")),
        custom=fitting(wire.CustomPiece, custom),
        extra_content=extra if isinstance(extra := value.get("extra_content"), dict) else None,
    )


def _function(value: object) -> wire.FunctionPiece | None:
    if not isinstance(value, dict):
        return None
    arguments = value.get("arguments")
    if arguments is not None and not isinstance(arguments, (str, dict)):
        arguments = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    return wire.FunctionPiece(text(value.get("name")), arguments)
