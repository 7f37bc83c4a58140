from __future__ import annotations

import json

import pytest

from app.dialects.openai_responses.stream_read import ResponsesStreamReader
from app.domain.errors import ErrorKind
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    BlockStop,
    MessageStart,
    MessageStop,
    StopReason,
    UsageSeen,
)
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import Usage, UsageSource
from tests.dialects.openai_responses.answers import (
    USAGE,
    added,
    arguments,
    call,
    completed,
    created,
    delta,
    done,
    ended,
    events,
    failure,
    message,
    reply,
    response,
    road,
    summary,
    text,
    wire,
)


def test_text_comes_as_it_is_said():
    reader = ResponsesStreamReader(road())
    assert reader.feed(wire(created())) == [MessageStart("resp_1", "up")]
    reader.feed(wire(added(0, message())))
    assert reader.feed(wire(text(0, "Hel"))) == [BlockStart(0, BlockKind.TEXT), BlockDelta(0, "Hel")]
    assert reader.feed(wire(text(0, "lo"), text(0, " you"))) == [BlockDelta(0, "lo you")]
    assert reader.feed(wire(done(0, message("Hello you")))) == [BlockStop(0)]
    last = reader.feed(wire(completed()))
    assert [type(one) for one in last] == [UsageSeen, MessageStop]
    assert (reader.finished, reader.ending) == (True, False)
    assert reader.feed(wire(text(1, "late"))) == reader.close() == []


def test_counts_are_disjoint():
    stop = events(created(), completed())[-1]
    assert stop.usage == Usage(30, 60, 10, output_tokens=12, reasoning_tokens=7)


def test_an_answer_without_counts_is_estimated_and_says_so():
    stop = events(text(0, "x" * 36), completed(usage=None))[-1]
    assert (stop.usage.input_tokens, stop.usage.output_tokens) == (33, 10)
    assert stop.usage.source is UsageSource.ESTIMATED


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (completed(), StopReason.END_TURN),
        (ended("incomplete", incomplete_details={"reason": "max_output_tokens"}), StopReason.MAX_TOKENS),
        (ended("incomplete", incomplete_details={"reason": "content_filter"}), StopReason.REFUSAL),
        (ended("incomplete", incomplete_details={"reason": "steered"}), StopReason.MAX_TOKENS),
        (ended("incomplete", incomplete_details=None), StopReason.MAX_TOKENS),
        ({"type": "response.completed", "response": response("incomplete")}, StopReason.MAX_TOKENS),
        ({"type": "response.completed"}, StopReason.END_TURN),
        ({"type": "response.completed", "response": response("in_progress")}, StopReason.END_TURN),
    ],
)
def test_why_it_stopped(end, reason):
    assert reply(text(0, "a"), end).stop is reason


def test_a_call_is_the_reason_unless_the_answer_was_cut():
    assert reply(done(0, call(1, "{}")), completed()).stop is StopReason.TOOL_USE
    cut = reply(added(0, call(1)), arguments(0, '{"a'), ended("incomplete"))
    assert cut.stop is StopReason.MAX_TOKENS
    assert cut.parts == (ToolCall("call_1", "f1", '{"a'),)


@pytest.mark.parametrize(
    "sent",
    [
        (),
        (created(),),
        (created(), text(0, "all of it"), done(0, message("all of it"))),
        (created(), done(0, call(1, "{}"))),
        (created(), text(0, "a"), b"data: [DONE]\n\n"),
        (created(), b'data: {"type":"response.comp'),
        (created(), b'data: {"type":"response.completed","response":{"status":"completed","output":['),
    ],
)
def test_a_stream_without_its_last_event_was_cut(sent):
    assert failure(*sent).error.kind is ErrorKind.STREAM_CUT


def test_the_last_event_counts_also_without_its_blank_line():
    assert reply(text(0, "a"), wire(completed()).rstrip(b"\n")).stop is StopReason.END_TURN


@pytest.mark.parametrize(
    ("error", "kind", "retry_after_s"),
    [
        (
            {"code": "context_length_exceeded", "message": "It exceeds the context window."},
            "CONTEXT_TOO_LONG",
            None,
        ),
        ({"code": "rate_limit_exceeded", "message": "Limit. Please try again in 1.5s."}, "RATE_LIMITED", 1.5),
        ({"code": "server_error", "message": "Sorry"}, "UPSTREAM_ERROR", None),
        ({"code": "server_is_overloaded", "message": "Later"}, "OVERLOADED", None),
        ({"code": "slow_down", "message": "Later"}, "OVERLOADED", None),
        ({"code": "insufficient_quota", "message": "Pay"}, "BILLING", None),
        ({"code": "usage_not_included", "message": "Pay"}, "BILLING", None),
        ({"code": "invalid_prompt", "message": "No"}, "UPSTREAM_INVALID_REQUEST", None),
        ({"code": "invalid_base64_image", "message": "No"}, "UPSTREAM_INVALID_REQUEST", None),
        ({"code": "image_too_large", "message": "No"}, "UPSTREAM_INVALID_REQUEST", None),
        ({"code": "bio_policy", "message": "No"}, "UPSTREAM_INVALID_REQUEST", None),
    ],
)
@pytest.mark.parametrize("form", ["failed", "error", "nested", "bare"])
def test_a_failure_says_what_it_is(error, kind, retry_after_s, form):
    sent = {
        "failed": ended("failed", error=error),
        "error": {"type": "error", **error},
        "nested": {"type": "error", "error": error},
        "bare": {"type": "", "error": error},
    }[form]
    found = failure(created(), text(0, "a"), sent).error
    assert found.kind is ErrorKind[kind]
    assert found.retry_after_s == retry_after_s
    assert error["message"] in found.message


def test_a_failure_without_a_reason_is_one_and_its_counts_are_kept():
    found = events(created(), ended("failed", error=None, usage=USAGE))
    assert isinstance(found[-2], UsageSeen)
    assert found[-1].error.kind is ErrorKind.UPSTREAM_ERROR
    assert failure(text(0, "a"), {"type": "response.completed", "response": response("failed")}).error.message


def test_a_failure_before_anything_was_said_starts_no_message():
    assert len(events({"type": "error", "code": "server_error", "message": "x"})) == 1
    (only,) = events(ended("failed", error={"code": "rate_limit_exceeded", "message": "x"}))
    assert only.error.kind is ErrorKind.RATE_LIMITED


def test_unknown_events_and_those_of_the_upstreams_own_tools_are_ignored():
    odd = (
        {"type": "response.some.day", "delta": "x", "output_index": 0},
        {"type": "response.web_search_call.searching", "output_index": 4, "item_id": "ws"},
        {"type": "response.mcp_call_arguments.delta", "output_index": 5, "delta": "{"},
        {"type": "keepalive"},
        b": comment\n\n",
        b"data:\n\n",
        b"data: 5\n\n",
        b"data: null\n\n",
        b"data: [DONE]\n\n",
    )
    assert reply(created(), *odd, text(0, "a"), *odd, completed()).parts == (Text("a"),)


def test_what_is_no_json_is_no_answer():
    assert failure(created(), b"data: <html>\n\n", completed()).error.kind is ErrorKind.BAD_REPLY


def test_the_type_may_stand_in_the_events_name_alone():
    sent = b"".join(
        b"event: " + kind + b"\ndata: " + json.dumps(data).encode() + b"\n\n"
        for kind, data in (
            (b"response.output_text.delta", {"output_index": 0, "delta": "a", "content_index": 0}),
            (b"response.completed", {"response": response("completed")}),
        )
    )
    assert reply(sent).parts == (Text("a"),)


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_any_line_end(end):
    stream = wire(created(), text(0, "a\u2028b\x85c"), completed()).replace(b"\n", end)
    assert reply(b"\xef\xbb\xbf" + stream).parts == (Text("a\u2028b\x85c"),)


def test_events_that_lack_their_index_are_told_apart_by_id_or_order():
    bare = [
        {"type": "response.output_item.added", "item": message(id="m")},
        {"type": "response.output_text.delta", "item_id": "m", "delta": "a"},
        {"type": "response.output_item.done", "item": message("ab", id="m")},
        {"type": "response.output_item.added", "item": call(1)},
        {"type": "response.function_call_arguments.delta", "delta": "{"},
        {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": "}"},
        {"type": "response.output_item.done", "item": call(1, "{}")},
    ]
    assert reply(*bare, completed()).parts == (Text("ab"), ToolCall("call_1", "f1", "{}"))


def test_members_of_a_wrong_type_cost_only_themselves():
    sent = (
        {"type": "response.output_text.delta", "output_index": "0", "content_index": None, "delta": "a", "text": []},
        {"type": "response.output_item.done", "output_index": 1.0, "item": call(1, "{}") | {"arguments": [1], "id": 7}},
        {
            "type": "response.completed",
            "response": response("completed") | {"model": 5, "usage": {"input_tokens": "9"}},
        },
    )
    found = reply(*sent)
    assert found.parts == (Text("a"), ToolCall("call_1", "f1", "[1]"))
    assert found.usage.input_tokens == 9


def test_half_a_character_waits_for_its_other_half():
    halves = [
        b'data: {"type":"response.output_text.delta","output_index":0,"delta":"' + half + b'"}\n\n'
        for half in (b"a\\ud83d", b"\\ude00b", b"c\\ud83d")
    ]
    assert reply(*halves, done(0, message("other")), completed()).parts == (Text("a\U0001f600bc\ufffd"),)
    assert reply(*halves[:1], done(0, message("a\U0001f600")), completed()).parts == (Text("a\U0001f600"),)


def test_every_kind_of_delta_is_read_in_pieces():
    found = reply(
        added(0, {"type": "reasoning", "id": "rs_1", "summary": []}),
        summary(0, "th"),
        summary(0, "ink"),
        done(0, {"type": "reasoning", "id": "rs_1", "summary": []}),
        added(1, call(1)),
        arguments(1, '{"a"'),
        arguments(1, ":1}"),
        done(1, call(1)),
        added(2, message()),
        delta("refusal", 2, "I "),
        delta("refusal", 2, "won't"),
        done(2, message()),
        completed(),
    )
    thought, asked, said = found.parts
    assert isinstance(thought, Thinking)
    assert (thought.text, asked, said) == ("think", ToolCall("call_1", "f1", '{"a":1}'), Text("I won't"))
    assert found.refusal == "I won't"
    assert found.stop is StopReason.TOOL_USE
