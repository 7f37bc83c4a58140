from __future__ import annotations

import json

from app.dialects.openai_responses.stream_items import CallStream, Line, MessageStream, SummaryStream, encoded
from app.domain.request import SearchHit, ToolCall
from tests.dialects.openai_responses.turns import road


def read(*written):
    """(event name, data) of some bytes, each name the same as its type."""
    found = []
    for event in b"".join(written).split(b"\n\n")[:-1]:
        name, data = event.split(b"\n")
        value = json.loads(data.removeprefix(b"data: "))
        assert name == b"event: " + value["type"].encode()
        found.append(value)
    assert [one["sequence_number"] for one in found] == list(range(len(found)))
    return found


def kinds(found):
    return [one["type"].removeprefix("response.") for one in found]


def test_half_a_surrogate_pair_is_replaced():
    assert json.loads(encoded({"a": ["b\ud83d", 1]})) == {"a": ["b\ufffd", 1]}
    assert json.loads(encoded("c\udc00")) == "c\ufffd"


def test_a_message_from_beginning_to_end():
    message = MessageStream(Line(), 2, "msg_1")
    written = message.begin() + message.delta("a\u2028") + message.delta("b") + message.cite([SearchHit("u")])
    last, item = message.end("completed")
    found = read(written, last)
    assert kinds(found) == [
        *("output_item.added", "content_part.added", "output_text.delta", "output_text.delta"),
        *("output_text.annotation.added", "output_text.done", "content_part.done", "output_item.done"),
    ]
    assert {one["output_index"] for one in found} == {2}
    assert found[-1]["item"] == item
    assert item["content"][0]["text"] == "a\u2028b"
    assert item["content"][0]["annotations"][0]["url"] == "u"


def test_a_refusal_from_beginning_to_end():
    message = MessageStream(Line(), 0, "msg_1", refusal=True)
    found = read(message.begin(), message.delta("no"), message.end("completed")[0])
    assert kinds(found)[1:5] == ["content_part.added", "refusal.delta", "refusal.done", "content_part.done"]
    assert found[3]["refusal"] == "no"


def test_a_summary_from_beginning_to_end():
    summary = SummaryStream(Line(), 0, "rs_1")
    found = read(summary.begin(), summary.delta("h"), summary.delta("m"), summary.end())
    assert kinds(found)[0] == "output_item.added"
    assert kinds(found)[1:] == [
        f"reasoning_summary_{one}" for one in ("part.added", "text.delta", "text.delta", "text.done", "part.done")
    ]
    assert found[-1]["part"]["text"] == "hm"


def test_a_functions_call_from_beginning_to_end():
    call = CallStream(Line(), 0, "fc_1", ToolCall("t", "f", ""), "function_call", road())
    begun = call.begin() + call.delta('{"x"')
    assert not call.is_whole()
    begun += call.delta(":1}")
    assert call.is_whole()
    found = read(begun, call.end()[0])
    assert found[0]["item"]["arguments"] == ""
    assert found[-2]["arguments"] == '{"x":1}'
    assert found[-1]["item"]["status"] == "completed"


def test_a_call_without_arguments_has_empty_ones():
    call = CallStream(Line(), 0, "fc_1", ToolCall("t", "f", ""), "function_call", road())
    found = read(call.begin(), call.end()[0])
    assert [one["delta"] for one in found if "delta" in one] == ["{}"]


def test_free_text_waits_until_it_is_whole():
    call = CallStream(Line(), 0, "ctc_1", ToolCall("t", "p", ""), "custom_tool_call", road(custom_tools={"p"}))
    assert call.begin() + call.delta('{"input":') + call.delta('"a"}') == b""
    found = read(call.end()[0])
    assert kinds(found) == [
        *("output_item.added", "custom_tool_call_input.delta", "custom_tool_call_input.done", "output_item.done")
    ]
    assert (found[0]["item"]["input"], found[1]["delta"], found[3]["item"]["input"]) == ("", "a", "a")


def test_a_tool_search_comes_whole():
    call = CallStream(Line(), 0, "tsc_1", ToolCall("t", "tool_search", ""), "tool_search_call", road())
    call.delta('{"query":"a"}')
    found = read(call.end()[0])
    assert kinds(found) == ["output_item.added", "output_item.done"]
    assert [one["item"]["status"] for one in found] == ["in_progress", "completed"]


def test_a_call_that_was_cut_off_is_incomplete():
    call = CallStream(Line(), 0, "fc_1", ToolCall("t", "f", ""), "function_call", road())
    call.begin()
    call.delta('{"x"')
    assert (call.cut()["status"], call.cut()["arguments"]) == ("incomplete", '{"x"')
