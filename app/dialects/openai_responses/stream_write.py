"""Events -> the stream of a Responses client; it always ends with exactly one of the three events that end one.

An item is ended as late as need be: a message when something else begins, so that texts in a row are one message and
a search after them can be cited in it; a call whose arguments are no JSON yet when the answer goes on, so that a call
that was cut off is never called done. Codex runs a call as soon as it is done.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from app.dialects.base import EVENT_STREAM, Road
from app.dialects.openai_responses.compact import summary
from app.dialects.openai_responses.echo import read_echo
from app.dialects.openai_responses.error_write import stream_error
from app.dialects.openai_responses.ids import Ids
from app.dialects.openai_responses.output_items import (
    CALL_PREFIXES,
    Item,
    call_kind,
    compaction_item,
    reasoning_item,
    search_item,
)
from app.dialects.openai_responses.reply_write import INCOMPLETE, REFUSED, Frame
from app.dialects.openai_responses.resumed import resumed
from app.dialects.openai_responses.stream_items import CallStream, Line, MessageStream, SummaryStream
from app.dialects.openai_responses.usage import utf8_bytes, write_usage
from app.dialects.road import settled
from app.domain.errors import PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockSignature,
    BlockStart,
    BlockStop,
    Event,
    MessageStart,
    MessageStop,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Search, SearchHit, Thinking, ToolCall
from app.domain.usage import NO_USAGE, UsageSource

SILENCE_S = 60.0
"""After so long a silence a comment is not enough: Codex gives up after 300 s without an event."""
KEEP_ALIVE = b": keep-alive\n\n"


class ResponsesStreamWriter:
    """Writes one stream; see `base.StreamWriter`."""

    media_type = EVENT_STREAM

    def __init__(self, road: Road) -> None:
        self._echo = read_echo(road.echo)
        behind = resumed(road.resumes)
        self._road = dataclasses.replace(road, created_s=behind.created_s or road.created_s)
        self._line = Line()
        self._line.number = behind.number
        self._response_id = behind.response_id
        self._ids: Ids | None = None
        self._frame: Frame | None = None
        self._touched = False
        """Something was sent already, be it a comment."""
        self._over = False
        self._block: BlockKind | None = None
        self._open: MessageStream | SummaryStream | CallStream | None = None
        self._thoughts: list[str] = []
        """The text of reasoning that is not shown, for the envelope."""
        self._signature = ""
        self._redacted = ""
        self._items: list[Item] = []
        self._hits: list[SearchHit] = []
        self._texts: list[str] = []
        """The hand-over, where the client asked for the conversation in short form."""
        self._usage = NO_USAGE
        self._answer_bytes = 0

    def write(self, events: Iterable[Event]) -> bytes:
        """The bytes for these events; nothing once the answer is over."""
        return b"".join([self._write(event) for event in events if not self._over])

    def keep_alive(self, silent_s: float) -> bytes:
        """A comment; after a minute the response as it stands, because Codex does not count comments."""
        if self._over:
            return b""
        self._touched = True
        if silent_s < SILENCE_S:
            return KEEP_ALIVE
        return self._begin() or self._lifecycle("response.in_progress")

    def fail(self, error: PatchbayError) -> bytes:
        """The response as failed, with what it holds; never an event `error`, which Codex does not know."""
        if self._over:
            return b""
        begun = self._begin() if self._touched else b""
        frame = self._started()[1]
        self._over = True
        failed = frame.write("failed", self._items, error=stream_error(error))
        return begun + self._line.event("response.failed", response=failed)

    def _write(self, event: Event) -> bytes:
        match event:
            case BlockDelta():
                return self._delta(event.text)
            case BlockStart():
                return self._begin() + self._block_start(event)
            case BlockStop():
                return self._block_stop()
            case BlockSignature():
                self._signature = event.signature
            case MessageStart():
                return self._begin(event.id)
            case UsageSeen():
                self._usage = event.usage
            case MessageStop():
                return self._begin() + self._stop(event)
            case StreamError():
                self._touched = True
                return self.fail(event.error)
            case _:
                pass
        return b""

    def _started(self, upstream_id: str = "") -> tuple[Ids, Frame]:
        if self._ids is None or self._frame is None:
            self._ids = Ids(upstream_id, self._road.created_s)
            self._ids.response = self._response_id or self._ids.response
            self._frame = Frame(self._ids, self._road, self._echo)
        return self._ids, self._frame

    def _begin(self, upstream_id: str = "") -> bytes:
        """The two events that open a response; nothing where it is open."""
        if self._frame is not None:
            return b""
        self._touched = True
        self._started(upstream_id)
        return self._lifecycle("response.created") + self._lifecycle("response.in_progress")

    def _lifecycle(self, name: str) -> bytes:
        return self._line.event(name, response=self._started()[1].write("in_progress", []))

    def _next(self, prefix: str) -> tuple[int, str]:
        """Index and id of the item that begins now."""
        index = len(self._items)
        return index, self._started()[0].item(prefix, index)

    def _block_start(self, event: BlockStart) -> bytes:
        before = self._end_call() if isinstance(self._open, CallStream) else b""
        before += self._end_thought() if isinstance(self._open, SummaryStream) else b""
        self._block = event.kind
        match event.kind:
            case _ if self._echo.meant.compacting:
                return b""
            case BlockKind.TOOL:
                return before + self._call(event)
            case BlockKind.SEARCH if event.search is not None:
                return before + self._search(event.search)
            case BlockKind.REDACTED:
                self._redacted = event.json.decode("utf-8", "replace")
            case _:
                pass
        return before

    def _call(self, event: BlockStart) -> bytes:
        before = self._end_message()
        kind = call_kind(event.name, self._road, tool_search=self._echo.meant.tool_search)
        index, own_id = self._next(CALL_PREFIXES[kind])
        call = ToolCall(event.id or f"call_{own_id}", event.name, "")
        self._open = CallStream(self._line, index, own_id, call, kind, self._road)
        return before + self._open.begin()

    def _search(self, search: Search) -> bytes:
        """A search; the text before it rests on it where its pages have places there, else the text that comes."""
        placed = any(hit.end for hit in search.hits)
        if placed:
            self._hits += search.hits
        before = self._end_message()
        if not placed:
            self._hits += search.hits
        index, own_id = self._next("ws")
        line, place = self._line, {"item_id": own_id, "output_index": index}
        written = line.added(index, search_item(own_id, search, self._road, "in_progress"))
        for step in ("in_progress", "searching", "completed"):
            written += line.event(f"response.web_search_call.{step}", **place)
        item = search_item(own_id, search, self._road, "completed")
        self._items.append(item)
        return before + written + line.done(index, item)

    def _delta(self, text: str) -> bytes:
        if not text:
            return b""
        kind, item = self._block, self._open
        if kind is BlockKind.TEXT:
            self._answer_bytes += utf8_bytes(text)
            if self._echo.meant.compacting:
                self._texts.append(text)
                return b""
            return item.delta(text) if isinstance(item, MessageStream) else self._message(text)
        if kind is BlockKind.TOOL and isinstance(item, CallStream):
            self._answer_bytes += utf8_bytes(text)
            return item.delta(text)
        if kind is BlockKind.THINKING:
            return self._think(text)
        return b""

    def _message(self, text: str) -> bytes:
        index, own_id = self._next("msg")
        self._open = message = MessageStream(self._line, index, own_id)
        return message.begin() + message.delta(text)

    def _think(self, text: str) -> bytes:
        """Reasoning is shown as its summary, and gathered for the envelope."""
        if isinstance(self._open, SummaryStream):
            return self._open.delta(text)
        if not self._road.show_thinking or self._road.omit_thinking_text or self._echo.meant.compacting:
            self._thoughts.append(text)
            return b""
        before = self._end_message()
        self._open = shown = SummaryStream(self._line, *self._next("rs"))
        return before + shown.begin() + shown.delta(text)

    def _block_stop(self) -> bytes:
        kind, self._block = self._block, None
        if kind in {BlockKind.THINKING, BlockKind.REDACTED} and not self._echo.meant.compacting:
            return self._end_thought()
        if isinstance(self._open, CallStream) and self._open.is_whole():
            return self._end_call()
        return b""

    def _end_thought(self) -> bytes:
        """The reasoning ends as an item, if the client asked for any of it."""
        shown = self._open if isinstance(self._open, SummaryStream) else None
        thought = Thinking(shown.text if shown else "".join(self._thoughts), self._signature, self._redacted)
        self._thoughts, self._signature, self._redacted = [], "", ""
        if shown is not None:
            index, own_id = shown.index, shown.own_id
            written = shown.end()
            self._open = None
        elif self._road.opaque_thinking and thought != Thinking():
            written = self._end_message()
            index, own_id = self._next("rs")
            written += self._line.added(index, {"type": "reasoning", "id": own_id, "summary": []})
        else:
            return b""
        item = reasoning_item(own_id, thought, self._road) or {}
        self._items.append(item)
        return written + self._line.done(index, item)

    def _end_message(self, status: str = "completed") -> bytes:
        if not isinstance(self._open, MessageStream):
            return b""
        cited = self._open.cite(self._hits)
        self._hits.clear()
        written, item = self._open.end(status)
        self._items.append(item)
        self._open = None
        return cited + written

    def _end_call(self) -> bytes:
        if not isinstance(self._open, CallStream):
            return b""
        written, item = self._open.end()
        self._items.append(item)
        self._open = None
        return written

    def _stop(self, event: MessageStop) -> bytes:
        usage = self._usage if event.usage.source is UsageSource.NONE else event.usage
        counts = write_usage(settled(usage, self._road, self._answer_bytes))
        if self._echo.meant.compacting:
            try:
                written = self._compaction(event.reason)
            except PatchbayError as error:
                return self.fail(error)
        else:
            written = self._end_all(event)
        response: dict[str, Any] = self._started()[1].ended(event.reason, self._items, counts)
        self._over = True
        return written + self._line.event(f"response.{response['status']}", response=response)

    def _end_all(self, event: MessageStop) -> bytes:
        cut = event.reason in INCOMPLETE
        if isinstance(self._open, SummaryStream):
            written = self._end_thought()
        elif isinstance(self._open, CallStream) and cut and not self._open.is_whole():
            self._items.append(self._open.cut())
            self._open = None
            written = b""
        else:
            written = self._end_call() + self._end_message("incomplete" if cut else "completed")
        if event.reason is StopReason.REFUSAL:
            written += self._refuse(event.refusal or REFUSED)
        return written

    def _refuse(self, text: str) -> bytes:
        """A message of its own: clients that know no refusals can still read the text before it."""
        index, own_id = self._next("msg")
        message = MessageStream(self._line, index, own_id, refusal=True)
        written = message.begin() + message.delta(text)
        last, item = message.end("completed")
        self._items.append(item)
        return written + last

    def _compaction(self, reason: StopReason) -> bytes:
        text = summary("".join(self._texts), reason)
        index, own_id = self._next("cmp")
        item = compaction_item(own_id, text)
        self._items.append(item)
        return self._line.added(index, item) + self._line.done(index, item)
