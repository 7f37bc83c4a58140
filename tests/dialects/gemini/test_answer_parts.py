from __future__ import annotations

import json

from app.dialects.base import NameMap
from app.dialects.gemini.answer_parts import OwnIds
from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop
from app.domain.request import Foreign, Search, Text, Thinking, ToolCall
from tests.dialects.gemini.answers import call, end, envelope, events, piece, reply, road, text, thought


def test_a_call_keeps_its_signature_and_the_thinking_before_it_carries_it_too():
    plan, called = reply(piece(thought("plan")), end(call(args={"x": 1}, own="c1", signature="c2ln"))).parts
    assert plan == Thinking("plan", envelope("c2ln"))
    assert called == ToolCall("c1", "f", '{"x":1}', signature=envelope("c2ln"))


def test_a_signature_without_thinking_gets_an_empty_block_of_its_own():
    found = events(end(text("I look."), call(own="c1", signature="c2ln"), call(own="c2")))
    assert found[4:11] == [
        BlockStart(1, BlockKind.THINKING),
        BlockSignature(1, envelope("c2ln")),
        BlockStop(1),
        BlockStart(2, BlockKind.TOOL, id="c1", name="f", signature=envelope("c2ln")),
        BlockDelta(2, "{}"),
        BlockStop(2),
        BlockStart(3, BlockKind.TOOL, id="c2", name="f"),
    ]


def test_no_such_block_is_made_for_clients_that_want_no_thinking():
    assert reply(end(call(own="c1", signature="c2ln")), on=road(show_thinking=False)).parts == (
        ToolCall("c1", "f", "{}", signature=envelope("c2ln")),
    )
    first, _ = reply(end(call(signature="c2ln")), on=road(show_thinking=False, opaque_thinking=True)).parts
    assert first == Thinking("", envelope("c2ln"))


def test_a_thought_has_its_own_signature_before_any_other():
    first, called = reply(end(thought("hm", "b3du"), call(own="c", signature="c2ln"))).parts[:2]
    assert first == Thinking("hm", envelope("b3du"))
    assert called == Thinking("", envelope("c2ln"))
    assert reply(end(thought("hm"), thought("", "b3du"), text("a"))).parts[0] == Thinking("hm", envelope("b3du"))


def test_a_text_s_signature_stands_in_the_thinking_before_it_where_it_comes_in_time():
    assert reply(end(thought("hm"), text("a"), text("", "c2ln"))).parts[0] == Thinking("hm", envelope("c2ln"))
    late = reply(piece(thought("hm")), piece(text("a")), end(text("", "c2ln"))).parts
    assert [type(part) for part in late] == [Thinking, Text]


def test_thinking_without_any_signature_is_sealed_all_the_same():
    (first,) = reply(end(thought("hm"))).parts
    assert isinstance(first, Thinking)
    assert first.signature.startswith("pxy1.")
    assert first.signature != envelope("")


def test_ids_are_kept_where_they_can_be_and_made_otherwise():
    found = reply(end(call(own="fc-2"), call(own="fc-2"), call(own="a:b"), call(), call()))
    ids = [part.id for part in found.parts if isinstance(part, ToolCall)]
    assert ids[:2] == ["fc-2", "fc-2_2"]
    assert ids[2].startswith("a_b_")
    assert all(one.startswith("call_") for one in ids[3:])
    assert len(set(ids)) == 5
    assert reply(end(call(own="fc-2"), call(own="fc-2"), call(own="a:b"), call(), call())) == found


def test_ids_of_an_answer_without_an_id_are_never_made_twice():
    assert OwnIds().new("call_") != OwnIds().new("call_")
    one, other = OwnIds(), OwnIds()
    one.of_answer("r1")
    other.of_answer("r1")
    assert one.new("call_") == other.new("call_")


def test_names_come_back_as_the_client_knows_them():
    on = road(names=NameMap({"_7zip_1": "7zip"}))
    names = [part.name for part in reply(end(call("_7zip_1"), call("", {})), on=on).parts if isinstance(part, ToolCall)]
    assert names == ["7zip", "tool_1"]


def test_a_call_that_says_nothing_is_none():
    assert reply(end(call(own="c1"), {"functionCall": {}}, call(""))).parts == (ToolCall("c1", "f", "{}"),)


def test_arguments_are_the_same_however_they_are_printed():
    given = '{ "b" : 1.50,\n "a" : [ 1e2 , "x y" ] }'
    raw = b'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":%b}}]}}]}\n\n'
    one_line = given.replace("\n", "").encode()
    (called,) = reply(raw % one_line, end()).parts
    assert isinstance(called, ToolCall)
    assert called.arguments == '{"b":1.50,"a":[1e2,"x y"]}'


def test_code_and_media_become_text():
    code = {"executableCode": {"code": "print('```')", "language": "PYTHON"}}
    result = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "```\n"}}
    media = {"inlineData": {"mimeType": "image/png", "data": "A" * 8}}
    (said,) = reply(end(text("See:"), code, result, media)).parts
    assert isinstance(said, Text)
    assert said.text == (
        "See:\n````python\nprint('```')\n````\n\n````\n```\n````\n[image/png, 6 bytes, cannot be shown here]"
    )


def test_a_tool_that_google_ran_is_known_to_google_only():
    found = reply(end(text("a"), {"toolCall": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB"}}, text("b")))
    first, ran, last = found.parts
    assert (first, last) == (Text("a"), Text("b"))
    assert isinstance(ran, Foreign)
    assert json.loads(ran.json) == {"toolCall": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB"}}


GROUNDING = {"webSearchQueries": ["q1"], "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}]}


def test_a_search_stands_after_the_answer_and_before_it_where_it_alone_was_asked_for():
    answer = (piece(text("a")), end(text("b"), candidate={"groundingMetadata": GROUNDING}))
    said, search = reply(*answer).parts
    assert isinstance(search, Search)
    assert (said, search.query) == (Text("ab"), "q1")
    search, said = reply(*answer, on=road(search_query="wanted")).parts
    assert isinstance(search, Search)
    assert (said, search.query, search.id[:9]) == (Text("ab"), "wanted", "srvtoolu_")


def test_an_answer_that_was_held_back_for_a_search_comes_out_with_a_call():
    said, called = reply(piece(text("a")), end(call(own="c")), on=road(search_query="wanted")).parts
    assert (said, called) == (Text("a"), ToolCall("c", "f", "{}"))
