"""A whole neutral answer -> a `response` object, and the object's frame, which the events of a stream share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Raw

from app.dialects.base import Road
from app.dialects.openai_responses.compact import summary
from app.dialects.openai_responses.echo import Echo, read_echo
from app.dialects.openai_responses.ids import Ids
from app.dialects.openai_responses.output_items import (
    CALL_PREFIXES,
    Item,
    call_item,
    call_kind,
    citations,
    compaction_item,
    is_whole,
    message_item,
    reasoning_item,
    refusal_part,
    search_item,
    text_part,
)
from app.dialects.openai_responses.usage import utf8_bytes, write_usage
from app.dialects.road import settled
from app.domain.events import Reply, StopReason
from app.domain.request import Search, SearchHit, Text, Thinking, ToolCall

REFUSED = "The model refused."
INCOMPLETE = {
    StopReason.MAX_TOKENS: "max_output_tokens",
    StopReason.CONTEXT_FULL: "max_output_tokens",
    StopReason.REFUSAL: "content_filter",
}
"""Why an answer is not complete, in the client's words; any other reason completes it."""


class Frame:
    """The `response` object of one exchange without its output."""

    def __init__(self, ids: Ids, road: Road, echo: Echo) -> None:
        self._head: dict[str, Any] = {
            "id": ids.response,
            "object": "response",
            "created_at": road.created_s,
            "model": road.requested_model,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            **echo.members,
        }

    def write(self, status: str, output: Sequence[Item | Raw], **more: Any) -> dict[str, Any]:
        """The object at some point of the exchange; `more` is its usage, error or what made it incomplete."""
        nothing = {"error": None, "incomplete_details": None}
        return {**self._head, "status": status, "output": output, **nothing, "usage": None, **more}

    def ended(self, reason: StopReason, output: Sequence[Item | Raw], usage: dict[str, Any]) -> dict[str, Any]:
        """The object once the answer is over."""
        why = INCOMPLETE.get(reason)
        if why is None:
            return self.write("completed", output, usage=usage)
        return self.write("incomplete", output, usage=usage, incomplete_details={"reason": why})


def write_reply(reply: Reply, road: Road) -> bytes:
    """A whole response; raises PatchbayError BAD_REPLY where it was to be a summary and is none."""
    echo = read_echo(road.echo)
    ids = Ids(reply.id, road.created_s)
    size = sum(_bytes(part) for part in reply.parts)
    usage = write_usage(settled(reply.usage, road, size))
    if echo.meant.compacting:
        text = summary("".join(part.text for part in reply.parts if isinstance(part, Text)), reply.stop)
        items = [compaction_item(ids.item("cmp", 0), text)]
    else:
        items = _Items(ids, road, tool_search=echo.meant.tool_search).of(reply)
    return msgspec.json.encode(Frame(ids, road, echo).ended(reply.stop, items, usage))


class _Items:
    """Makes the items of one reply."""

    def __init__(self, ids: Ids, road: Road, *, tool_search: bool) -> None:
        self._ids = ids
        self._road = road
        self._tool_search = tool_search
        self._items: list[Item] = []
        self._texts: list[str] = []
        self._hits: list[SearchHit] = []

    def of(self, reply: Reply) -> list[Item]:
        """The items; texts that follow one another are one message."""
        cut = reply.stop in INCOMPLETE
        for index, part in enumerate(reply.parts):
            last = cut and index == len(reply.parts) - 1
            if isinstance(part, Text):
                self._texts.append(part.text)
            elif isinstance(part, Thinking):
                self._add_thought(part)
            elif isinstance(part, ToolCall):
                self._message("completed")
                self._call(part, "incomplete" if last and not is_whole(part.arguments) else "completed")
            elif isinstance(part, Search):
                self._search(part)
        self._message("incomplete" if cut else "completed")
        if reply.stop is StopReason.REFUSAL:
            self._refuse(reply.refusal)
        return self._items

    def _own(self, prefix: str) -> str:
        return self._ids.item(prefix, len(self._items))

    def _add_thought(self, thought: Thinking) -> None:
        if reasoning_item("", thought, self._road) is None:
            return
        self._message("completed")
        item = reasoning_item(self._own("rs"), thought, self._road)
        if item is not None:
            self._items.append(item)

    def _call(self, call: ToolCall, status: str) -> None:
        kind = call_kind(call.name, self._road, tool_search=self._tool_search)
        own_id = self._own(CALL_PREFIXES[kind])
        call = replace(call, id=call.id or f"call_{own_id}")
        self._items.append(call_item(kind, own_id, call, self._road, status))

    def _search(self, search: Search) -> None:
        placed = any(hit.end for hit in search.hits)
        if placed:  # it comes after the text that cites it
            self._hits += search.hits
        self._message("completed")
        if not placed:
            self._hits += search.hits
        self._items.append(search_item(self._own("ws"), search, self._road, "completed"))

    def _message(self, status: str) -> None:
        """What was said so far, with the pages that it cites; they may come before it or after it."""
        text = "".join(self._texts)
        self._texts.clear()
        if text:
            self._items.append(message_item(self._own("msg"), [text_part(text, citations(self._hits))], status))
            self._hits.clear()

    def _refuse(self, text: str) -> None:
        self._items.append(message_item(self._own("msg"), [refusal_part(text or REFUSED)], "completed"))


def _bytes(part: object) -> int:
    text = part.text if isinstance(part, Text) else part.arguments or "{}" if isinstance(part, ToolCall) else ""
    return utf8_bytes(text)
