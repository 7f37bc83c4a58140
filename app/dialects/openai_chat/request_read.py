"""A chat request body -> the neutral request; nothing is repaired, nothing swallowed without being named."""

from __future__ import annotations

import msgspec

from app.dialects.base import Peek
from app.dialects.body import invalid, members, read
from app.dialects.openai_chat import wire
from app.dialects.openai_chat.messages_read import MessageReader
from app.dialects.openai_chat.tools_read import read_tool_choice, read_tools
from app.dialects.openai_files import unsupported
from app.domain.request import Format, FormatKind, Reasoning, Request


class _Peek(msgspec.Struct):
    model: str
    stream: bool | None = None
    session_id: str | None = None
    prompt_cache_key: str | None = None


_REQUEST = msgspec.json.Decoder(wire.RequestIn)
_PEEK = msgspec.json.Decoder(_Peek)
_KNOWN = frozenset(wire.RequestIn.__struct_fields__)
_NOTHING = (b"null", b"[]", b"{}", b"false")


def peek(body: bytes) -> Peek:
    """Model, stream flag and session; raises as `base.Dialect.peek` says."""
    found = read(_PEEK, body)
    return Peek(found.model, bool(found.stream), found.session_id or found.prompt_cache_key or "")


def read_request(body: bytes) -> Request:
    """The neutral request; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
    wired = read(_REQUEST, body)
    _refuse(wired)
    system, messages = MessageReader().read(wired.messages)
    limit = wired.max_tokens if wired.max_completion_tokens is None else wired.max_completion_tokens
    return Request(
        model=wired.model,
        messages=messages,
        system=system,
        tools=read_tools(wired),
        tool_choice=read_tool_choice(wired),
        parallel_tool_calls=wired.parallel_tool_calls,
        max_tokens=limit,
        temperature=wired.temperature,
        top_p=wired.top_p,
        top_k=wired.top_k,
        stop=(wired.stop,) if isinstance(wired.stop, str) else tuple(wired.stop or ()),
        stream=bool(wired.stream),
        include_usage=bool(wired.stream_options and wired.stream_options.include_usage),
        reasoning=_reasoning(wired),
        format=_format(wired.response_format),
        user_id=wired.safety_identifier or wired.user or "",
        session_id=wired.session_id or wired.prompt_cache_key or "",
        service_tier=wired.service_tier or "",
        dropped=_dropped(body, wired),
    )


def _refuse(wired: wire.RequestIn) -> None:
    """Raise for what would change the answer and has no counterpart anywhere else."""
    wishes = (
        ("n", wired.n is not None and wired.n != 1, "more than one choice"),
        ("logprobs", bool(wired.logprobs), "log probabilities"),
        ("top_logprobs", bool(wired.top_logprobs), "log probabilities"),
        ("audio", wire.given(wired.audio), "audio"),
        ("modalities", "audio" in (wired.modalities or ()), "audio"),
    )
    for param, wished, what in wishes:
        if wished:
            raise unsupported(what, param)


def _dropped(body: bytes, wired: wire.RequestIn) -> tuple[str, ...]:
    """Members that no other dialect knows, as the client spelled them."""
    unknown = [name for name, place in members(body).items() if name not in _KNOWN and body[place] not in _NOTHING]
    named = any(message.name and message.role != "function" for message in wired.messages)
    return (*unknown, *(["messages.name"] if named else []))


def _reasoning(wired: wire.RequestIn) -> Reasoning:
    """What was said about thinking, in OpenAI's form or OpenRouter's; a chat client can always read it."""
    options = wired.reasoning or wire.ReasoningOptions()
    effort = wired.reasoning_effort or options.effort or ""
    enabled = options.enabled
    if effort == "none":
        enabled, effort = False, ""
    elif effort or options.max_tokens:
        enabled = True
    return Reasoning(
        enabled=enabled,
        effort=effort,
        budget_tokens=options.max_tokens,
        show=not options.exclude,
    )


def _format(wanted: wire.ResponseFormat | None) -> Format | None:
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return Format(FormatKind.JSON_OBJECT)
    if wanted.type != "json_schema":
        forms = '"text", "json_object" or "json_schema"'
        raise invalid(f'Expected {forms}, got "{wanted.type[:40]}"', "response_format.type")
    described = wanted.json_schema
    if described is None or not wire.given(described.schema):
        raise invalid("a schema is required", "response_format.json_schema.schema")
    return Format(FormatKind.JSON_SCHEMA, bytes(described.schema), described.name, described.strict)
