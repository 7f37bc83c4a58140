"""Events -> a whole answer, and a whole answer -> events.

For a client that streams while the upstream does not, for the reverse, and for the record.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockSignature,
    BlockStart,
    BlockStop,
    Event,
    MessageStart,
    MessageStop,
    Reply,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Foreign, Part, Search, Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage

_KIND = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Fold:
    """Collects the events of one stream; `dialect` is the upstream's, for the blocks that only it knows."""

    def __init__(self, dialect: str = "") -> None:
        self._dialect = dialect
        self._parts: list[Part] = []
        self._start: BlockStart | None = None
        self._texts: list[str] = []
        self._signature = ""
        self._head = MessageStart("", "")
        self._stop: MessageStop | None = None
        self._usage: Usage | None = None
        self.error: PatchbayError | None = None
        """What the stream ended with, where it ended badly."""

    def add(self, event: Event) -> None:
        """Take the next event of the stream."""
        match event:
            case BlockDelta():
                self._texts.append(event.text)
            case BlockStart():
                self._start = event
            case BlockSignature():
                self._signature = event.signature
            case BlockStop():
                self._close()
            case MessageStart():
                self._head = event
                self._usage = event.usage
            case UsageSeen():
                self._usage = event.usage
            case MessageStop():
                self._stop = event
            case StreamError():
                self.error = event.error
            case _:
                pass

    def partial(self) -> Reply:
        """The answer as far as it came, complete or not; an open block counts with what it holds."""
        parts = tuple(self._parts) + ((self._part(self._start),) if self._start is not None else ())
        stop = self._stop or MessageStop(StopReason.END_TURN, self._usage or NO_USAGE)
        head = self._head
        return Reply(head.id, head.model, parts, stop.reason, stop.usage, stop.stop_sequence, stop.refusal)

    def reply(self) -> Reply:
        """The complete answer; raises the stream's error, or PatchbayError STREAM_CUT before its end."""
        if self.error is not None:
            raise self.error
        if self._stop is None:
            raise PatchbayError(ErrorKind.STREAM_CUT, "The upstream's stream ended before its answer did.")
        return self.partial()

    def _close(self) -> None:
        if self._start is not None:
            self._parts.append(self._part(self._start))
        self._start = None
        self._texts.clear()
        self._signature = ""

    def _part(self, start: BlockStart) -> Part:
        text = "".join(self._texts)
        match start.kind:
            case BlockKind.TEXT:
                return Text(text)
            case BlockKind.THINKING:
                return Thinking(text, self._signature)
            case BlockKind.REDACTED:
                return Thinking(redacted=start.json.decode("utf-8", "replace"))
            case BlockKind.TOOL:
                return ToolCall(start.id, start.name, text, signature=start.signature)
            case BlockKind.SEARCH:
                return start.search or Search()
            case BlockKind.FOREIGN:
                return Foreign(self._dialect, _kind(start.json), start.json, text)


def reply_events(reply: Reply) -> Iterator[Event]:
    """The answer as a stream would have brought it."""
    yield MessageStart(reply.id, reply.model, reply.usage)
    for index, part in enumerate(reply.parts):
        yield _start(index, part)
        yield from _inside(index, part)
        yield BlockStop(index)
    yield MessageStop(reply.stop, reply.usage, reply.stop_sequence, reply.refusal)


def _start(index: int, part: Part) -> BlockStart:
    match part:
        case Text():
            return BlockStart(index, BlockKind.TEXT)
        case Thinking(redacted=redacted) if redacted:
            return BlockStart(index, BlockKind.REDACTED, json=redacted.encode())
        case Thinking():
            return BlockStart(index, BlockKind.THINKING)
        case ToolCall():
            return BlockStart(index, BlockKind.TOOL, id=part.id, name=part.name, signature=part.signature)
        case Search():
            return BlockStart(index, BlockKind.SEARCH, search=part)
        case Foreign():
            return BlockStart(index, BlockKind.FOREIGN, json=part.json)
    raise TypeError(f"{type(part).__name__} stands in requests only")


def _inside(index: int, part: Part) -> Iterator[Event]:
    match part:
        case Text() | Thinking() if part.text:
            yield BlockDelta(index, part.text)
        case ToolCall():
            yield BlockDelta(index, part.arguments or "{}")
        case _:
            pass
    if isinstance(part, Thinking) and part.signature and not part.redacted:
        yield BlockSignature(index, part.signature)


def _kind(block: bytes) -> str:
    """The `type` of a foreign block."""
    try:
        return str(msgspec.json.decode(_KIND.decode(block)["type"]))
    except (msgspec.DecodeError, KeyError):
        return ""
