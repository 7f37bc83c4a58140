"""The stream of a chat upstream -> events, whatever the server makes of the protocol.

Where an answer ends: at `[DONE]`, or at the end of the stream if a finish reason came before. A stream that ends
without either was cut, and so was one with `[DONE]` but no finish reason if a tool call is incomplete or nothing was
said. After the finish reason only usage may follow; a server that then keeps the connection open has to be waited for
no longer than some seconds (`ending`), and `close` completes the answer.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from app.dialects import citations, signatures, upstream_error
from app.dialects.base import Road
from app.dialects.loose_json import mended
from app.dialects.openai_chat import content, finish, loose
from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.blocks import Blocks, Call, own_id
from app.dialects.openai_chat.calls import Calls, function_words, spoken
from app.dialects.openai_chat.plain import PLAIN
from app.dialects.openai_chat.reasoning import Details, ThinkTags
from app.dialects.openai_chat.usage import read_usage
from app.dialects.sse import Sse, SseReader
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import BlockKind, Event, MessageStart, MessageStop, StreamError, UsageSeen
from app.domain.provider import ReasoningIn
from app.domain.request import Search, SearchHit
from app.domain.usage import Usage, UsageSource, estimate_tokens

_CUT = "The upstream closed the stream early: the answer is not complete."


class ChatStreamReader:
    """Reads one stream; see `base.StreamReader`."""

    def __init__(self, road: Road) -> None:
        self.finished = False
        self.ending = False
        """A finish reason came: only usage may still follow."""
        self._road = road
        self._sse = SseReader()
        self._failed = False
        self._started = False
        self._choice = wire.Choice()
        """The last choice that told why the model stopped."""
        self._usage: Usage | None = None
        self._bytes = 0
        """Of text, thinking and arguments, for an estimate where no usage comes."""
        self._details = Details() if road.profile.reasoning_in in {ReasoningIn.DETAILS, ReasoningIn.CALLS} else None
        self._fields = road.profile.reasoning_out
        self._tags = ThinkTags() if road.profile.think_tags else None
        self._blocks = Blocks(road.names, self._signature)
        self._calls = Calls()
        self._annotations: list[dict[str, Any]] = []
        self._later: list[tuple[BlockKind, str]] | None = [] if road.search_query else None
        """What was said, where the search has to be shown before it."""
        self._plain = self._tags is None and self._later is None
        self._deltas = False
        self._refusal = ""
        self._half = ""

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        events: list[Event] = []
        if self.finished or self._failed:
            return events
        try:
            self._take_all(self._sse.feed(data), events)
        except PatchbayError as error:
            self._fail(error, events)
        return events

    def whole(self, chunk: wire.Chunk) -> list[Event]:
        """The events of an answer that came as one object; raises what an error inside it says."""
        events: list[Event] = []
        self._take_chunk(chunk, events)
        self._finish(events)
        return events

    def close(self) -> list[Event]:
        """The stream ended; what was missing to a proper end follows, or a StreamError."""
        events: list[Event] = []
        if self.finished or self._failed:
            return events
        try:
            for event in self._sse.close():
                whole = event.data.strip() == b"[DONE]" or loose.read_chunk(event.data) is not None
                if whole and self._take(event.event, event.data, events):
                    return events
            self._end(events, certain=False)
        except PatchbayError as error:
            self._fail(error, events)
        return events

    def _take_all(self, stream: list[Sse], events: list[Event]) -> None:
        """Read events; texts that follow each other become one delta (100 texts: 380 -> 140 us)."""
        said: list[str] = []
        for event in stream:
            if self._plain and self._blocks.text_index >= 0 and (text := _plain_text(event.data)) is not None:
                said.append(text)
                continue
            if said:
                self._speak(BlockKind.TEXT, "".join(said), events)
                said.clear()
            if self._take(event.event, event.data, events):
                return
        if said:
            self._speak(BlockKind.TEXT, "".join(said), events)

    def _end(self, events: list[Event], *, certain: bool) -> None:
        """The end of the stream, `certain` where `[DONE]` said so; raises PatchbayError STREAM_CUT for any other."""
        whole = not self._blocks.cut() and bool(self._blocks.count or self._later)
        if not (self.ending or (certain and whole)):
            raise PatchbayError(ErrorKind.STREAM_CUT, _CUT)
        self._finish(events)

    def _take(self, name: bytes, data: bytes, events: list[Event]) -> bool:
        """Take one event of the stream; True where it was the last."""
        if data.strip() == b"[DONE]":
            self._end(events, certain=True)
            return True
        chunk = loose.read_chunk(data)
        if chunk is None:
            raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream sent a stream event that is no JSON.")
        if chunk.error or chunk.object == "error" or (name == b"error" and not chunk.choices):
            raise upstream_error.in_stream(data)
        self._take_chunk(chunk, events)
        return False

    def _take_chunk(self, chunk: wire.Chunk, events: list[Event]) -> None:
        counts = chunk.counts()
        usage = None if counts is None else read_usage(counts, self._road.upstream_kind)
        if not self._started and (chunk.choices or usage is not None):
            self._started = True
            events.append(MessageStart(chunk.id or "", chunk.model or "", usage))
        for choice in chunk.choices or ():
            if not choice.index:
                self._read(choice, events)
        if usage is not None:
            self._usage = usage
            events.append(UsageSeen(usage))

    def _read(self, choice: wire.Choice, events: list[Event]) -> None:
        finish.check(choice)
        delta = choice.delta or (None if self._deltas else choice.message)  # some servers send whole messages
        self._deltas = self._deltas or choice.delta is not None
        if delta is not None:
            self._say(delta, events)
        if choice.finish_reason and not self.ending:
            self._choice = choice
            self.ending = True

    def _say(self, delta: wire.Delta, events: list[Event]) -> None:
        if delta.reasoning_details and self._details is not None:
            self._details.add(delta.reasoning_details)
        if delta.reasoning_content or delta.reasoning or delta.thinking or delta.reasoning_details:
            self._speak(BlockKind.THINKING, content.thought(delta, self._fields), events)
        if delta.content:
            for kind, text in content.pieces(delta.content):
                self._speak(kind, text, events)
        if delta.refusal:
            self._refusal += delta.refusal
            self._speak(BlockKind.TEXT, delta.refusal, events)
        for piece in delta.tool_calls or ():
            call, new = self._calls.of(piece)
            call.free_text = piece.custom is not None or call.free_text
            if piece.extra_content and self._details is not None:
                call.id = call.id or own_id()
                self._details.add_call(call.id, piece.extra_content)
            self._call(call, spoken(piece), events, new=new)
        if delta.function_call is not None:
            call, new = self._calls.legacy()
            self._call(call, function_words(delta.function_call), events, new=new)
        if delta.annotations:
            self._annotations += delta.annotations

    def _speak(self, kind: BlockKind, text: str, events: list[Event]) -> None:
        if self._half or not text.isascii():
            text, self._half = mended(self._half, text)
        self._bytes += len(text) if text.isascii() else len(text.encode())
        if self._tags is None or kind is not BlockKind.TEXT:
            self._pass_on(kind, text, events)
            return
        for piece_kind, piece in self._tags.split(text):
            self._pass_on(piece_kind, piece, events)

    def _pass_on(self, kind: BlockKind, text: str, events: list[Event]) -> None:
        if self._later is not None:
            self._later.append((kind, text))
        elif text:
            self._blocks.say(kind, text, events)

    def _call(self, call: Call, words: tuple[str, str], events: list[Event], *, new: bool) -> None:
        name, arguments = words
        if new:
            if self._details:  # the upstream wants it back with this call: a thinking block before it carries it
                self._blocks.say(BlockKind.THINKING, "", events)
            self._blocks.begin(call)
        if name:
            call.take_name(name)
        if call.half or not arguments.isascii():
            arguments, call.half = mended(call.half, arguments)
        self._bytes += len(arguments) if arguments.isascii() else len(arguments.encode())
        self._blocks.fragment(call, arguments, events)

    def _finish(self, events: list[Event]) -> None:
        if self._half:
            self._half = ""
            self._pass_on(BlockKind.TEXT, "\ufffd", events)
        for kind, text in self._tags.rest() if self._tags is not None else ():
            self._pass_on(kind, text, events)
        hits = citations.hits(self._annotations)
        later, self._later = self._later, None
        if hits and later is not None:
            self._blocks.search(self._search(hits), events)
        for kind, text in later or ():
            self._blocks.say(kind, text, events)
        self._blocks.finish(events)
        if hits and later is None:
            self._blocks.search(self._search(hits), events)
        if self._details:  # what came after the last thinking block: the upstream wants it back all the same
            self._blocks.say(BlockKind.THINKING, "", events)
            self._blocks.finish(events)
        events.append(self._stop())
        self.finished = True

    def _search(self, hits: tuple[SearchHit, ...]) -> Search:
        return Search(f"srvtoolu_{secrets.token_hex(12)}", self._road.search_query, hits)

    def _stop(self) -> MessageStop:
        tools, refused = self._blocks.calls > 0, bool(self._refusal)
        reason, matched = finish.read_stop(self._choice, self._road.stop, tools=tools, refused=refused)
        usage = self._usage or Usage(
            input_tokens=self._road.input_estimate_tokens,
            output_tokens=estimate_tokens(self._bytes) if self._bytes else 0,
            source=UsageSource.ESTIMATED,
        )
        return MessageStop(reason, usage, matched, self._refusal)

    def _signature(self) -> str:
        """What signs a thinking block: the reasoning that this upstream wants to see again, in our envelope."""
        data = self._details.take() if self._details is not None else b"{}"
        return signatures.wrap(self._road.upstream_kind, self._road.sent_model, data)

    def _fail(self, error: PatchbayError, events: list[Event]) -> None:
        self._failed = True
        events.append(StreamError(error))


def _plain_text(data: bytes) -> str | None:
    """What a chunk says that only adds text; None for anything else."""
    try:
        return PLAIN.decode(data).choices[0].delta.content
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
