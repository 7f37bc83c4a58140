from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.reply_read import read_reply
from app.dialects.base import NameMap, Road
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.request import Foreign, Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage, UsageSource

ROAD = Road("asked", "sent", names=NameMap({"short": "mcp.long/name"}))


def message(*content: Any, **members: Any) -> bytes:
    whole = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": list(content),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 9},
    }
    return json.dumps(whole | members, ensure_ascii=False).encode()


def read(*content: Any, road: Road = ROAD, **members: Any) -> Reply:
    return read_reply(message(*content, **members), road)


def test_every_block_in_its_order() -> None:
    reply = read(
        {"type": "thinking", "thinking": "hm", "signature": "S="},
        {"type": "redacted_thinking", "data": "opaque"},
        {"type": "text", "text": "ok", "citations": None},
        {"type": "tool_use", "id": "toolu_1", "name": "short", "input": {"a": 1}},
        {"type": "crystal_ball", "glow": 3},
        stop_reason="tool_use",
    )
    assert reply == Reply(
        "msg_1",
        "m",
        (
            Thinking("hm", "S="),
            Thinking(redacted="opaque"),
            Text("ok"),
            ToolCall("toolu_1", "mcp.long/name", '{"a": 1}'),
            Foreign("anthropic_messages", "crystal_ball", b'{"type": "crystal_ball", "glow": 3}'),
        ),
        StopReason.TOOL_USE,
        Usage(10, output_tokens=9),
    )


def test_a_search_and_its_result_are_one_part() -> None:
    page = {"type": "web_search_result", "url": "https://e.x", "title": "E", "encrypted_content": "zz"}
    reply = read(
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "ulm"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [page]},
    )
    assert reply.parts == (Search("srvtoolu_1", "ulm", (SearchHit("https://e.x", "E"),)),)


def test_the_tool_that_stands_for_structured_output_is_text() -> None:
    tool = {"type": "tool_use", "id": "t", "name": "json_output", "input": {"a": 1}}
    reply = read(tool, road=replace(ROAD, json_tool=True), stop_reason="tool_use")
    assert (reply.parts, reply.stop) == ((Text('{"a": 1}'),), StopReason.END_TURN)
    assert isinstance(read(tool, stop_reason="tool_use").parts[0], ToolCall)


def test_a_refusal_says_why() -> None:
    reply = read(stop_reason="refusal", stop_details={"type": "refusal", "category": None, "explanation": "no"})
    assert (reply.stop, reply.refusal) == (StopReason.REFUSAL, "no")


def test_missing_members_are_missing_and_no_more() -> None:
    assert read_reply(b'{"content":[]}', ROAD) == Reply("", "", (), StopReason.END_TURN)
    assert read(usage=None).usage == NO_USAGE
    assert read({"type": "text", "text": "a"}, stop_reason=None, stop_details=None).stop is StopReason.END_TURN


@pytest.mark.parametrize("bad", ["-5", '"12"', "1.5", "NaN", "1e30", "1e999"])
def test_impossible_counts_are_marked(bad: str) -> None:
    reply = read_reply(message(usage={"input_tokens": "BAD"}).replace(b'"BAD"', bad.encode()), ROAD)
    assert reply.usage.source is UsageSource.INVALID


def test_half_an_emoji_is_replaced() -> None:
    assert read_reply(message({"type": "text", "text": "X"}).replace(b'"X"', rb'"\ud83d"'), ROAD).parts == (
        Text("\ufffd"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"content":"x"}',
        b'{"content":[{}]}',
        b'{"content":[3]}',
        b"\xff",
        b"[" * 5000,
    ],
)
def test_what_is_no_message_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(PatchbayError) as raised:
        read_reply(body, ROAD)
    assert raised.value.kind is ErrorKind.BAD_REPLY


def test_an_error_with_status_200_is_that_error() -> None:
    with pytest.raises(PatchbayError) as raised:
        read_reply(b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', ROAD)
    assert (raised.value.kind, raised.value.message) == (ErrorKind.OVERLOADED, "busy")


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda one: (
            st.lists(one, max_size=3)
            | st.dictionaries(
                st.sampled_from(["content", "type", "text", "usage", "id", "input", "stop_reason", "stop_details"]),
                one,
                max_size=4,
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_body_raises_anything_else(body: bytes) -> None:
    try:
        read_reply(body, ROAD)
    except PatchbayError as error:
        kind = error.kind
    else:
        kind = ErrorKind.BAD_REPLY
    assert kind in {ErrorKind.BAD_REPLY, ErrorKind.UPSTREAM_ERROR}
