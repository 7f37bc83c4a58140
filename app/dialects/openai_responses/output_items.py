"""The items of a reply, whole: what a message, a call, reasoning, a search and a compaction look like to the client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from app.dialects.arguments import as_object, free_text
from app.dialects.base import Road
from app.dialects.openai_responses.sealed import seal_reasoning, seal_summary
from app.dialects.openai_responses.tools_read import TOOL_SEARCH
from app.domain.request import Search, SearchHit, Thinking, ToolCall

Item = dict[str, Any]
CALL_PREFIXES = {"function_call": "fc", "custom_tool_call": "ctc", "tool_search_call": "tsc"}
"""How the ids of calls begin: OpenAI refuses an item whose id begins like another kind's."""
_JSON = msgspec.json.Decoder(msgspec.Raw)


def text_part(text: str, annotations: list[Item] | None = None) -> Item:
    """A content part with text."""
    return {"type": "output_text", "text": text, "annotations": annotations or []}


def refusal_part(text: str) -> Item:
    """A content part with a refusal."""
    return {"type": "refusal", "refusal": text}


def message_item(own_id: str, content: list[Item], status: str) -> Item:
    """What the model said."""
    return {"type": "message", "id": own_id, "status": status, "role": "assistant", "content": content}


def citations(hits: Iterable[SearchHit]) -> list[Item]:
    """The pages of a search as annotations of the text, each page and place once."""
    return [
        {
            "type": "url_citation",
            "url": hit.url,
            "title": hit.title,
            "start_index": hit.start,
            "end_index": hit.end,
        }
        for hit in dict.fromkeys(hits)
    ]


def call_kind(name: str, road: Road, *, tool_search: bool) -> str:
    """The type of a call's item, by its tool: function, free text, or the client's own tool search."""
    if tool_search and name == TOOL_SEARCH:
        return "tool_search_call"
    return "custom_tool_call" if name in road.custom_tools else "function_call"


def call_head(kind: str, own_id: str, call: ToolCall, road: Road) -> Item:
    """A call without what it is called with; a tool in a namespace has its own name there."""
    head: Item = {"type": kind, "id": own_id, "call_id": call.id, "name": call.name}
    namespace = road.namespaces.get(call.name)
    if namespace:
        head |= {"name": call.name.removeprefix(f"{namespace}__"), "namespace": namespace}
    return head


def call_item(kind: str, own_id: str, call: ToolCall, road: Road, status: str) -> Item:
    """A whole call in the form of its kind."""
    if kind == "tool_search_call":
        arguments = as_object(call.arguments)
        head: Item = {"type": kind, "id": own_id, "call_id": call.id, "execution": "client"}
        return {**head, "arguments": arguments, "status": status}
    head = {**call_head(kind, own_id, call, road), "status": status}
    if kind == "custom_tool_call":
        return {**head, "input": free_text(call.arguments)}
    return {**head, "arguments": call.arguments or "{}"}


def is_whole(arguments: str) -> bool:
    """Whether a call's arguments were not cut off: JSON to its end, or nothing at all."""
    if not arguments:
        return True
    try:
        _JSON.decode(arguments)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def reasoning_item(own_id: str, thought: Thinking, road: Road) -> Item | None:
    """What the model thought, as far as the client asked for it; None where it asked for nothing of it."""
    shown = road.show_thinking and not road.omit_thinking_text and bool(thought.text)
    if thought == Thinking() or not (shown or road.opaque_thinking):
        return None
    item: Item = {"type": "reasoning", "id": own_id, "summary": []}
    if shown:
        item["summary"] = [{"type": "summary_text", "text": thought.text}]
    if road.opaque_thinking:
        item["encrypted_content"] = seal_reasoning(thought, road.upstream_kind, road.sent_model)
    return item


def search_item(own_id: str, search: Search, road: Road, status: str) -> Item:
    """A web search that the upstream ran."""
    action: Item = {"type": "search", "query": search.query or road.search_query}
    pages = list(dict.fromkeys(hit.url for hit in search.hits))
    if pages:
        action["sources"] = [{"type": "url", "url": url} for url in pages]
    return {"type": "web_search_call", "id": own_id, "status": status, "action": action}


def compaction_item(own_id: str, text: str) -> Item:
    """The conversation in short form."""
    return {"type": "compaction", "id": own_id, "encrypted_content": seal_summary(text)}
