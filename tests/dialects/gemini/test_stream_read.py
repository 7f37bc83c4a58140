from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.gemini.stream_read import GeminiStreamReader
from app.domain.errors import ErrorKind
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
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import Usage, UsageSource
from tests.dialects.gemini.answers import (
    array,
    call,
    end,
    events,
    failure,
    piece,
    read,
    reply,
    road,
    sse,
    stop,
    text,
    thought,
)

ODD = 'Grüße 漢 \u2028 \\ " }{][ 😀'


def test_a_plain_answer_is_told_from_start_to_stop():
    found = events(piece(text("Hel"), usageMetadata={"promptTokenCount": 20}), piece(text("lo")), end(text("")))
    assert found == [
        MessageStart("r1", "up", Usage(input_tokens=20)),
        BlockStart(0, BlockKind.TEXT),
        BlockDelta(0, "Hello"),
        UsageSeen(Usage(input_tokens=20, output_tokens=7)),
        BlockStop(0),
        MessageStop(StopReason.END_TURN, Usage(input_tokens=20, output_tokens=7)),
    ]


def test_the_end_is_the_finish_reason_and_then_the_end_of_the_stream():
    reader = GeminiStreamReader(road())
    reader.feed(sse(piece(text("a"))))
    assert (reader.ending, reader.finished) == (False, False)
    assert not any(isinstance(event, MessageStop) for event in reader.feed(sse(end())))
    assert (reader.ending, reader.finished) == (True, False)
    assert isinstance(reader.close()[-1], MessageStop)
    assert reader.finished
    assert reader.feed(sse(piece(text("more")))) == reader.close() == []


@pytest.mark.parametrize("last", [end(), {"usageMetadata": {"promptTokenCount": 20, "candidatesTokenCount": 7}}])
def test_counts_are_not_lost_whether_with_the_finish_reason_or_after_it(last: dict[str, Any]):
    assert stop(piece(text("a"), finish="STOP"), last).usage == Usage(input_tokens=20, output_tokens=7)


def test_a_closed_array_is_an_end_at_once():
    reader = GeminiStreamReader(road())
    found = reader.feed(array(piece(text("a")), end()))
    assert reader.finished
    assert isinstance(found[-1], MessageStop)


@pytest.mark.parametrize(
    "stream", [b"", sse(piece(text("a"))), array(piece(text("a")))[:-3], array(piece(text("a"))), sse(end())[:-9]]
)
def test_a_stream_without_a_finish_reason_was_cut(stream: bytes):
    last = read(stream)[-1]
    assert isinstance(last, StreamError)
    assert last.error.kind is ErrorKind.STREAM_CUT


def test_a_last_event_without_its_blank_line_counts():
    assert isinstance(read(sse(end(text("a"))).rstrip())[-1], MessageStop)


def test_relays_may_say_done():
    assert isinstance(events(end(text("a")), b"data: [DONE]\n\n")[-1], MessageStop)
    assert failure(piece(text("a")), b"data: [DONE]\n\n").error.kind is ErrorKind.STREAM_CUT


ERROR = {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}


@pytest.mark.parametrize("stream", [sse({"error": ERROR}), sse(*[b"data: ", json.dumps([{"error": ERROR}]).encode()])])
def test_an_error_in_the_stream_is_its_end(stream: bytes):
    found = read(sse(piece(text("a"))) + stream + b"\n\n")
    assert found[-2:] == [BlockDelta(0, "a"), found[-1]]
    assert isinstance(found[-1], StreamError)
    assert (found[-1].error.kind, found[-1].error.message) == (ErrorKind.OVERLOADED, "The model is overloaded.")


def test_an_error_in_an_array_is_its_end():
    last = read(array(piece(text("a")), {"error": ERROR}))[-1]
    assert isinstance(last, StreamError)
    assert last.error.kind is ErrorKind.OVERLOADED


def test_what_is_no_json_is_an_error():
    assert failure(b"data: {broken\n\n").error.kind is ErrorKind.BAD_REPLY
    assert failure(b"[7]").error.kind is ErrorKind.BAD_REPLY


def test_what_says_nothing_is_passed_over():
    assert (
        stop(b": comment\n\ndata:\n\n", {"late": 1}, piece(text("a")), {"candidates": []}, end()).reason
        is StopReason.END_TURN
    )


def test_the_last_finish_reason_counts():
    last = stop(piece(text("a"), finish="STOP"), piece(text("b"), finish="STOP"), end(finish="MAX_TOKENS"))
    assert last.reason is StopReason.MAX_TOKENS


def test_a_blocked_prompt_is_a_refusal():
    found = events({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}})
    assert isinstance(found[0], MessageStart)
    last = found[-1]
    assert isinstance(last, MessageStop)
    assert (last.reason, last.refusal, last.usage.input_tokens) == (
        StopReason.REFUSAL,
        "The prompt was blocked (SAFETY).",
        9,
    )


def test_a_feedback_without_a_reason_blocks_nothing():
    assert stop(piece(text("a"), promptFeedback={"safetyRatings": []}), end()).reason is StopReason.END_TURN


def test_a_call_that_google_could_not_read_is_an_error_where_nothing_was_said():
    last = failure(end(thought("hm"), finish="MALFORMED_FUNCTION_CALL", candidate={"finishMessage": "print(f())"}))
    assert last.error.kind is ErrorKind.UPSTREAM_ERROR
    assert "MALFORMED_FUNCTION_CALL: print(f())" in last.error.message
    assert stop(end(text("a"), finish="MALFORMED_FUNCTION_CALL")).reason is StopReason.END_TURN


def test_only_the_first_answer_is_read():
    other = {"candidates": [{"index": 1, "content": {"parts": [{"text": "b"}]}, "finishReason": "SAFETY"}]}
    assert reply(piece(text("a")), other, end()).parts == (Text("a"),)


def test_the_estimate_stands_in_where_no_counts_come():
    usage = stop(piece(text("a" * 36), finish="STOP"), on=road(input_estimate_tokens=5)).usage
    assert usage == Usage(5, output_tokens=10, source=UsageSource.ESTIMATED)


def test_whatever_breaks_the_types_is_read_as_far_as_it_goes():
    odd = {
        "candidates": [{"index": "0", "content": {"parts": [{"text": "a", "thoughtSignature": 5}, {"text": 7}, "x"]}}],
        "usageMetadata": {"promptTokenCount": "20", "candidatesTokenCount": []},
    }
    found = reply(odd, end(text("b")))
    assert (found.parts, found.usage.input_tokens) == ((Text("ab"),), 20)


_PARTS = st.one_of(
    st.builds(text, st.sampled_from(["", "a", ODD]), st.sampled_from(["", "c2ln"])),
    st.builds(thought, st.sampled_from(["", "hm", ODD]), st.sampled_from(["", "dGhv"])),
    st.builds(
        call,
        st.sampled_from(["f", "", "g"]),
        st.sampled_from([None, {}, {"x": ODD, "y": [1.5, {}]}]),
        st.sampled_from(["", "id-1", "a:b"]),
        st.sampled_from(["", "c2ln"]),
    ),
    st.just({"executableCode": {"code": "print(1)", "language": "PYTHON"}}),
    st.just({"codeExecutionResult": {"output": "1\n", "outcome": "OUTCOME_OK"}}),
    st.just({"inlineData": {"mimeType": "image/png", "data": "aaaa"}}),
    st.just({"toolCall": {"id": "t"}}),
    st.just({}),
)
_PIECES = st.lists(st.lists(_PARTS, max_size=4), max_size=4)
_FINISH = st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "MALFORMED_FUNCTION_CALL", "OTHER", ""])


def joined(found: list[Event]) -> list[Event]:
    """The events without counts on the way, and neighboring deltas of a block as one."""
    kept: list[Event] = []
    for event in found:
        if isinstance(event, UsageSeen):
            continue
        last = kept[-1] if kept else None
        if isinstance(event, BlockDelta) and isinstance(last, BlockDelta):
            kept[-1] = BlockDelta(event.index, last.text + event.text)
        else:
            kept.append(event)
    return kept


def told(found: list[Event]) -> list[Any]:
    return [(event.error.kind, event.error.message) if isinstance(event, StreamError) else event for event in found]


@given(_PIECES, _FINISH, st.integers(1, 40), st.booleans())
def test_the_answer_is_the_same_however_it_is_framed_and_cut(
    pieces: list[list[dict[str, Any]]], finish: str, size: int, shown: bool
):
    on = road(show_thinking=shown)
    answers = [*(piece(*parts) for parts in pieces), end(finish=finish)]
    at_once = told(joined(read(sse(*answers), on)))
    assert told(joined(read(sse(*answers), on, size))) == at_once
    assert told(joined(read(array(*answers), on, size))) == at_once
    assert told(joined(read(array(*answers, indent=None), on))) == at_once


def ordered(found: list[Event]) -> None:
    """Assert the order that every writer rests on."""
    if found and not isinstance(found[0], StreamError):
        assert isinstance(found[0], MessageStart)
    index, kind, sealed = -1, None, False
    for at, event in enumerate(found):
        match event:
            case MessageStart():
                assert at == 0
            case BlockStart():
                assert (event.index, kind) == (index + 1, None)
                index, kind, sealed = event.index, event.kind, False
            case BlockDelta():
                assert (event.index, sealed) == (index, False)
                assert kind in {BlockKind.TEXT, BlockKind.THINKING, BlockKind.TOOL}
            case BlockSignature():
                assert (event.index, kind, sealed) == (index, BlockKind.THINKING, False)
                sealed = True
            case BlockStop():
                assert event.index == index
                assert kind is not None
                assert sealed == (kind is BlockKind.THINKING)
                kind = None
            case MessageStop() | StreamError():
                assert at == len(found) - 1
                assert kind is None or isinstance(event, StreamError)


@given(_PIECES, _FINISH, st.booleans(), st.sampled_from(["", "what"]))
def test_events_come_in_strict_order_and_ids_once(
    pieces: list[list[dict[str, Any]]], finish: str, shown: bool, query: str
):
    on = road(show_thinking=shown, search_query=query)
    grounding = {"groundingMetadata": {"webSearchQueries": ["q"]}} if query else {}
    found = read(sse(*(piece(*parts) for parts in pieces), end(finish=finish, candidate=grounding)), on)
    ordered(found)
    ids = [event.id for event in found if isinstance(event, BlockStart) and event.kind is BlockKind.TOOL]
    assert len(set(ids)) == len(ids)
    assert all(ids)


_WORDS = st.sampled_from(
    [b"data: ", b"\n\n", b"\r\n", b"[", b"]", b"{", b"}", b",", b'"', b"\\", b":", b"\xff", b"null", b"[DONE]", b"x"]
    + [json.dumps(one).encode() for one in (piece(text("a")), end(call()), {"error": ERROR}, [piece(thought("b"))])]
)


@given(st.one_of(st.binary(max_size=60), st.lists(_WORDS, max_size=12).map(b"".join)), st.integers(1, 20))
def test_any_bytes_give_events_or_an_error_and_never_an_exception(stream: bytes, size: int):
    found = read(stream, size=size)
    ordered(found)
    assert isinstance(found[-1], (MessageStop, StreamError))


_KEYS = (
    *("candidates", "content", "parts", "text", "thought", "functionCall", "args", "name", "finishReason", "index"),
    *("usageMetadata", "promptTokenCount", "groundingMetadata", "groundingChunks", "web", "uri", "error", "data"),
    *("promptFeedback", "blockReason", "inlineData", "toolCall", "thoughtSignature"),
)
_ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 2**70), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=25,
)


@given(_ANY)
def test_any_json_gives_events_or_an_error(value: Any):
    found = read(b"data: " + json.dumps(value).encode() + b"\n\n" + sse(end()))
    ordered(found)
    assert isinstance(found[-1], (MessageStop, StreamError))


def test_a_lone_half_of_a_character_is_harmless():
    lone = b'data: {"candidates":[{"content":{"parts":[{"text":"a\\ud83d"},{"functionCall":{"name":"f","args":'
    found = reply(lone + b'{"x":"\\udc00"}}}]},"finishReason":"STOP"}]}\n\n')
    said, called = found.parts
    assert said == Text("a\ufffd")
    assert isinstance(called, ToolCall)
    assert json.loads(called.arguments) == {"x": "?"}


def test_thoughts_are_thinking():
    first, second = reply(piece(thought("pl")), piece(thought("an")), end(text("So."))).parts
    assert isinstance(first, Thinking)
    assert (first.text, second) == ("plan", Text("So."))
