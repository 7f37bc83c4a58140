"""A whole answer of an upstream -> the neutral reply."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.dialects import upstream_error
from app.dialects.anthropic_messages import wire, wire_reply
from app.dialects.anthropic_messages.answer_read import mended, query_of, search_of, stop_reason
from app.dialects.anthropic_messages.tools_write import JSON_TOOL
from app.dialects.anthropic_messages.usage import Counts
from app.dialects.base import Road
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName
from app.domain.request import Foreign, Part, Text, Thinking, ToolCall

_HEAD = msgspec.json.Decoder(wire.Head)
_REPLY = msgspec.json.Decoder(wire_reply.Reply)
_TEXT = msgspec.json.Decoder(wire.TextBlock)
_THINKING = msgspec.json.Decoder(wire.ThinkingBlock)
_REDACTED = msgspec.json.Decoder(wire.RedactedBlock)
_TOOL = msgspec.json.Decoder(wire.ToolUseBlock)
_SERVER_TOOL = msgspec.json.Decoder(wire.ServerToolUseBlock)
_SEARCH = msgspec.json.Decoder(wire.SearchResultBlock)


def read_reply(body: bytes, road: Road) -> Reply:
    """A whole answer; raises PatchbayError BAD_REPLY, or what an error inside a 200 says."""
    try:
        return _read(body, road)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        again = mended(body)
        if again is None or again == body:
            raise _bad_reply(str(error)) from None
    try:
        return _read(again, road)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _bad_reply(str(error)) from None


def _read(body: bytes, road: Road) -> Reply:
    try:
        wired = _REPLY.decode(body)
    except msgspec.ValidationError:
        if _is_error(body):
            raise upstream_error.in_stream(body) from None
        raise
    counts = Counts()
    counts.see(wired.usage)
    parts = tuple(_parts(wired.content, road))
    reason = stop_reason(wired.stop_reason, called=any(isinstance(part, ToolCall) for part in parts))
    if road.json_tool and reason is StopReason.TOOL_USE and not any(isinstance(part, ToolCall) for part in parts):
        reason = StopReason.END_TURN
    details = wired.stop_details
    return Reply(
        id=wired.id,
        model=wired.model,
        parts=parts,
        stop=reason,
        usage=counts.usage(),
        stop_sequence=wired.stop_sequence,
        refusal=(details.explanation if details else None) or "",
    )


def _is_error(body: bytes) -> bool:
    value = msgspec.json.decode(body)
    return isinstance(value, dict) and bool(value.get("error"))


def _parts(content: list[msgspec.Raw], road: Road) -> Iterator[Part]:
    queries: dict[str, str] = {}
    for raw in content:
        kind = _HEAD.decode(raw).type
        if kind == "server_tool_use" and (use := _SERVER_TOOL.decode(raw)).name == "web_search":
            queries[use.id] = query_of(use.input)
        elif kind == "web_search_tool_result":
            found = _SEARCH.decode(raw)
            yield search_of(found, queries.get(found.tool_use_id, ""))
        else:
            yield _part(kind, raw, road)


def _part(kind: str, raw: msgspec.Raw, road: Road) -> Part:
    if kind == "text":
        return Text(_TEXT.decode(raw).text)
    if kind == "thinking":
        thinking = _THINKING.decode(raw)
        return Thinking(thinking.thinking, thinking.signature or "")
    if kind == "redacted_thinking":
        return Thinking(redacted=_REDACTED.decode(raw).data)
    if kind == "tool_use":
        tool = _TOOL.decode(raw)
        arguments = bytes(tool.input).decode("utf-8", "replace")
        if road.json_tool and tool.name == JSON_TOOL:
            return Text(arguments)
        return ToolCall(tool.id, road.names.client(tool.name), arguments)
    return Foreign(DialectName.ANTHROPIC_MESSAGES, kind, bytes(raw))


def _bad_reply(why: str) -> PatchbayError:
    return PatchbayError(ErrorKind.BAD_REPLY, f"The upstream's answer is no message: {why.replace('`', '')}.")
