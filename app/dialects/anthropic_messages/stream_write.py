"""Events -> the stream an Anthropic client reads; each with its `event:` line, without which clients see nothing.

Indices are given anew, because hidden thinking leaves gaps and a long silence may open a thinking block of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from app.dialects.anthropic_messages.errors import error_object
from app.dialects.anthropic_messages.reply_write import message_id, search_blocks, stop_details, text_json
from app.dialects.anthropic_messages.usage import write_usage
from app.dialects.base import EVENT_STREAM, Road
from app.dialects.road import settled
from app.dialects.signatures import wrap
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
    Ping,
    StreamError,
    UsageSeen,
)
from app.domain.usage import NO_USAGE, UsageSource

SILENCE_S = 60.0
"""After so long a silence a ping is not enough: Claude Code gives up after 300 s without a delta."""
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
_DELTA = {
    BlockKind.TEXT: b'{"type":"text_delta","text":',
    BlockKind.THINKING: b'{"type":"thinking_delta","thinking":',
    BlockKind.TOOL: b'{"type":"input_json_delta","partial_json":',
}


class StreamWriter:
    """Writes one stream; see `base.StreamWriter`."""

    media_type = EVENT_STREAM

    def __init__(self, road: Road) -> None:
        self._road = road
        self._over = False
        self._started = False
        self._id = ""
        self._index = -1
        """Of the block that is open or was open last."""
        self._open: BlockKind | None = None
        self._ours = False
        """The open block is a thinking block that we opened to break a silence."""
        self._signed = False
        self._usage = NO_USAGE
        self._answer_bytes = 0
        self._write: dict[type[Any], Callable[[Any], bytes]] = {
            MessageStart: self._message_start,
            BlockStart: self._block_start,
            BlockDelta: self._block_delta,
            BlockSignature: self._block_signature,
            BlockStop: self._block_stop,
            UsageSeen: self._usage_seen,
            Ping: self._ping,
            MessageStop: self._message_stop,
            StreamError: lambda event: self.fail(event.error),
        }

    def write(self, events: Iterable[Event]) -> bytes:
        """The bytes for these events; nothing once the answer is over."""
        return b"".join([self._write[type(event)](event) for event in events if not self._over])

    def keep_alive(self, silent_s: float) -> bytes:
        """A ping; after a minute an empty delta, if need be in a thinking block of our own."""
        if self._over:
            return b""
        begun = b"" if self._started else self._message_start(MessageStart("", ""))
        if silent_s < SILENCE_S:
            return begun or PING
        if self._open is None and self._road.show_thinking:
            self._ours = True
            return (
                begun
                + self._start(BlockKind.THINKING, {"type": "thinking", "thinking": "", "signature": ""})
                + (self._delta(BlockKind.THINKING, b'""'))
            )
        if self._open in _DELTA:
            return self._delta(self._open, b'""')
        return begun + PING

    def fail(self, error: PatchbayError) -> bytes:
        """The error event; nothing follows it."""
        if self._over:
            return b""
        self._over = True
        return _event("error", {"type": "error", "error": error_object(error)})

    def _message_start(self, event: MessageStart) -> bytes:
        if self._started:
            return b""  # we began ourselves, to break a silence
        self._started = True
        self._id = message_id(event.id)
        seen = settled(event.usage or NO_USAGE, self._road, 0)
        message: dict[str, Any] = {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._road.requested_model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": write_usage(seen),
        }
        return _event("message_start", {"type": "message_start", "message": message}) + PING

    def _block_start(self, event: BlockStart) -> bytes:
        if event.kind is BlockKind.THINKING and self._road.show_thinking:
            if self._ours:
                self._ours = self._signed = False
                return b""  # the real thinking goes on in the block that waits for it
            return self._start(BlockKind.THINKING, {"type": "thinking", "thinking": "", "signature": ""})
        before = self._close_ours()
        if event.kind is BlockKind.TEXT:
            return before + self._start(event.kind, {"type": "text", "text": ""})
        if event.kind is BlockKind.TOOL:
            block = {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
            return before + self._start(event.kind, block)
        if event.kind is BlockKind.SEARCH:
            return before + self._search(event)
        if event.kind is BlockKind.REDACTED and self._road.show_thinking:
            data = msgspec.json.encode({"redacted": event.json.decode("utf-8", "replace")})
            sealed = wrap(self._road.upstream_kind, self._road.sent_model, data)
            return before + self._start(event.kind, {"type": "redacted_thinking", "data": sealed})
        return before

    def _search(self, event: BlockStart) -> bytes:
        if event.search is None:
            return b""
        use, result = search_blocks(event.search, self._id)
        query = msgspec.json.encode({"query": event.search.query or self._road.search_query})
        first = self._start(BlockKind.TOOL, use) + self._delta(BlockKind.TOOL, msgspec.json.encode(query.decode()))
        return first + self._stop() + self._start(BlockKind.SEARCH, result)

    def _block_delta(self, event: BlockDelta) -> bytes:
        kind = self._open
        if kind not in _DELTA or self._ours:
            return b""
        text = text_json(event.text)
        self._answer_bytes += len(text) - 2
        if kind is BlockKind.THINKING and self._road.omit_thinking_text:
            return b""
        return self._delta(kind, text)

    def _block_signature(self, event: BlockSignature) -> bytes:
        return self._sign(event.signature) if self._open is BlockKind.THINKING else b""

    def _block_stop(self, event: BlockStop) -> bytes:
        return self._stop() if self._open is not None and not self._ours else b""

    def _usage_seen(self, event: UsageSeen) -> bytes:
        self._usage = event.usage
        return b""

    def _ping(self, event: Ping) -> bytes:
        return PING

    def _message_stop(self, event: MessageStop) -> bytes:
        before = self._close_ours()
        seen = self._usage if event.usage.source is UsageSource.NONE else event.usage
        usage = write_usage(settled(seen, self._road, self._answer_bytes))
        usage.pop("cache_creation", None)
        delta: dict[str, Any] = {"stop_reason": event.reason.value, "stop_sequence": event.stop_sequence}
        details = stop_details(event.reason, event.refusal)
        if details is not None:
            delta["stop_details"] = details
        self._over = True
        last = _event("message_delta", {"type": "message_delta", "delta": delta, "usage": usage})
        return before + last + _event("message_stop", {"type": "message_stop"})

    def _start(self, kind: BlockKind, block: dict[str, Any]) -> bytes:
        self._index += 1
        self._open = kind
        self._signed = False
        return _event(
            "content_block_start", {"type": "content_block_start", "index": self._index, "content_block": block}
        )

    def _delta(self, kind: BlockKind, text: bytes) -> bytes:
        return b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":%b%b}}\n\n' % (
            self._index,
            _DELTA[kind],
            text,
        )

    def _sign(self, signature: str) -> bytes:
        self._signed = True
        delta = {"type": "signature_delta", "signature": signature}
        return _event("content_block_delta", {"type": "content_block_delta", "index": self._index, "delta": delta})

    def _stop(self) -> bytes:
        """The open block ends; no thinking block without a signature, because some clients drop those."""
        seal = b""
        if self._open is BlockKind.THINKING and not self._signed:
            seal = self._sign(wrap(self._road.upstream_kind, self._road.sent_model))
        self._open = None
        return seal + _event("content_block_stop", {"type": "content_block_stop", "index": self._index})

    def _close_ours(self) -> bytes:
        if not self._ours:
            return b""
        self._ours = False
        return self._stop()


def _event(name: str, value: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(value))
