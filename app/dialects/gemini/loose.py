"""Answers that break the types we know, read as far as they make sense, and several in one array; never raises."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.dialects.gemini import wire_reply as wire
from app.dialects.loose_json import dicts, fitting, load, mended, text

_ANSWER = msgspec.json.Decoder(wire.Answer)


def read_answers(data: bytes) -> list[wire.Answer] | None:
    """A whole answer or a piece of one, or each in an array of such; None where the bytes are no JSON at all."""
    try:
        return [_ANSWER.decode(data)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = load(data)
    if value is None:
        return None
    return [_answer(one) for one in dicts(value if isinstance(value, list) else [value])]


def _answer(value: dict[str, Any]) -> wire.Answer:
    candidates = [_candidate(one) for one in dicts(value.get("candidates"))]
    return wire.Answer(
        candidates=candidates or None,
        prompt_feedback=fitting(wire.FeedbackIn, value.get("promptFeedback")),
        usage_metadata=fitting(wire.UsageIn, value.get("usageMetadata")),
        model_version=text(value.get("modelVersion")),
        response_id=text(value.get("responseId")),
        error=_raw(value.get("error")),
    )


def _candidate(value: dict[str, Any]) -> wire.CandidateIn:
    plain = fitting(wire.CandidateIn, {**value, "content": None, "groundingMetadata": None}) or wire.CandidateIn()
    content = value.get("content")
    if isinstance(content, dict):
        plain.content = wire.ContentIn([_part(one) for one in dicts(content.get("parts"))])
    grounding = value.get("groundingMetadata")
    if isinstance(grounding, dict):
        plain.grounding_metadata = _grounding(grounding)
    return plain


def _part(value: dict[str, Any]) -> wire.PartIn:
    said = value.get("text")
    return wire.PartIn(
        text=_whole(said) if isinstance(said, str) else None,
        thought=value.get("thought") is True,
        thought_signature=text(value.get("thoughtSignature")),
        function_call=_call(value.get("functionCall")),
        inline_data=fitting(wire.BlobIn, value.get("inlineData")),
        executable_code=fitting(wire.CodeIn, value.get("executableCode")),
        code_execution_result=fitting(wire.CodeResultIn, value.get("codeExecutionResult")),
        tool_call=_raw(value.get("toolCall")),
        tool_response=_raw(value.get("toolResponse")),
    )


def _call(value: object) -> wire.CallIn | None:
    if not isinstance(value, dict):
        return None
    return wire.CallIn(text(value.get("id")), text(value.get("name")), _raw(value.get("args")))


def _grounding(value: dict[str, Any]) -> wire.GroundingIn:
    queries = value.get("webSearchQueries")
    return wire.GroundingIn(
        [one for one in queries if isinstance(one, str)] if isinstance(queries, list) else None,
        [wire.SourceIn(fitting(wire.WebIn, one.get("web"))) for one in dicts(value.get("groundingChunks"))],
        [one for each in dicts(value.get("groundingSupports")) if (one := fitting(wire.SupportIn, each)) is not None],
    )


def _raw(value: object) -> msgspec.Raw:
    """The value as JSON again; nothing where there is none."""
    if value is None:
        return wire.NOTHING
    return msgspec.Raw(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _whole(said: str) -> str:
    whole, half = mended("", said)
    return whole + ("\ufffd" if half else "")
