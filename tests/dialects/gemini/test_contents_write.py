from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.provider import MidSystem
from app.domain.request import Document, Foreign, Image, Search, Text, Thinking, ToolCall
from app.vendors import profiles
from tests.dialects.gemini.turns import OLDER, assistant, body, contents, parts, result, system, user, written

CALLS = (ToolCall("1", "f", '{"x":1}'), ToolCall("2", "g", ""))
PICTURE = Image("image/png", "aaaa")


def said(*texts: str) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def test_roles_alternate_and_begin_with_the_user():
    found = contents(assistant("a"), assistant("b"), user("c"), user("d", "e"))
    assert found == [
        {"role": "user", "parts": said("(conversation continues)")},
        {"role": "model", "parts": said("a", "b")},
        {"role": "user", "parts": said("c", "d", "e")},
    ]


def test_empty_texts_and_turns_are_left_out():
    found = contents(user("a", ""), assistant("", Thinking("hm")), user("b"))
    assert found == [{"role": "user", "parts": said("a", "b")}]


def test_instructions_stand_apart_and_once():
    found = body(user("a"), system=(Text("S"), Text(""), Text("x-anthropic-billing-header: v"), Text("T")))
    assert found["systemInstruction"] == {"parts": said("S\n\nT")}


def test_instructions_alone_are_the_question():
    assert body(system("x"), system=(Text("S"),), model=OLDER)["contents"][0]["parts"][0]["text"].count("x") == 1
    found = body(user(""), system=(Text("S"),))
    assert found == {"contents": [{"role": "user", "parts": said("S")}]}
    assert contents(user("")) == [{"role": "user", "parts": said("(conversation continues)")}]


@pytest.mark.parametrize("way", [MidSystem.USER_REMINDER, MidSystem.INLINE])
def test_an_instruction_on_the_way_comes_from_the_user(way: MidSystem):
    found = contents(user("a"), system("S"), user("b"), profile=replace(profiles.GEMINI, mid_system=way))
    assert found[0]["parts"] == said("a", "<system-reminder>\nS\n</system-reminder>", "b")


def test_or_it_joins_the_others_where_the_profile_says_so():
    profile = replace(profiles.GEMINI, mid_system=MidSystem.MERGE)
    found = body(user("a"), system("T"), system=(Text("S"),), profile=profile)
    assert found["systemInstruction"]["parts"] == said("S\n\nT")


def test_calls_and_their_responses_stand_in_pairs_and_in_order():
    found = contents(user("q"), assistant("I look.", *CALLS), user("Well?", result("2", "b"), result("1", "a", "c")))
    assert [one["role"] for one in found] == ["user", "model", "user"]
    assert [part.get("functionCall") for part in found[1]["parts"]] == [
        None,
        {"name": "f", "args": {"x": 1}, "id": "1"},
        {"name": "g", "args": {}, "id": "2"},
    ]
    assert found[2]["parts"] == [
        {"functionResponse": {"name": "f", "response": {"output": "a\nc"}, "id": "1"}},
        {"functionResponse": {"name": "g", "response": {"output": "b"}, "id": "2"}},
        {"text": "Well?"},
    ]


def test_older_models_get_no_ids():
    found = contents(user("q"), assistant(*CALLS), user(result("1", "a"), result("2", "b")), model=OLDER)
    assert found[1]["parts"][0] == {"functionCall": {"name": "f", "args": {"x": 1}}}
    assert found[2]["parts"][0] == {"functionResponse": {"name": "f", "response": {"output": "a"}}}


def test_a_failure_says_so_and_json_stays_text():
    found = parts(user("q"), assistant(*CALLS), user(result("1", "no", is_error=True), result("2", '{"a":1}')))
    assert found[0]["functionResponse"]["response"] == {"error": "no"}
    assert found[1]["functionResponse"]["response"] == {"output": '{"a":1}'}


def test_there_are_as_many_responses_as_calls():
    twice = (ToolCall("1", "f", "{}"), ToolCall("1", "f", "{}"))
    found = parts(user("q"), assistant(*twice), user(result("1", "a"), result("1", "b"), result("9", "lost")))
    answers = [part["functionResponse"]["response"]["output"] for part in found if "functionResponse" in part]
    assert answers == ["a", "Error: no result was recorded for this tool call."]
    assert found[-1] == {"text": "[result of an earlier tool call]\nlost"}
    assert written(user("q"), assistant(*twice), user(result("1", "a"), result("1", "b"))).dropped == (
        "messages: a second result of one tool call",
    )


def test_a_call_nobody_answered_is_answered():
    for last in ((), (user("on"),)):
        found = contents(user("q"), assistant(CALLS[0]), *last)
        assert "functionResponse" in found[2]["parts"][0]


@pytest.mark.parametrize(
    ("arguments", "args"),
    [
        ("", {}),
        ("null", {}),
        (' {"a": 1} ', {"a": 1}),
        ("[1]", {"value": [1]}),
        ('{"x":', {"__raw_arguments": '{"x":'}),
        ('{"a":"\ud800"}', {"a": "?"}),
    ],
)
def test_arguments_are_an_object_whatever_they_were(arguments: str, args: object):
    found = contents(user("q"), assistant(ToolCall("1", "f", arguments)), user(result("1", "a")))
    assert found[1]["parts"][0]["functionCall"]["args"] == args


def test_media_of_a_result_stand_in_its_response():
    pdf = Document("application/pdf", "bbbb", title="t")
    found = parts(user("q"), assistant(CALLS[0]), user(result("1", "seen", PICTURE, pdf)))
    assert found == [
        {
            "functionResponse": {
                "name": "f",
                "response": {"output": "seen"},
                "id": "1",
                "parts": [
                    {"inlineData": {"mimeType": "image/png", "data": "aaaa"}},
                    {"inlineData": {"mimeType": "application/pdf", "data": "bbbb"}},
                ],
            }
        }
    ]


def test_or_beside_it_for_older_models():
    results = user(result("1", "seen", PICTURE), result("2", PICTURE), "Well?")
    found = parts(user("q"), assistant(*CALLS), results, model=OLDER)
    assert [next(iter(part)) for part in found] == [
        *("functionResponse", "functionResponse", "text", "inlineData", "text", "inlineData", "text"),
    ]
    assert found[0]["functionResponse"]["response"] == {"output": "seen\n[attachment 1 below]"}
    assert [part["text"] for part in found if "text" in part] == [
        "Attachment 1, returned by f:",
        "Attachment 2, returned by g:",
        "Well?",
    ]


def test_what_only_others_know_is_text_or_named():
    foreign = (Foreign("anthropic_messages", "server_tool_use", b"{}"), Foreign("x", "y", b"{}", "readable"))
    sent = written(user("q"), assistant(*foreign, Search("s"), "a"), user("on"))
    assert sent.dropped == ("messages: server_tool_use",)
    assert contents(user("q"), assistant(*foreign, "a"), user("on"))[1]["parts"] == said("readable", "a")


def test_long_ids_and_names_are_the_same_for_call_and_response():
    call = ToolCall("call:" + "x" * 90, "7 zip", "{}")
    found = contents(user("q"), assistant(call), user(result(call.id, "a")))
    there, back = found[1]["parts"][0]["functionCall"], found[2]["parts"][0]["functionResponse"]
    assert (there["id"], there["name"]) == (back["id"], back["name"])
    assert len(there["id"]) <= 64
    assert there["name"].startswith("_7_zip_")


def test_a_model_of_any_name_gets_the_word_for_a_lost_signature_once_it_asked_for_one():
    turns = (user("q"), assistant(*CALLS), user(result("1", "r"), result("2", "s")))
    for asking, words in ((False, [None, None]), (True, ["skip_thought_signature_validator", None])):
        found = contents(*turns, model="tuned", profile=replace(profiles.GEMINI, signed_calls=asking))
        assert [part.get("thoughtSignature") for part in found[1]["parts"]] == words
