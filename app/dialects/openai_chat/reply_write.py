"""A whole neutral answer -> a chat completion for a client, and the members that chunks share with it."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from app.dialects.arguments import free_text
from app.dialects.base import Road
from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.finish import REFUSED, write_finish
from app.dialects.openai_chat.usage import write_usage
from app.domain.events import Reply, StopReason
from app.domain.request import Search, Text, Thinking, ToolCall

_FORMATS = {"anthropic": "anthropic-claude-v1", "gemini": "google-gemini-v1", "openai": "openai-responses-v1"}
"""How OpenRouter names the kinds of reasoning, by who made it; its clients hand the details back unread."""
_ENCODER = msgspec.json.Encoder()


def write_reply(reply: Reply, road: Road) -> bytes:
    """A whole chat completion."""
    texts = [part.text for part in reply.parts if isinstance(part, Text)]
    thoughts = [part for part in reply.parts if isinstance(part, Thinking) and road.show_thinking]
    calls = [part for part in reply.parts if isinstance(part, ToolCall)]
    refused = reply.stop is StopReason.REFUSAL
    message = wire.MessageOut(
        role="assistant",
        content="".join(texts) if texts or not (calls or refused) else None,
        refusal=(reply.refusal or REFUSED) if refused else None,
        reasoning_content="".join(thought.text for thought in thoughts) or None,
        reasoning_details=[detail(thought, index, road) for index, thought in enumerate(thoughts)],
        tool_calls=[whole_call(call, road) for call in calls],
        annotations=[one for part in reply.parts if isinstance(part, Search) for one in citations(part)],
    )
    choice = wire.ChoiceOut(message, write_finish(reply.stop))
    usage = write_usage(reply.usage)
    return _ENCODER.encode(
        wire.CompletionOut(completion_id(reply.id), road.created_s, road.requested_model, [choice], usage)
    )


def completion_id(upstream: str) -> str:
    """An id in chat's form, from the upstream's where it gave one."""
    if upstream.startswith("chatcmpl-"):
        return upstream
    return "chatcmpl-" + (upstream.removeprefix("msg_") or secrets.token_hex(12))


def detail(thought: Thinking, index: int, road: Road) -> dict[str, Any]:
    """A thinking block as one of OpenRouter's `reasoning_details`, which keep its signature for the next turn."""
    made = {"format": detail_format(road), "index": index}
    if thought.redacted:
        return {"type": "reasoning.encrypted", "data": thought.redacted, **made}
    return {"type": "reasoning.text", "text": thought.text, "signature": thought.signature or None, **made}


def detail_format(road: Road) -> str:
    """What OpenRouter calls the reasoning of this upstream."""
    return _FORMATS.get(road.upstream_kind, "unknown")


def citations(search: Search) -> list[dict[str, Any]]:
    """The pages of a search as citations of the answer."""
    return [
        {
            "type": "url_citation",
            "url_citation": {"url": hit.url, "title": hit.title, "start_index": hit.start, "end_index": hit.end},
        }
        for hit in search.hits
    ]


def whole_call(call: ToolCall, road: Road) -> wire.CallOut:
    """A complete tool call, of a function or of a tool that takes free text."""
    made = wire.CallOut(id=call.id, extra_content=signed(call.signature))
    if call.name in road.custom_tools:
        made.type, made.custom = "custom", wire.CustomOut(call.name, free_text(call.arguments))
    else:
        made.type, made.function = "function", wire.FunctionOut(call.name, call.arguments or "{}")
    return made


def signed(signature: str) -> dict[str, Any] | None:
    """A call's signature where Google's chat endpoint puts it, and clients that know Gemini hand it back."""
    return {"google": {"thought_signature": signature}} if signature else None
