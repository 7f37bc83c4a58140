"""Events -> the chunks of a chat stream.

The writer makes the commonest chunks by hand around one encoded string: a chunk of text costs about a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.dialects.base import EVENT_STREAM, Road
from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.finish import REFUSED, write_finish
from app.dialects.openai_chat.reply_write import (
    citations,
    completion_id,
    detail,
    detail_format,
    signed,
    whole_call,
)
from app.dialects.openai_chat.usage import write_usage
from app.dialects.openai_errors import error_object
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
)
from app.domain.request import Thinking, ToolCall

DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"

_ENCODER = msgspec.json.Encoder()


class ChatStreamWriter:
    """Writes one stream; see `base.StreamWriter`."""

    media_type = EVENT_STREAM

    def __init__(self, road: Road) -> None:
        self._road = road
        self._head = b""
        self._tail = b',"logprobs":null,"finish_reason":null}]' + (
            b',"usage":null}\n\n' if road.include_usage else b"}\n\n"
        )
        self._block = BlockStart(-1, BlockKind.FOREIGN)
        self._tools = 0
        self._thoughts = 0
        self._held: list[str] | None = None
        """The arguments of a free-text tool, which is written whole."""
        self._over = False

    def write(self, events: Iterable[Event]) -> bytes:
        """The chunks for these events."""
        return b"".join([self._write(event) for event in events])

    def keep_alive(self, silent_s: float) -> bytes:
        """A comment, which every SSE reader skips and every middlebox counts as traffic."""
        return b"" if self._over else KEEP_ALIVE

    def fail(self, error: PatchbayError) -> bytes:
        """The error as a chunk without `[DONE]`, on which the SDKs raise."""
        if self._over:
            return b""
        self._over = True
        return b"data: " + _ENCODER.encode({"error": error_object(error)}) + b"\n\n"

    def _write(self, event: Event) -> bytes:
        written = b""
        match event:
            case _ if self._over:
                pass
            case BlockDelta():
                written = self._delta(event.text)
            case MessageStart():
                written = self._start(event)
            case BlockStart():
                written = self._open(event)
            case BlockSignature():
                written = self._sign(event.signature)
            case BlockStop():
                written = self._close()
            case MessageStop():
                written = self._stop(event)
            case StreamError():
                written = self.fail(event.error)
        return written

    def _start(self, event: MessageStart) -> bytes:
        head = {
            "id": completion_id(event.id),
            "object": "chat.completion.chunk",
            "created": self._road.created_s,
            "model": self._road.requested_model,
        }
        self._head = b"data: " + _ENCODER.encode(head)[:-1] + b',"choices":[{"index":0,"delta":'
        return self._chunk(wire.DeltaOut(role="assistant", content=""))

    def _open(self, event: BlockStart) -> bytes:
        self._block = event
        self._held = None
        if event.kind is BlockKind.REDACTED and self._road.show_thinking:
            return self._detail(Thinking(redacted=event.json.decode("utf-8", "replace")))
        if event.kind is BlockKind.SEARCH and event.search is not None and event.search.hits:
            return self._chunk(wire.DeltaOut(annotations=citations(event.search)))
        if event.kind is BlockKind.TOOL and self._free_text():
            self._held = []
        elif event.kind is BlockKind.TOOL:
            function = wire.FunctionOut(event.name, "")
            extra = signed(event.signature)
            call = wire.CallOut(self._tools, event.id, "function", function, extra_content=extra)
            return self._chunk(wire.DeltaOut(tool_calls=[call]))
        return b""

    def _delta(self, text: str) -> bytes:
        if not text:
            return b""
        kind = self._block.kind
        if kind is BlockKind.TEXT:
            return b"".join((self._head, b'{"content":', _ENCODER.encode(text), b"}", self._tail))
        if kind is BlockKind.THINKING and self._road.show_thinking:
            return self._think(_ENCODER.encode(text))
        if self._held is not None:
            self._held.append(text)
        elif kind is BlockKind.TOOL:
            call = wire.CallOut(index=self._tools, function=wire.FunctionOut(arguments=text))
            return self._chunk(wire.DeltaOut(tool_calls=[call]))
        return b""

    def _think(self, text: bytes) -> bytes:
        """Reasoning in both forms, as OpenRouter sends it: to be shown, and to be handed back with its signature."""
        made = b',"format":"%s","index":%d}]}' % (detail_format(self._road).encode(), self._thoughts)
        told = b',"reasoning_details":[{"type":"reasoning.text","text":'
        return b"".join((self._head, b'{"reasoning_content":', text, told, text, made, self._tail))

    def _sign(self, signature: str) -> bytes:
        """The signature of the thinking before, which a client hands back with the next turn."""
        return self._detail(Thinking(signature=signature)) if self._road.show_thinking else b""

    def _close(self) -> bytes:
        written = b""
        if self._block.kind is BlockKind.TOOL:
            if self._free_text():
                block, text = self._block, "".join(self._held or ())
                call = whole_call(ToolCall(block.id, block.name, text, signature=block.signature), self._road)
                call.index = self._tools
                written = self._chunk(wire.DeltaOut(tool_calls=[call]))
            self._tools += 1
        elif self._block.kind in {BlockKind.THINKING, BlockKind.REDACTED}:
            self._thoughts += 1
        self._held = None
        return written

    def _stop(self, event: MessageStop) -> bytes:
        self._over = True
        written = b""
        if event.reason is StopReason.REFUSAL:
            written = self._chunk(wire.DeltaOut(refusal=event.refusal or REFUSED))
        finish = b'"finish_reason":"' + write_finish(event.reason).encode() + b'"'
        written += self._chunk(wire.DeltaOut()).replace(b'"finish_reason":null', finish, 1)
        usage = write_usage(event.usage) if self._road.include_usage else None
        if usage is not None:
            head = self._head[: self._head.index(b',"choices":')]
            written += head + b',"choices":[],"usage":' + _ENCODER.encode(usage) + b"}\n\n"
        return written + DONE

    def _detail(self, thought: Thinking) -> bytes:
        return self._chunk(wire.DeltaOut(reasoning_details=[detail(thought, self._thoughts, self._road)]))

    def _free_text(self) -> bool:
        return self._block.name in self._road.custom_tools

    def _chunk(self, delta: wire.DeltaOut) -> bytes:
        return b"".join((self._head, _ENCODER.encode(delta), self._tail))
