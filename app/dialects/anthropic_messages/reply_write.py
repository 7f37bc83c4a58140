"""The neutral reply -> a whole answer for an Anthropic client, and what the stream writer shares with it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from typing import Any

import msgspec

from app.dialects.anthropic_messages.usage import write_usage
from app.dialects.arguments import as_object
from app.dialects.base import Road
from app.dialects.road import settled
from app.dialects.signatures import wrap
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName
from app.domain.request import Foreign, Part, Search, Text, Thinking, ToolCall

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")


def write_reply(reply: Reply, road: Road) -> bytes:
    """A whole answer as the body of `POST /v1/messages`."""
    content = [block for part in reply.parts for block in _blocks(part, reply, road)]
    size = sum(len(part.text.encode("utf-8", "replace")) for part in reply.parts if isinstance(part, (Text, Thinking)))
    size += sum(len(part.arguments) for part in reply.parts if isinstance(part, ToolCall))
    body = {
        "id": message_id(reply.id),
        "type": "message",
        "role": "assistant",
        "model": road.requested_model,
        "content": content,
        "stop_reason": reply.stop.value,
        "stop_sequence": reply.stop_sequence,
        "stop_details": stop_details(reply.stop, reply.refusal),
        "usage": write_usage(settled(reply.usage, road, size)),
    }
    return msgspec.json.encode(body)


def _blocks(part: Part, reply: Reply, road: Road) -> Iterator[dict[str, Any] | msgspec.Raw]:
    match part:
        case Text() if part.text:
            yield {"type": "text", "text": part.text}
        case Thinking() if road.show_thinking:
            text = "" if road.omit_thinking_text else part.text
            yield {"type": "thinking", "thinking": text, "signature": part.signature or _seal(part, road)}
        case ToolCall():
            yield {"type": "tool_use", "id": part.id, "name": part.name, "input": as_object(part.arguments)}
        case Search():
            use, result = search_blocks(part, reply.id)
            yield use | {"input": {"query": part.query or road.search_query}}
            yield result
        case Foreign(dialect=DialectName.ANTHROPIC_MESSAGES):
            yield msgspec.Raw(part.json)


def _seal(part: Thinking, road: Road) -> str:
    data = msgspec.json.encode({"redacted": part.redacted}) if part.redacted else b"{}"
    return wrap(road.upstream_kind, road.sent_model, data)


def search_blocks(search: Search, message: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two blocks of a web search, the first still without its input."""
    given = search.id if search.id.startswith("srvtoolu_") else ""
    own = given or "srvtoolu_" + hashlib.sha256(f"{message} {search.id} {search.query}".encode()).hexdigest()[:24]
    hits = [
        {"type": "web_search_result", "url": hit.url, "title": hit.title, "encrypted_content": "", "page_age": None}
        for hit in search.hits
    ]
    return (
        {"type": "server_tool_use", "id": own, "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": own, "content": hits},
    )


def message_id(given: str) -> str:
    """A message id in the vendor's form for whatever the upstream called the answer."""
    clean = _UNFIT.sub("", given)[:64] or secrets.token_hex(12)
    return clean if clean.startswith("msg_") else f"msg_{clean}"


def stop_details(stop: StopReason, refusal: str) -> dict[str, Any] | None:
    """What stands beside a refusal."""
    if stop is not StopReason.REFUSAL:
        return None
    return {"type": "refusal", "category": None, "explanation": refusal or None}


def text_json(text: str) -> bytes:
    """A JSON string of any text, lone surrogates replaced."""
    try:
        return msgspec.json.encode(text)
    except UnicodeEncodeError:
        return msgspec.json.encode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
