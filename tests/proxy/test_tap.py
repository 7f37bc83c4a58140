"""The tap: what it makes of an answer that goes by, and that nothing can make it raise."""

from __future__ import annotations

from typing import Any

import pytest

from app.dialects import dialect
from app.dialects.base import Road
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    MessageStart,
    MessageStop,
    Ping,
    Reply,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.measure import Meter
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage, UsageSource
from app.proxy.tap import Tap
from tests.fakes.clock import HandClock
from tests.fakes.rig import ListRecorder
from tests.fakes.wires import ANTHROPIC, CHAT


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def recorder():
    return ListRecorder()


@pytest.fixture
def meter():
    return Meter()


@pytest.fixture
def tap(clock, meter, recorder):
    return Tap("x", clock.monotonic_ns(), clock, meter, recorder)


def live(meter):
    return sum(one.input_tokens for one in meter.seconds), sum(one.output_tokens for one in meter.seconds)


def watch(tap, wire):
    tap.reader = dialect(wire.name).stream_reader(Road("m", "m"))
    return tap


@pytest.mark.parametrize("wire", [ANTHROPIC, CHAT], ids=["anthropic", "chat"])
def test_a_stream_goes_by(tap, clock, wire):
    watch(tap, wire)
    for event in wire.events("Hel", "lo"):
        clock.forward(0.1)
        tap.chunk(event)
    tap.ended()
    assert tap.answer() == "Hello"
    assert tap.first_byte_ms == 100
    assert tap.first_token_ms in (200, 300)
    assert tap.received_bytes == len(b"".join(wire.events("Hel", "lo"))) == sum(size for _, size in tap.timeline)
    assert tap.stop is not None
    assert tap.stop.reason is StopReason.END_TURN
    assert (tap.cut, tap.told, tap.broken) == (None, None, False)
    usage = tap.final_usage(complete=True)
    assert (usage.input_tokens, usage.output_tokens, usage.source) == (11, 7, UsageSource.REPORTED)


@pytest.mark.parametrize("wire", [ANTHROPIC, CHAT], ids=["anthropic", "chat"])
def test_a_stream_without_its_end(tap, wire):
    watch(tap, wire).chunk(b"".join(wire.events("Hel", "lo", ended=False)))
    tap.ended()
    assert tap.cut is not None
    assert tap.told is None
    assert tap.stop is None


def test_an_answer_that_was_cut_is_estimated(tap):
    watch(tap, ANTHROPIC).chunk(b"".join(ANTHROPIC.events("word " * 100, ended=False)))
    usage = tap.final_usage(complete=False)
    assert usage.source is UsageSource.ESTIMATED
    assert usage.input_tokens == 11  # the beginning said so
    assert 100 < usage.output_tokens < 200


def test_an_upstream_that_never_counts_is_estimated_for(tap):
    tap.estimate_input = lambda: 42
    watch(tap, CHAT).chunk(b"".join(one for one in CHAT.events("word " * 100) if b"usage" not in one))
    usage = tap.final_usage(complete=True)
    assert (usage.source, usage.input_tokens) == (UsageSource.ESTIMATED, 42)
    assert usage.output_tokens > 100


def test_nothing_came_nothing_counts(tap):
    assert tap.final_usage(complete=False) == NO_USAGE


def test_an_impossible_count_stays_marked(tap):
    tap.chunk(b"x")
    tap.events([UsageSeen(Usage(output_tokens=5, source=UsageSource.INVALID))])
    assert tap.final_usage(complete=True).source is UsageSource.INVALID
    assert tap.final_usage(complete=False).source is UsageSource.INVALID


REPORTED, ESTIMATED, INVALID = UsageSource.REPORTED, UsageSource.ESTIMATED, UsageSource.INVALID


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(
    ("reported", "believed"),
    [
        (Usage(source=INVALID), (42, 139, ESTIMATED)),
        (Usage(10, source=INVALID), (10, 139, ESTIMATED)),
        (Usage(), (42, 139, ESTIMATED)),
        (Usage(0, output_tokens=200), (42, 200, ESTIMATED)),
        (Usage(0, cache_read_tokens=9, output_tokens=200), (0, 200, REPORTED)),
        (Usage(10, output_tokens=200, source=INVALID), (10, 200, INVALID)),
    ],
)
def test_a_count_that_cannot_be_is_estimated_where_there_is_an_answer(tap, reported, believed, complete):
    tap.estimate_input = lambda: 42
    tap.chunk(b"x")
    tap.reply(Reply("id", "m", (Text("words" * 100),), StopReason.END_TURN, reported))
    found = tap.final_usage(complete=complete)
    if not complete and believed[2] is REPORTED:
        believed = (*believed[:2], ESTIMATED)
    assert (found.input_tokens, found.output_tokens, found.source) == believed


def test_nothing_counts_nothing_where_nothing_was_answered(tap):
    tap.estimate_input = lambda: 42
    tap.chunk(b"x")
    tap.reply(Reply("id", "m", (), StopReason.END_TURN, Usage()))
    assert tap.final_usage(complete=True) == Usage()


def test_thinking_and_tools_count_but_are_not_the_answer(tap):
    tap.chunk(b"x")
    for index, kind in enumerate((BlockKind.THINKING, BlockKind.TOOL, BlockKind.TEXT)):
        tap.events([BlockStart(index, kind), BlockDelta(index, f"{kind.value} " * 50)])
    assert set(tap.answer().split()) == {"text"}
    assert tap.final_usage(complete=False).output_tokens > 200


def test_the_first_token_is_the_first_that_says_something(tap, clock):
    tap.chunk(b"x")
    tap.events([BlockStart(0, BlockKind.TEXT), BlockDelta(0, "")])
    assert tap.first_token_ms is None
    clock.forward(0.5)
    tap.chunk(b"y")
    tap.events([BlockDelta(0, "a")])
    assert tap.first_token_ms == 500


def test_a_whole_answer(tap, clock):
    clock.forward(0.2)
    tap.chunk(b"{}")
    parts = (Thinking("hm"), Text("Hel"), Text("lo"), ToolCall("1", "t", "{}"))
    tap.reply(Reply("id", "m", parts, StopReason.TOOL_USE, Usage(3, output_tokens=4)))
    assert tap.answer() == "Hello"
    assert tap.first_token_ms == 200
    assert tap.final_usage(complete=True) == Usage(3, output_tokens=4)


def test_the_charts_follow_and_are_right_at_the_end(tap, clock, meter):
    tap.chunk(b"x")
    tap.events([MessageStart("", "", Usage(100, output_tokens=1))])
    assert live(meter) == (100, 1)
    for _ in range(20):
        clock.forward(0.1)
        tap.chunk(b"x")
        tap.events([BlockStart(0, BlockKind.TEXT), BlockDelta(0, "word " * 20)])
    assert live(meter)[1] > 300
    tap.settle(Usage(90, output_tokens=400))
    assert live(meter) == (90, 400)
    tap.settle(Usage(90, output_tokens=400))
    assert live(meter) == (90, 400)


def test_the_record_hears_of_a_long_stream_every_five_seconds(tap, clock, recorder):
    for _ in range(12):
        clock.forward(1)
        tap.chunk(b"x")
        tap.events([BlockStart(0, BlockKind.TEXT), BlockDelta(0, "more ")])
    assert len(recorder.progressed) == 2
    assert recorder.progressed[0].output_tokens < recorder.progressed[1].output_tokens


def test_a_long_timeline_is_thinned(tap, clock):
    for _ in range(9000):
        clock.forward(0.001)
        tap.chunk(b"xy")
    assert len(tap.timeline) <= 2000
    assert sum(size for _, size in tap.timeline) == 18_000
    assert tap.timeline == sorted(tap.timeline)
    assert tap.timeline[-1][0] == 9000


class Defective:
    finished = ending = False

    def feed(self, data: bytes) -> Any:
        raise RecursionError

    def close(self) -> Any:
        raise ValueError


def test_a_defective_reader_is_set_aside(tap):
    tap.reader = Defective()
    for _ in range(3):
        tap.chunk(b"data")
    tap.ended()
    assert tap.broken
    assert tap.chunks == [b"data"] * 3
    assert (tap.cut, tap.told) == (None, None)
    tap.broken = False
    tap.ended()
    assert tap.broken


def test_another_attempt_begins_anew(tap):
    tap.chunk(b"refused")
    tap.forget()
    assert (tap.chunks, tap.received_bytes, tap.first_byte_ms) == ([], 0, None)
    tap.events([MessageStop(StopReason.END_TURN)])
    assert tap.stop is not None


def test_an_answer_begins_with_the_first_word_call_or_end(tap):
    tap.chunk(b"data")
    begun = [MessageStart("id", "m", Usage(11)), Ping(), BlockStart(0, BlockKind.THINKING), BlockDelta(0, "")]
    tap.events(begun)
    assert not tap.useful
    for event in (
        BlockDelta(0, "Hm"),
        BlockStart(0, BlockKind.TOOL, "t", "Read"),
        BlockStart(0, BlockKind.FOREIGN),
        MessageStop(StopReason.END_TURN),
    ):
        tap.events([event])
        assert tap.useful
        tap.forget()
        tap.events(begun)
        assert not tap.useful


def test_another_attempt_knows_nothing_of_the_former_ones_words(tap):
    tap.chunk(b"data")
    tap.events([MessageStart("id", "m", Usage(11)), BlockStart(0, BlockKind.TEXT), BlockDelta(0, "Hello")])
    tap.events([StreamError(PatchbayError(ErrorKind.OVERLOADED, "no"))])
    tap.forget()
    assert (tap.answer(), tap.usage, tap.told, tap.first_token_ms, tap.timeline) == ("", NO_USAGE, None, None, [])
    assert tap.final_usage(complete=False) == NO_USAGE
