"""Events -> the chunks of a Gemini stream: each a whole response object that holds only what is new.

Without `alt=sse` the client reads one JSON array that grows. Text is written by hand around one encoded string; a call
is written once it is complete, for Gemini's clients know no pieces of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from app.dialects.base import EVENT_STREAM, Road
from app.dialects.gemini.error_write import error_object
from app.dialects.gemini.reply_write import Parts, candidate, compact, grounding, names, plain, shows, write_usage
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
    StreamError,
    UsageSeen,
)
from app.domain.request import Search, Thinking, ToolCall
from app.domain.usage import NO_USAGE, UsageSource

KEEP_ALIVE = b"\n"
"""An empty line: google-genai takes a comment of server-sent events for JSON that is broken."""
JSON = "application/json"
_OPENING = b'{"candidates":[{"content":{"role":"model","parts":['
_ENCODER = msgspec.json.Encoder()


class GeminiStreamWriter:
    """Writes one stream; see `base.StreamWriter`."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._parts = Parts(road)
        self._head, self._end = (b"data: ", b"\n\n") if road.event_stream else (b"[", b"")
        self._closing = b"" if road.event_stream else b"]"
        self.media_type = EVENT_STREAM if road.event_stream else JSON
        self._names: dict[str, str] = {}
        self._tail = b""
        self._block = BlockStart(-1, BlockKind.FOREIGN)
        self._held: list[str] = []
        """What was said in the open block, of a thought or a call."""
        self._signature = ""
        self._text: list[str] = []
        self._searches: list[Search] = []
        self._usage = NO_USAGE
        self._answer_bytes = 0
        self._over = False

    def write(self, events: Iterable[Event]) -> bytes:
        """The chunks for these events; nothing once the answer is over."""
        return b"".join([self._write(event) for event in events if not self._over])

    def keep_alive(self, silent_s: float) -> bytes:
        """An empty line, which both framings skip."""
        return b"" if self._over else KEEP_ALIVE

    def fail(self, error: PatchbayError) -> bytes:
        """The error as a chunk of its own; nothing follows it."""
        if self._over:
            return b""
        self._over = True
        return self._chunk(_ENCODER.encode({"error": error_object(error)})) + self._closing

    def _write(self, event: Event) -> bytes:
        match event:
            case BlockDelta():
                return self._delta(event.text)
            case BlockStart():
                self._open(event)
            case BlockStop():
                return self._close()
            case BlockSignature():
                self._signature = event.signature
            case MessageStart():
                self._begin(event.id)
                self._usage = event.usage or NO_USAGE
            case UsageSeen():
                self._usage = event.usage
            case MessageStop():
                return self._stop(event)
            case StreamError():
                return self.fail(event.error)
        return b""

    def _begin(self, response: str) -> None:
        self._names = names(response, self._road)
        self._tail = b']},"index":0}],' + _ENCODER.encode(self._names)[1:]

    def _open(self, event: BlockStart) -> None:
        if not self._tail:
            self._begin("")
        self._block = event
        self._held.clear()
        self._signature = ""
        if event.kind is BlockKind.SEARCH and event.search is not None:
            self._searches.append(event.search)

    def _delta(self, text: str) -> bytes:
        if not text:
            return b""
        kind = self._block.kind
        text = plain(text)
        self._answer_bytes += len(text)
        if kind is BlockKind.TEXT:
            self._text.append(text)
            if self._parts.waiting:
                return self._part(self._parts.text(text))
            return self._chunk(b"".join((_OPENING, b'{"text":', _ENCODER.encode(text), b"}", self._tail)))
        if kind in {BlockKind.THINKING, BlockKind.TOOL}:
            self._held.append(text)
        if kind is BlockKind.THINKING and shows(self._road):
            return self._part({"text": text, "thought": True})
        return b""

    def _close(self) -> bytes:
        block, said = self._block, "".join(self._held)
        self._block = BlockStart(-1, BlockKind.FOREIGN)
        if block.kind is BlockKind.THINKING:
            self._parts.think(Thinking(said, self._signature))
        elif block.kind is BlockKind.REDACTED:
            self._parts.think(Thinking(redacted=block.json.decode("utf-8", "replace")))
        elif block.kind is BlockKind.TOOL:
            return self._part(self._parts.call(ToolCall(block.id, block.name, said, signature=block.signature)))
        return b""

    def _stop(self, event: MessageStop) -> bytes:
        self._over = True
        last = candidate([self._parts.text("")], event.reason, event.refusal)
        last |= grounding(self._searches, "".join(self._text), self._road)
        usage = self._usage if event.usage.source is UsageSource.NONE else event.usage
        body: dict[str, Any] = {
            "candidates": [last],
            "usageMetadata": write_usage(settled(usage, self._road, self._answer_bytes)),
            **(self._names or names("", self._road)),
        }
        return self._chunk(_ENCODER.encode(body)) + self._closing

    def _part(self, part: dict[str, Any]) -> bytes:
        return self._chunk(b"".join((_OPENING, compact(_ENCODER.encode(part)), self._tail)))

    def _chunk(self, data: bytes) -> bytes:
        head = self._head
        if not self._road.event_stream:
            self._head = b",\r\n"
        return b"".join((head, data, self._end))
