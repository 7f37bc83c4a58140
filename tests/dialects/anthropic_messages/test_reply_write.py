from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.dialects.anthropic_messages.reply_read import read_reply
from app.dialects.anthropic_messages.reply_write import message_id, text_json, write_reply
from app.dialects.base import Road
from app.dialects.signatures import unwrap, wrap
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName
from app.domain.request import Foreign, Part, Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import Usage
from tests.dialects.anthropic_messages.sdk import whole

ROAD = Road("claude-asked", "gpt-sent", "openai", show_thinking=True, input_estimate_tokens=42)


def write(*parts: Part, road: Road = ROAD, **members: Any) -> bytes:
    reply = Reply("chatcmpl-1", "up", parts, StopReason.END_TURN, Usage(10, 70, 15, 5, 9))
    return write_reply(replace(reply, **members), road)


def content(*parts: Part, road: Road = ROAD) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(write(*parts, road=road))["content"]
    return found


def test_the_sdk_reads_what_we_write() -> None:
    seal = wrap("openai", "gpt-sent")
    body = write(Thinking("hm", seal), Text("ok"), ToolCall("c1", "f", '{"a":1}'), stop=StopReason.TOOL_USE)
    message = whole(body)
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert (message.model, message.stop_reason, message.id) == ("claude-asked", "tool_use", "msg_chatcmpl-1")
    assert message.usage.cache_creation is not None
    assert message.usage.cache_creation.ephemeral_1h_input_tokens == 5


def test_what_we_write_reads_as_the_same() -> None:
    parts = (Thinking("hm", "S="), Text("ok"), ToolCall("c1", "f", '{"a":1}'))
    again = read_reply(write(*parts), ROAD)
    assert (again.parts, again.usage, again.stop) == (parts, Usage(10, 70, 15, 5, 9), StopReason.END_TURN)


def test_nothing_at_all_is_no_empty_text() -> None:
    assert content(Text("")) == []


def test_thinking_is_hidden_from_a_client_that_did_not_ask() -> None:
    assert content(Thinking("hm"), Text("ok"), road=replace(ROAD, show_thinking=False)) == [
        {"type": "text", "text": "ok"}
    ]


def test_thinking_is_always_signed() -> None:
    (only,) = content(Thinking("hm"))
    assert unwrap(only["signature"]).fits("openai", "gpt-sent")
    (hidden,) = content(Thinking("hm", "S="), road=replace(ROAD, omit_thinking_text=True))
    assert hidden == {"type": "thinking", "thinking": "", "signature": "S="}


def test_arguments_that_are_no_object_are_wrapped() -> None:
    assert content(ToolCall("c", "f", ""))[0]["input"] == {}
    assert content(ToolCall("c", "f", "[1]"))[0]["input"] == {"value": [1]}
    assert content(ToolCall("c", "f", '{"a'))[0]["input"] == {"__raw_arguments": '{"a'}


def test_a_search_is_shown_as_the_vendors_own() -> None:
    body = write(Search("s1", "", (SearchHit("https://e.x", "E"),)), Text("ok"), road=replace(ROAD, search_query="ulm"))
    use, result, _ = whole(body).content
    assert use.type == "server_tool_use"
    assert use.input == {"query": "ulm"}
    assert result.type == "web_search_tool_result"
    assert result.tool_use_id == use.id


def test_blocks_of_this_dialect_stay_whole_and_others_are_left_out() -> None:
    ours = Foreign(DialectName.ANTHROPIC_MESSAGES, "x", b'{"type":"x","a":1}')
    assert content(ours, Foreign("gemini", "y", b"{}", "text")) == [{"type": "x", "a": 1}]


def test_a_refusal_says_why() -> None:
    body = json.loads(write(stop=StopReason.REFUSAL, refusal="no"))
    assert body["stop_details"] == {"type": "refusal", "category": None, "explanation": "no"}
    assert json.loads(write())["stop_details"] is None


def test_without_usage_the_client_gets_an_estimate() -> None:
    body = json.loads(write_reply(Reply("x", "m", (Text("x" * 36),), StopReason.END_TURN), ROAD))
    assert (body["usage"]["input_tokens"], body["usage"]["output_tokens"]) == (42, 10)


@pytest.mark.parametrize(
    ("given", "made"), [("msg_1", "msg_1"), ("gen-1:x", "msg_gen-1x"), ("a" * 99, "msg_" + "a" * 64)]
)
def test_ids_are_the_vendors(given: str, made: str) -> None:
    assert message_id(given) == made


def test_an_answer_without_an_id_gets_its_own() -> None:
    assert message_id("") != message_id("")


def test_a_lone_surrogate_breaks_nothing() -> None:
    assert text_json("a\ud800b") == '"a\ufffdb"'.encode()
