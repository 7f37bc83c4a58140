from __future__ import annotations

import json
import timeit
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.stream_read import StreamReader
from app.dialects.base import NameMap, Road
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
    Ping,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Search, SearchHit
from app.domain.usage import NO_USAGE, Usage, UsageSource

ROAD = Road("asked", "sent", names=NameMap({"short": "mcp.long/name"}))
START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "m", "content": [], "usage": {"input_tokens": 10, "output_tokens": 1}},
}
STOP = {"type": "message_stop"}


def sse(*events: Any, line_end: bytes = b"\n", named: bool = True) -> bytes:
    stream = b""
    for event in events:
        name = b"event: " + event["type"].encode() + b"\n" if named else b""
        stream += name + b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"
    return stream.replace(b"\n", line_end)


def begin(index: int, kind: str, **members: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **members}}


def delta(index: int, kind: str, **members: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **members}}


def end(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def last(reason: str | None = "end_turn", **members: Any) -> dict[str, Any]:
    usage = members.pop("usage", {"output_tokens": 9})
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None, **members}, "usage": usage}


def read(*pieces: bytes, road: Road = ROAD) -> list[Event]:
    reader = StreamReader(road)
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.close()
    assert reader.finished == isinstance(events[-1], MessageStop)
    return joined(events)


def joined(events: list[Event]) -> list[Event]:
    """Deltas that follow each other as one: how many there are depends on the pieces the bytes came in."""
    kept: list[Event] = []
    for event in events:
        before = kept[-1] if kept else None
        if isinstance(event, BlockDelta) and isinstance(before, BlockDelta) and event.index == before.index:
            kept[-1] = BlockDelta(event.index, before.text + event.text)
        else:
            kept.append(event)
    return kept


def blocks(events: list[Event]) -> list[Event]:
    return [one for one in events if isinstance(one, (BlockStart, BlockDelta, BlockSignature, BlockStop))]


def problem(events: list[Event]) -> PatchbayError:
    assert isinstance(events[-1], StreamError)
    return events[-1].error


MANY = sse(
    START,
    {"type": "ping"},
    begin(0, "thinking", thinking="", signature=""),
    delta(0, "thinking_delta", thinking="hm é"),
    delta(0, "signature_delta", signature="S="),
    delta(0, "signature_delta", signature="="),
    end(0),
    begin(1, "text", text=""),
    delta(1, "text_delta", text="漢 😀"),
    delta(1, "text_delta", text=" 👩‍👩‍👧"),
    end(1),
    begin(2, "tool_use", id="toolu_1", name="short", input={}),
    delta(2, "input_json_delta", partial_json='{"a":"\\u00e9'),
    delta(2, "input_json_delta", partial_json='"}'),
    end(2),
    last("tool_use", usage={"output_tokens": 9, "input_tokens": None}),
    STOP,
)
MANY_EVENTS: list[Event] = [
    MessageStart("msg_1", "m", Usage(10, output_tokens=1)),
    Ping(),
    BlockStart(0, BlockKind.THINKING),
    BlockDelta(0, "hm é"),
    BlockSignature(0, "S=="),
    BlockStop(0),
    BlockStart(1, BlockKind.TEXT),
    BlockDelta(1, "漢 😀 👩‍👩‍👧"),
    BlockStop(1),
    BlockStart(2, BlockKind.TOOL, id="toolu_1", name="mcp.long/name"),
    BlockDelta(2, '{"a":"\\u00e9"}'),
    BlockStop(2),
    UsageSeen(Usage(10, output_tokens=9)),
    MessageStop(StopReason.TOOL_USE, Usage(10, output_tokens=9)),
]


def test_a_whole_stream() -> None:
    assert read(MANY) == MANY_EVENTS


def test_byte_by_byte_and_with_more_behind() -> None:
    more = MANY + b"data: [DONE]\n\n" + sse(begin(3, "text", text="late"))
    assert read(*(more[at : at + 1] for at in range(len(more)))) == MANY_EVENTS
    assert read(MANY + b"half a li") == MANY_EVENTS


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
def test_other_line_ends(line_end: bytes) -> None:
    assert read(MANY.replace(b"\n", line_end)) == MANY_EVENTS


def test_a_stream_without_event_lines_is_understood_all_the_same() -> None:
    assert read(MANY.replace(b"event: ", b"x: ")) == MANY_EVENTS


@given(st.lists(st.integers(1, len(MANY) - 1), max_size=12))
def test_the_chunks_do_not_matter(cuts: list[int]) -> None:
    edges = sorted({0, len(MANY), *cuts})
    assert read(*(MANY[start:stop] for start, stop in pairwise(edges))) == MANY_EVENTS


def test_the_last_blank_line_may_be_missing() -> None:
    assert read(MANY.rstrip(b"\n")) == MANY_EVENTS


# --- what is odd ---------------------------------------------------------------------------------------------------


def test_unknown_events_blocks_and_deltas_are_for_others() -> None:
    events = read(
        sse(
            START,
            {"type": "vendor_news", "x": 1},
            begin(0, "crystal_ball", glow=3),
            delta(0, "glow_delta", glow=4),
            end(0),
            begin(1, "text", text="", citations=None),
            delta(1, "citations_delta", citation={"type": "x"}),
            delta(1, "text_delta", text="ok", extra=1),
            end(1),
            last(context_management={"applied_edits": []}),
            STOP,
        )
    )
    foreign = BlockStart(0, BlockKind.FOREIGN, json=b'{"type": "crystal_ball", "glow": 3}')
    assert blocks(events) == [foreign, BlockStop(0), BlockStart(1, BlockKind.TEXT), BlockDelta(1, "ok"), BlockStop(1)]


@pytest.mark.parametrize("kind", [None, 7, {}, [], {"x": []}])
def test_an_event_whose_type_is_no_word_is_for_others(kind: object) -> None:
    said = (begin(0, "text", text=""), delta(0, "text_delta", text="ok"), end(0))
    odd = b"data: " + json.dumps({"type": kind, "x": 1}).encode() + b"\n\n"
    rest = sse(*said, last(), STOP)
    assert read(sse(START) + odd + rest) == read(sse(START) + rest)


def test_a_gap_in_the_indices_is_closed() -> None:
    events = read(sse(START, begin(1, "text", text=""), delta(1, "text_delta", text="a"), end(1), last(), STOP))
    assert blocks(events) == [BlockStart(0, BlockKind.TEXT), BlockDelta(0, "a"), BlockStop(0)]


def test_mixed_blocks_come_out_one_after_the_other() -> None:
    tools = [begin(index, "tool_use", id=f"t{index}", name="f", input={}) for index in (0, 1)]
    mixed = [delta(index, "input_json_delta", partial_json=part) for part in ('{"x":', "1}") for index in (0, 1)]
    events = read(sse(START, *tools, *mixed, end(1), end(0), last("tool_use"), STOP))
    assert blocks(events) == [
        event
        for index in (0, 1)
        for event in (
            BlockStart(index, BlockKind.TOOL, id=f"t{index}", name="f"),
            BlockDelta(index, '{"x":1}'),
            BlockStop(index),
        )
    ]


def test_a_block_that_never_stopped_stops_with_the_answer() -> None:
    events = read(sse(START, begin(0, "text", text=""), delta(0, "text_delta", text="a"), last(), STOP))
    assert blocks(events)[-1] == BlockStop(0)


def test_a_delta_whose_start_was_forgotten_opens_its_block() -> None:
    events = read(
        sse(START, delta(0, "thinking_delta", thinking="h"), end(0), delta(1, "text_delta", text="a"), last(), STOP)
    )
    assert [event.kind for event in events if isinstance(event, BlockStart)] == [BlockKind.THINKING, BlockKind.TEXT]


def test_text_in_a_start_counts() -> None:
    events = read(sse(START, begin(0, "text", text="eager"), end(0), last(), STOP))
    assert BlockDelta(0, "eager") in events


@pytest.mark.parametrize(
    ("given_input", "deltas", "arguments"),
    [
        ({}, [], "{}"),
        ({"a": 1}, [], '{"a": 1}'),
        ({"a": 1}, ['{"b":2}'], '{"b":2}'),
        ({}, [""], "{}"),
        (None, [], "{}"),
    ],
)
def test_a_tools_arguments_are_whole(given_input: Any, deltas: list[str], arguments: str) -> None:
    fragments = [delta(0, "input_json_delta", partial_json=text) for text in deltas]
    tool = begin(0, "tool_use", id="t", name="f", input=given_input)
    events = read(sse(START, tool, *fragments, end(0), last("tool_use"), STOP))
    assert "".join(event.text for event in events if isinstance(event, BlockDelta)) == arguments


def test_a_second_start_begins_nothing_anew() -> None:
    events = read(sse(START, START, begin(0, "text", text="a"), end(0), last(), STOP))
    assert sum(isinstance(event, MessageStart) for event in events) == 1


def test_a_stream_without_its_start_gets_one() -> None:
    events = read(sse(begin(0, "text", text="a"), end(0), last(), STOP))
    assert events[0] == MessageStart("", "sent")


def test_a_redacted_block_keeps_its_data() -> None:
    events = read(sse(START, begin(0, "redacted_thinking", data="opaque"), end(0), last(), STOP))
    assert events[1] == BlockStart(0, BlockKind.REDACTED, json=b"opaque")


def test_a_search_becomes_one_block() -> None:
    page = {
        "type": "web_search_result",
        "url": "https://e.x",
        "title": "E",
        "encrypted_content": "zz",
        "page_age": None,
    }
    events = read(
        sse(
            START,
            begin(0, "server_tool_use", id="srvtoolu_1", name="web_search", input={}),
            delta(0, "input_json_delta", partial_json='{"query":'),
            delta(0, "input_json_delta", partial_json='"ulm"}'),
            end(0),
            begin(1, "web_search_tool_result", tool_use_id="srvtoolu_1", content=[page]),
            end(1),
            begin(2, "text", text="ok"),
            end(2),
            last(usage={"output_tokens": 9, "server_tool_use": {"web_search_requests": 1}}),
            STOP,
        )
    )
    search = Search("srvtoolu_1", "ulm", (SearchHit("https://e.x", "E"),))
    assert blocks(events)[:3] == [
        BlockStart(0, BlockKind.SEARCH, search=search),
        BlockStop(0),
        BlockStart(1, BlockKind.TEXT),
    ]
    assert isinstance(events[-1], MessageStop)
    assert events[-1].usage.web_searches == 1


def test_the_tool_that_stands_for_structured_output_is_text() -> None:
    tool = begin(0, "tool_use", id="t", name="json_output", input={})
    stream = sse(START, tool, delta(0, "input_json_delta", partial_json='{"a":1}'), end(0), last("tool_use"), STOP)
    events = read(stream, road=replace(ROAD, json_tool=True))
    assert blocks(events) == [BlockStart(0, BlockKind.TEXT), BlockDelta(0, '{"a":1}'), BlockStop(0)]
    assert isinstance(events[-1], MessageStop)
    assert events[-1].reason is StopReason.END_TURN


def test_a_refusal_says_why() -> None:
    event = last("refusal", stop_details={"type": "refusal", "category": None, "explanation": "no"})
    stop = read(sse(START, event, STOP))[-1]
    assert isinstance(stop, MessageStop)
    assert (stop.reason, stop.refusal) == (StopReason.REFUSAL, "no")


def test_a_stop_sequence_is_named() -> None:
    stop = read(sse(START, last("stop_sequence", stop_sequence="END"), STOP))[-1]
    assert isinstance(stop, MessageStop)
    assert stop.stop_sequence == "END"


# --- counts --------------------------------------------------------------------------------------------------------


def final(*events: Any) -> Usage:
    stop = read(sse(*events, STOP))[-1]
    assert isinstance(stop, MessageStop)
    return stop.usage


def test_counts_are_replaced_and_never_summed() -> None:
    start = {
        "type": "message_start",
        "message": {"usage": {"input_tokens": 100, "output_tokens": 5, "cache_read_input_tokens": 7}},
    }
    usage = final(
        start, last(usage={"output_tokens": 20}), last(None, usage={"output_tokens": 30, "input_tokens": None})
    )
    assert usage == Usage(100, 7, output_tokens=30)


def test_without_a_message_delta_the_first_counts_stay() -> None:
    assert final(START) == Usage(10, output_tokens=1)


def test_no_counts_at_all_are_none() -> None:
    assert final({"type": "message_start", "message": {}}, last(usage=None)) == NO_USAGE


@pytest.mark.parametrize("bad", ["-5", '"12"', "1.5", "NaN", "1e30", "9223372036854775808", "true", "1e999", "[]"])
def test_impossible_counts_are_marked_and_zero(bad: str) -> None:
    stream = sse(START, last(usage={"output_tokens": "BAD"}), STOP).replace(b'"BAD"', bad.encode())
    stop = read(stream)[-1]
    assert isinstance(stop, MessageStop)
    assert stop.usage.source is UsageSource.INVALID
    assert (stop.usage.input_tokens, stop.usage.output_tokens) == (10, 0)


def test_counts_that_go_back_are_marked() -> None:
    usage = final(START, last(usage={"output_tokens": 20}), last(usage={"output_tokens": 10}))
    assert usage.source is UsageSource.INVALID


# --- what fails ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [0, 1, 4, 11, 15])
def test_a_stream_that_is_cut_is_never_finished(kept: int) -> None:
    pieces = MANY.split(b"\n\n")
    cut = b"\n\n".join(pieces[:kept]) + b"\n\n" * bool(kept)
    assert problem(read(cut)).kind is ErrorKind.STREAM_CUT
    assert problem(read(cut + b'event: content_block_delta\ndata: {"type":"conte')).kind is ErrorKind.STREAM_CUT


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b'{"type":"content_block_delta","index":',
        b"\xff\xfe",
        b'{"type":"content_block_stop","index":"x"}',
        b"[" * 5000,
    ],
)
def test_a_damaged_event_ends_the_answer(data: bytes) -> None:
    events = read(sse(START) + b"data: " + data + b"\n\n" + sse(begin(0, "text", text="after"), last(), STOP))
    assert problem(events).kind is ErrorKind.BAD_REPLY
    assert blocks(events) == []


@pytest.mark.parametrize("payload", [b"[]", b'"text"', b"{}", b"null", b"7"])
def test_json_that_is_no_event_is_passed_over(payload: bytes) -> None:
    events = read(sse(START) + b"data: " + payload + b"\n\n" + sse(last(), STOP))
    assert isinstance(events[-1], MessageStop)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (
            b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"m"}}',
            ErrorKind.OVERLOADED,
        ),
        (b'data: {"error":{"type":"rate_limit_error","message":"m"}}', ErrorKind.RATE_LIMITED),
        (b'event: error\ndata: {"message":"m"}', ErrorKind.UPSTREAM_ERROR),
    ],
)
def test_an_error_event_ends_the_answer(data: bytes, kind: ErrorKind) -> None:
    events = read(sse(START) + data + b"\n\n" + sse(last(), STOP))
    assert (problem(events).kind, problem(events).message) == (kind, "m")


def test_half_an_emoji_in_a_delta_is_replaced() -> None:
    stream = (
        sse(START) + rb'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\ud83d"}}'
    )
    assert BlockDelta(0, "a\ufffd") in read(stream + b"\n\n" + sse(last(), STOP))


def test_an_event_without_end_is_refused() -> None:
    reader = StreamReader(ROAD)
    events: list[Event] = []
    for _ in range(18):
        events += reader.feed(b"data: " + b"x" * 1024 * 1024)
    assert problem(events).kind is ErrorKind.BAD_REPLY
    assert reader.feed(MANY) == []


@given(st.binary(max_size=300) | st.lists(st.sampled_from([*MANY.split(b"\n\n"), b"data: {", b"x"])).map(b"\n\n".join))
def test_nothing_an_upstream_sends_raises(stream: bytes) -> None:
    events = read(stream)
    assert isinstance(events[-1], (MessageStop, StreamError))


def test_texts_that_came_together_are_one_delta() -> None:
    reader = StreamReader(ROAD)
    reader.feed(sse(START, begin(0, "text", text="")))
    said = [delta(0, "text_delta", text=text) for text in ("a", "", "b")]
    assert reader.feed(sse(*said)) == [BlockDelta(0, "ab")]
    assert reader.feed(sse(said[0], {"type": "ping"}, said[2])) == [BlockDelta(0, "a"), Ping(), BlockDelta(0, "b")]


@pytest.mark.bench
def test_a_hundred_deltas_cost_a_fraction_of_a_millisecond() -> None:
    reader = StreamReader(ROAD)
    reader.feed(sse(START, begin(0, "text", text="")))
    burst = sse(*[delta(0, "text_delta", text="hello")] * 100)
    best_s = min(timeit.repeat(lambda: reader.feed(burst), number=10, repeat=50)) / 10
    assert best_s < 0.0005
