"""The items of a reply while they arrive: the events that begin, continue and end each kind of them.

Every event has its own number, which the client may ask to continue from; a delta is made by hand around one encoded
string, because most of a stream is deltas.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from app.dialects.base import Road
from app.dialects.openai_responses.output_items import (
    Item,
    call_head,
    call_item,
    citations,
    is_whole,
    message_item,
    refusal_part,
    text_part,
)
from app.domain.request import SearchHit, ToolCall

_ENCODER = msgspec.json.Encoder()


class Line:
    """The events of one stream in their order."""

    def __init__(self) -> None:
        self.number = 0

    def event(self, name: str, **members: Any) -> bytes:
        """An event with the next number."""
        data = {"type": name, "sequence_number": self.number, **members}
        self.number += 1
        return b"event: %b\ndata: %b\n\n" % (name.encode(), encoded(data))

    def added(self, index: int, item: Item) -> bytes:
        """An item begins."""
        return self.event("response.output_item.added", output_index=index, item=item)

    def done(self, index: int, item: Item) -> bytes:
        """An item is complete."""
        return self.event("response.output_item.done", output_index=index, item=item)


def encoded(value: Any) -> bytes:
    """JSON of anything, lone surrogates replaced."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return _ENCODER.encode(_mended(value))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {name: _mended(one) for name, one in value.items()}
    return [_mended(one) for one in value] if isinstance(value, list) else value


class _Growing:
    """An item with a text that grows by deltas of one kind."""

    def __init__(self, line: Line, index: int, own_id: str, delta: str, **place: int) -> None:
        self.line = line
        self.index = index
        self.own_id = own_id
        self.place: dict[str, Any] = {"item_id": own_id, "output_index": index, **place}
        self._texts: list[str] = []
        self._head = b"event: %b\ndata: {%b," % (
            delta.encode(),
            _ENCODER.encode({"type": delta, **self.place})[1:-1],
        )
        if delta == "response.output_text.delta":
            self._head += b'"logprobs":[],'

    def delta(self, text: str) -> bytes:
        """More of its text."""
        self._texts.append(text)
        line = self.line
        line.number += 1
        return b'%b"sequence_number":%d,"delta":%b}\n\n' % (self._head, line.number - 1, encoded(text))

    @property
    def text(self) -> str:
        """All of its text so far."""
        return "".join(self._texts)


class MessageStream(_Growing):
    """A message with one text, or with one refusal."""

    def __init__(self, line: Line, index: int, own_id: str, *, refusal: bool = False) -> None:
        kind = "response.refusal.delta" if refusal else "response.output_text.delta"
        super().__init__(line, index, own_id, kind, content_index=0)
        self._refusal = refusal
        self._annotations: list[Item] = []

    def begin(self) -> bytes:
        """It opens with an empty part."""
        part = refusal_part("") if self._refusal else text_part("")
        return self.line.added(self.index, message_item(self.own_id, [], "in_progress")) + self.line.event(
            "response.content_part.added", **self.place, part=part
        )

    def cite(self, hits: Iterable[SearchHit]) -> bytes:
        """The pages that its text rests on."""
        written = b""
        for annotation in citations(hits):
            number = len(self._annotations)
            self._annotations.append(annotation)
            written += self.line.event(
                "response.output_text.annotation.added", **self.place, annotation_index=number, annotation=annotation
            )
        return written

    def end(self, status: str) -> tuple[bytes, Item]:
        """Its last events, and the item as it is in the end."""
        text = self.text
        if self._refusal:
            part = refusal_part(text)
            said = self.line.event("response.refusal.done", **self.place, refusal=text)
        else:
            part = text_part(text, self._annotations)
            said = self.line.event("response.output_text.done", **self.place, text=text, logprobs=[])
        item = message_item(self.own_id, [part], status)
        said += self.line.event("response.content_part.done", **self.place, part=part)
        return said + self.line.done(self.index, item), item


class SummaryStream(_Growing):
    """The summary of reasoning that is shown; the item itself is made by who knows what the client asked for."""

    def __init__(self, line: Line, index: int, own_id: str) -> None:
        super().__init__(line, index, own_id, "response.reasoning_summary_text.delta", summary_index=0)

    def begin(self) -> bytes:
        """It opens with an empty part."""
        item = {"type": "reasoning", "id": self.own_id, "summary": []}
        part = {"type": "summary_text", "text": ""}
        opened = self.line.added(self.index, item)
        return opened + self.line.event("response.reasoning_summary_part.added", **self.place, part=part)

    def end(self) -> bytes:
        """The summary is complete."""
        part = {"type": "summary_text", "text": self.text}
        said = self.line.event("response.reasoning_summary_text.done", **self.place, text=self.text)
        return said + self.line.event("response.reasoning_summary_part.done", **self.place, part=part)


class CallStream(_Growing):
    """A call; what takes free text, or has a form of its own, is written once it is whole."""

    def __init__(self, line: Line, index: int, own_id: str, call: ToolCall, kind: str, road: Road) -> None:
        super().__init__(line, index, own_id, "response.function_call_arguments.delta")
        self._call = call
        self._kind = kind
        self._road = road

    def begin(self) -> bytes:
        """A function's call opens with its name; any other waits."""
        if self._kind != "function_call":
            return b""
        head = call_head(self._kind, self.own_id, self._call, self._road)
        return self.line.added(self.index, {**head, "status": "in_progress", "arguments": ""})

    def delta(self, text: str) -> bytes:
        """More of its arguments."""
        if self._kind == "function_call":
            return super().delta(text)
        self._texts.append(text)
        return b""

    def is_whole(self) -> bool:
        """Whether its arguments were not cut off."""
        return is_whole(self.text)

    def end(self) -> tuple[bytes, Item]:
        """Its last events, and the item as it is in the end."""
        said = b""
        if self._kind == "function_call" and not self._texts:
            said = self.delta("{}")
        item = self._item("completed")
        if self._kind == "function_call":
            said += self.line.event("response.function_call_arguments.done", **self.place, arguments=item["arguments"])
        elif self._kind == "custom_tool_call":
            said = self._free_text(item)
        else:
            said = self.line.added(self.index, item | {"status": "in_progress"})
        return said + self.line.done(self.index, item), item

    def cut(self) -> Item:
        """The item where the answer broke off in it: it is never called done, or the client would run it."""
        return self._item("incomplete")

    def _item(self, status: str) -> Item:
        return call_item(self._kind, self.own_id, replace(self._call, arguments=self.text), self._road, status)

    def _free_text(self, item: Item) -> bytes:
        text = item["input"]
        said = self.line.added(self.index, item | {"status": "in_progress", "input": ""})
        said += self.line.event("response.custom_tool_call_input.delta", **self.place, delta=text)
        return said + self.line.event("response.custom_tool_call_input.done", **self.place, input=text)
