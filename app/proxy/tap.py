"""The tap: watches one answer go by and remembers what the record and the live charts want to know.

It can neither raise nor wait. It gets each chunk after the client got it, keeps it, and lets the dialect's reader look
at it; a reader that fails is set aside with a note, and the bytes go on.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable

from app.dialects.base import StreamReader
from app.domain.clock import Clock
from app.domain.errors import PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    Event,
    MessageStart,
    MessageStop,
    Reply,
    StreamError,
    UsageSeen,
)
from app.domain.measure import Meter
from app.domain.recorder import Recorder
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage, UsageSource, estimate_tokens

log = logging.getLogger(__name__)

_PROGRESS_NS = 5_000_000_000
_METER_NS = 250_000_000
_TIMELINE = 2000
_WORDS = (BlockKind.TEXT, BlockKind.THINKING)
"""Blocks that say nothing before their first piece."""

_OF_ONE_TRY = (
    "reader", "broken", "chunks", "timeline", "received_bytes", "first_byte_ms", "first_token_ms", "usage",
    "stop", "told", "cut", "_texts", "_open_text", "_other", "_shown_chars", "_hidden_chars", "pending",
)  # fmt: skip
"""What begins anew with every attempt."""


class Tap:
    """What was seen of one answer so far. `now_ns` is monotonic."""

    __slots__ = (
        "_clock",
        "_hidden_chars",
        "_meter",
        "_metered_input",
        "_metered_output",
        "_next_meter_ns",
        "_next_progress_ns",
        "_open_text",
        "_other",
        "_recorder",
        "_shown_chars",
        "_started_ns",
        "_texts",
        "broken",
        "chunks",
        "cut",
        "estimate_input",
        "exchange_id",
        "first_byte_ms",
        "first_token_ms",
        "hides_thinking",
        "last_ns",
        "pending",
        "reader",
        "received_bytes",
        "signed",
        "stop",
        "timeline",
        "told",
        "usage",
    )

    def __init__(self, exchange_id: str, started_ns: int, clock: Clock, meter: Meter, recorder: Recorder) -> None:
        self.exchange_id = exchange_id
        self.reader: StreamReader | None = None
        """Looks at the raw bytes of a pass-through; None where the lane reads them itself."""
        self.broken = False
        """The reader failed, so that nothing is known about what came after."""
        self.chunks: list[bytes] = []
        self.timeline: list[tuple[int, int]] = []
        self.received_bytes = 0
        self.first_byte_ms: int | None = None
        self.first_token_ms: int | None = None
        self.hides_thinking = False
        """The client gets nothing of what the model thinks: that is not the beginning of its answer."""
        self.last_ns = started_ns
        self.pending = False
        """The reply says that its answer is still being made: nobody will learn what it uses."""
        self.usage = NO_USAGE
        self.estimate_input: Callable[[], int] = lambda: 0
        """Measures the request, where the upstream never said what it counted."""
        self.stop: MessageStop | None = None
        self.told: PatchbayError | None = None
        """An error inside the stream, which the bytes may hold already."""
        self.cut: PatchbayError | None = None
        """What the reader misses at the end of the body."""
        self.signed: Callable[[str, str], None] = lambda _id, _signature: None
        """Gets the id and the signature of each call that its upstream signed."""
        self._started_ns = started_ns
        self._clock = clock
        self._meter = meter
        self._recorder = recorder
        self._texts: list[str] = []
        self._open_text = False
        self._other = False
        """A call, a search or something foreign began: an answer, though not a word of one."""
        self._shown_chars = 0
        self._hidden_chars = 0
        self._metered_input = 0
        self._metered_output = 0
        self._next_meter_ns = 0
        self._next_progress_ns = started_ns + _PROGRESS_NS

    def chunk(self, data: bytes) -> None:
        """Bytes of the upstream's body went by."""
        now_ns = self.last_ns = self._clock.monotonic_ns()
        self.chunks.append(data)
        self.received_bytes += len(data)
        elapsed_ms = (now_ns - self._started_ns) // 1_000_000
        if self.first_byte_ms is None:
            self.first_byte_ms = elapsed_ms
        self.timeline.append((elapsed_ms, len(data)))
        if len(self.timeline) > _TIMELINE:
            self.timeline = _thinned(self.timeline)
        if self.reader is not None and not self.broken:
            try:
                self.events(self.reader.feed(data))
            except Exception:
                self.broken = True
                log.exception("the reader of exchange %s failed; its bytes went on unread", self.exchange_id)

    def ended(self) -> None:
        """The upstream's body is over; the reader says whether the answer was."""
        if self.reader is not None and not self.broken:
            try:
                self.events(self.reader.close())
                self.cut, self.told = self.told, None
            except Exception:
                self.broken = True
                log.exception("the reader of exchange %s failed at the end", self.exchange_id)

    def events(self, events: Iterable[Event]) -> None:
        """What a reader made of the bytes."""
        for event in events:
            # By far the commonest first: a stream is made of these.
            if isinstance(event, BlockDelta):
                self._delta(event.text)
            elif isinstance(event, BlockStart):
                self._start(event)
            elif isinstance(event, UsageSeen):
                self.usage = event.usage
            elif isinstance(event, MessageStart):
                self.usage = event.usage or self.usage
            elif isinstance(event, MessageStop):
                self.stop = event
                if event.usage.source is not UsageSource.NONE:
                    self.usage = event.usage
            elif isinstance(event, StreamError):
                self.told = event.error
        if self.last_ns >= self._next_meter_ns:
            self._tell(self.last_ns)

    def reply(self, reply: Reply) -> None:
        """A whole answer came at once."""
        for part in reply.parts:
            if isinstance(part, Text):
                self._texts.append(part.text)
            elif isinstance(part, Thinking):
                self._hidden_chars += len(part.text)
            elif isinstance(part, ToolCall):
                self._hidden_chars += len(part.arguments)
                if part.signature:
                    self.signed(part.id, part.signature)
        self.usage = reply.usage
        self.stop = MessageStop(reply.stop, reply.usage, reply.stop_sequence, reply.refusal)
        if self.first_token_ms is None and reply.parts:
            self.first_token_ms = self.first_byte_ms

    @property
    def useful(self) -> bool:
        """Whether the client gets something of an answer: text, thinking, a call, or the reason why it ended."""
        said = self._shown_chars > 0 if self.hides_thinking else self.first_token_ms is not None
        return said or self.stop is not None or self._other

    def forget(self) -> None:
        """What came so far was no answer, and is followed by another attempt."""
        self.reader = None
        self.hides_thinking = False
        self.broken = self.pending = False
        self.chunks = []
        self.timeline = []
        self.received_bytes = 0
        self.first_byte_ms = self.first_token_ms = None
        self.usage = NO_USAGE
        self.stop = self.told = self.cut = None
        self._texts = []
        self._open_text = self._other = False
        self._shown_chars = self._hidden_chars = 0

    def kept(self) -> tuple[object, ...]:
        """What `forget` would lose, for `back`."""
        return tuple(getattr(self, name) for name in _OF_ONE_TRY)

    def back(self, kept: tuple[object, ...]) -> None:
        """Hold what `kept` gave once more."""
        for name, value in zip(_OF_ONE_TRY, kept, strict=True):
            setattr(self, name, value)

    def answer(self) -> str:
        """The readable text of the answer so far."""
        return "".join(self._texts)

    def said_tokens(self) -> int:
        """What the answer has so far: what its provider counts, or more where there is more to see."""
        return max(self.usage.output_tokens, self._estimated_output())

    def final_usage(self, *, complete: bool) -> Usage:
        """The counts of the exchange: reported where the upstream said, estimated where it did not."""
        seen = self._believed()
        if complete and seen.source is not UsageSource.NONE:
            return seen
        if self.first_byte_ms is None and seen.source is UsageSource.NONE:
            return NO_USAGE
        output = self._estimated_output()
        if seen.source is UsageSource.NONE:
            return Usage(self.estimate_input(), output_tokens=output, source=UsageSource.ESTIMATED)
        if seen.output_tokens >= output:
            return (
                seen if seen.source is UsageSource.INVALID else dataclasses.replace(seen, source=UsageSource.ESTIMATED)
            )
        return dataclasses.replace(seen, output_tokens=output, source=UsageSource.ESTIMATED)

    def _believed(self) -> Usage:
        """What was reported; a part that is zero and cannot be, whether it is wrong or missing, is estimated."""
        seen = self.usage
        if seen.source is UsageSource.NONE:
            return seen
        output = 0 if seen.output_tokens else self._estimated_output()
        # A reader that counts the answer itself has not seen the request.
        wanting = output or seen.output_tokens or seen.source is not UsageSource.REPORTED
        prompt = self.estimate_input() if wanting and not seen.prompt_tokens else 0
        if not prompt and not output:
            return seen
        return dataclasses.replace(
            seen,
            input_tokens=seen.input_tokens + prompt,
            output_tokens=seen.output_tokens + output,
            source=UsageSource.ESTIMATED,
        )

    def settle(self, usage: Usage) -> None:
        """Correct the live counters to the final ones."""
        now_s = self._clock.monotonic_ns() / 1e9
        self._meter.tokens(now_s, usage.input_tokens - self._metered_input, usage.output_tokens - self._metered_output)
        self._metered_input, self._metered_output = usage.input_tokens, usage.output_tokens

    def _start(self, event: BlockStart) -> None:
        self._open_text = event.kind is BlockKind.TEXT
        if event.kind not in _WORDS and not (self.hides_thinking and event.kind is BlockKind.REDACTED):
            self._other = True
        if event.signature:
            self.signed(event.id, event.signature)

    def _delta(self, text: str) -> None:
        if not text:
            return
        if self.first_token_ms is None:
            self.first_token_ms = (self.last_ns - self._started_ns) // 1_000_000
        if self._open_text:
            self._texts.append(text)
            self._shown_chars += len(text)
        else:
            self._hidden_chars += len(text)

    def _estimated_output(self) -> int:
        size = len(self.answer().encode("utf-8", "replace")) + self._hidden_chars
        return estimate_tokens(size) if size else 0

    def _tell(self, now_ns: int) -> None:
        """Let the charts and, every five seconds, the record know; estimates, corrected at the end."""
        self._next_meter_ns = now_ns + _METER_NS
        seen = self.usage
        chars = self._shown_chars + self._hidden_chars
        output = max(seen.output_tokens, estimate_tokens(chars) if chars and self.stop is None else 0)
        if output != self._metered_output or seen.input_tokens != self._metered_input:
            self._meter.tokens(now_ns / 1e9, seen.input_tokens - self._metered_input, output - self._metered_output)
            self._metered_input, self._metered_output = seen.input_tokens, output
        if now_ns >= self._next_progress_ns:
            self._next_progress_ns = now_ns + _PROGRESS_NS
            self._recorder.progress(self.exchange_id, self.final_usage(complete=False))


def _thinned(timeline: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half as many entries: two neighbours become one at the later's time."""
    pairs = zip(timeline[::2], timeline[1::2], strict=False)
    thin = [(late, first + second) for (_, first), (late, second) in pairs]
    return thin if len(timeline) % 2 == 0 else [*thin, timeline[-1]]
