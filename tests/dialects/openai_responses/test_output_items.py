from __future__ import annotations

import pytest

from app.dialects.openai_responses.output_items import (
    call_head,
    call_item,
    call_kind,
    citations,
    compaction_item,
    is_whole,
    message_item,
    reasoning_item,
    refusal_part,
    search_item,
    text_part,
)
from app.dialects.openai_responses.sealed import open_reasoning, open_summary
from app.domain.request import Search, SearchHit, Thinking, ToolCall
from tests.dialects.openai_responses.turns import road

ROAD = road(custom_tools=frozenset({"p", "n__p"}), namespaces={"n__p": "n", "n__f": "n"}, search_query="asked")


def test_a_message_and_its_parts():
    assert message_item("msg_1", [text_part("a"), refusal_part("b")], "completed") == {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [
            {"type": "output_text", "text": "a", "annotations": []},
            {"type": "refusal", "refusal": "b"},
        ],
    }


def test_each_page_and_place_is_cited_once():
    hits = [SearchHit("u", "T", 1, 2), SearchHit("u", "T", 1, 2), SearchHit("u", "T", 3, 4)]
    assert [one["start_index"] for one in citations(hits)] == [1, 3]


@pytest.mark.parametrize(
    ("name", "search", "kind"),
    [
        ("f", True, "function_call"),
        ("p", True, "custom_tool_call"),
        ("tool_search", True, "tool_search_call"),
        ("tool_search", False, "function_call"),
    ],
)
def test_a_call_is_of_its_tools_kind(name, search, kind):
    assert call_kind(name, ROAD, tool_search=search) == kind


@pytest.mark.parametrize(
    ("kind", "arguments", "member", "value"),
    [
        ("function_call", "", "arguments", "{}"),
        ("function_call", '{"x"', "arguments", '{"x"'),
        ("custom_tool_call", '{"input":"a"}', "input", "a"),
        ("custom_tool_call", "raw", "input", "raw"),
    ],
)
def test_a_call_says_what_it_is_called_with(kind, arguments, member, value):
    item = call_item(kind, "x", ToolCall("t", "f", arguments), ROAD, "completed")
    assert item[member] == value
    assert (item["call_id"], item["name"], item["status"]) == ("t", "f", "completed")


def test_a_tool_search_has_its_arguments_as_an_object():
    item = call_item("tool_search_call", "x", ToolCall("t", "tool_search", '{"query":"a"}'), ROAD, "completed")
    assert (bytes(item["arguments"]), item["execution"]) == (b'{"query":"a"}', "client")


@pytest.mark.parametrize(("name", "kind"), [("n__f", "function_call"), ("n__p", "custom_tool_call")])
def test_a_tool_in_a_namespace_has_its_own_name_there(name, kind):
    head = call_head(kind, "x", ToolCall("t", name, ""), ROAD)
    assert (head["name"], head["namespace"]) == (name[3:], "n")


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [("", True), ("{}", True), ('{"a":"b', False), ("raw", False), ('{"a":1}x', False), ("1", True), ("\ud800", False)],
)
def test_what_was_cut_off_is_no_json(arguments, whole):
    assert is_whole(arguments) is whole


@pytest.mark.parametrize("thought", [Thinking("hm", "S"), Thinking(redacted="R"), Thinking(signature="S")])
def test_reasoning_goes_into_the_envelope_where_it_was_asked_for(thought):
    item = reasoning_item("rs_1", thought, road(show_thinking=False))
    assert item is not None
    assert item["summary"] == []
    assert open_reasoning(item["encrypted_content"]) == thought
    assert reasoning_item("rs_1", thought, road(show_thinking=False, opaque_thinking=False)) is None


def test_reasoning_is_shown_as_a_summary_where_that_was_asked_for():
    item = reasoning_item("rs_1", Thinking("hm", "S"), road(opaque_thinking=False))
    assert item == {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]}
    assert reasoning_item("rs_1", Thinking(signature="S"), road(opaque_thinking=False)) is None
    assert reasoning_item("rs_1", Thinking("hm"), road(opaque_thinking=False, omit_thinking_text=True)) is None


def test_no_reasoning_is_no_item():
    assert reasoning_item("rs_1", Thinking(), road()) is None


def test_a_search_says_what_was_sought_and_found():
    hits = (SearchHit("u"), SearchHit("v"), SearchHit("u", start=3))
    item = search_item("ws_1", Search("s", "q", hits), ROAD, "completed")
    sources = [{"type": "url", "url": "u"}, {"type": "url", "url": "v"}]
    assert item["action"] == {"type": "search", "query": "q", "sources": sources}
    assert search_item("ws_1", Search(), ROAD, "completed")["action"] == {"type": "search", "query": "asked"}


def test_a_compaction_holds_the_summary():
    item = compaction_item("cmp_1", "so far")
    assert (item["type"], open_summary(item["encrypted_content"])) == ("compaction", "so far")
