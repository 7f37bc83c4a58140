from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.dialects import signatures
from app.domain.errors import ErrorKind
from app.domain.provider import MidSystem
from app.domain.request import Document, Foreign, Image, Search, Text, Thinking, Tool, ToolCall, ToolResult
from app.vendors import profiles
from tests.dialects.openai_responses.written import MODEL, assistant, body, items, refused, system, user, written

CALL = ToolCall("call_1", "f", '{"a": 1}')
RESULT = ToolResult("call_1", (Text("r"),))
PATCH = Tool("patch", custom=True)


def said(role, text):
    content = text if role == "assistant" else [{"type": "input_text", "text": text}]
    return {"type": "message", "role": role, "content": content}


def sealed(data=b'{"id":"rs_1","encrypted_content":"ENC"}', kind="openai", model=MODEL):
    return signatures.wrap(kind, model, data)


def test_turns_are_messages():
    found = items(user("a", "b"), assistant("c", "d"), system("e"), user("f"))
    two = [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]
    assert found == [
        {"type": "message", "role": "user", "content": two},
        said("assistant", "cd"),
        said("developer", "e"),
        said("user", "f"),
    ]


def test_the_system_text_is_the_instructions():
    given = (Text("x-anthropic-billing-header: cc_version=1"), Text("a"), Text(""), Text("b"))
    assert body(system=given)["instructions"] == "a\n\nb"
    assert "instructions" not in body()
    merged = body(system("c"), user("q"), system=given, profile=replace(profiles.OPENAI, mid_system=MidSystem.MERGE))
    assert merged["instructions"] == "a\n\nb\n\nc"


def test_instructions_alone_are_asked_as_a_message():
    found = body(user(""), system=(Text("a"),))
    assert found["input"] == [said("developer", "a")]
    assert "instructions" not in found


def test_nothing_that_is_empty_is_sent():
    assert items(user(""), assistant(""), system(""), user("a"), assistant(Thinking("hm"))) == [said("user", "a")]


class TestCalls:
    def test_a_call_and_its_result(self):
        assert items(user("q"), assistant("go", CALL), user(RESULT, "next")) == [
            said("user", "q"),
            said("assistant", "go"),
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "r"},
            said("user", "next"),
        ]

    def test_what_was_said_between_calls_stays_between_them(self):
        second = ToolCall("call_2", "g", "")
        kinds = [(one["type"], one.get("content", one.get("arguments"))) for one in items(assistant(CALL, "x", second))]
        assert kinds[:3] == [("function_call", '{"a": 1}'), ("message", "x"), ("function_call", "{}")]

    def test_every_call_is_answered_once_and_at_once(self):
        second = ToolCall("call_2", "g", "{}")
        lost = ToolResult("call_9", (Text("lost"),))
        found = items(assistant(CALL, second), user("so", ToolResult("call_2"), lost, RESULT, RESULT))
        assert [(one["call_id"], one["output"]) for one in found[2:4]] == [("call_1", "r"), ("call_2", "(no output)")]
        assert [part["text"] for part in found[4]["content"]] == ["so", "[result of an earlier tool call]\nlost"]
        assert items(assistant(CALL))[1]["output"].startswith("Error: no result")

    def test_ids_are_short_and_the_same_in_call_and_result(self):
        long = "toolu:" + "x" * 90
        first, second = items(assistant(replace(CALL, id=long)), user(replace(RESULT, call_id=long)))
        assert first["call_id"] == second["call_id"]
        assert len(first["call_id"]) == 64
        assert ":" not in first["call_id"]

    def test_names_are_those_that_the_upstream_takes(self):
        name = "mcp.server/" + "x" * 90
        made = written(assistant(replace(CALL, name=name)), tools=(Tool(name),))
        sent = json.loads(made.body)
        assert sent["input"][0]["name"] == sent["tools"][0]["name"]
        assert made.names.client(sent["tools"][0]["name"]) == name

    def test_a_failure_says_so(self):
        assert items(assistant(CALL), user(replace(RESULT, is_error=True)))[1]["output"] == "Error: r"
        picture = ToolResult("call_1", (Image("image/png", "AA"),), is_error=True)
        assert items(assistant(CALL), user(picture))[1]["output"][0] == {"type": "input_text", "text": "Error"}
        both = ToolResult("call_1", (Text("r"), Image("image/png", "AA")), is_error=True)
        assert items(assistant(CALL), user(both))[1]["output"][0] == {"type": "input_text", "text": "Error: r"}

    def test_a_result_may_hold_pictures_and_files(self):
        parts = (Text("see"), Image("image/png", "AA"), Document("application/pdf", "QQ", title="t.pdf"))
        assert items(assistant(CALL), user(ToolResult("call_1", parts)))[1]["output"] == [
            {"type": "input_text", "text": "see"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "auto"},
            {"type": "input_file", "filename": "t.pdf", "file_data": "data:application/pdf;base64,QQ"},
        ]

    def test_text_that_looks_like_json_stays_text(self):
        assert (
            items(assistant(CALL), user(ToolResult("call_1", (Text('{"a":'), Text("1}")))))[1]["output"] == '{"a":\n1}'
        )

    def test_a_free_text_tool_is_called_with_its_text(self):
        asked = ToolCall("call_1", "patch", '{"input":"*** Begin"}')
        assert items(user("q"), assistant(asked), user(RESULT), tools=(PATCH,))[1:] == [
            {"type": "custom_tool_call", "call_id": "call_1", "name": "patch", "input": "*** Begin"},
            {"type": "custom_tool_call_output", "call_id": "call_1", "output": "r"},
        ]

    def test_ids_that_are_used_again_do_not_mix_the_kinds_of_calls(self):
        asked = ToolCall("call_1", "patch", '{"input":"x"}')
        found = items(assistant(asked), user(RESULT), assistant(CALL), user(RESULT), tools=(PATCH, Tool("f")))
        assert [one["type"] for one in found] == [
            *("custom_tool_call", "custom_tool_call_output"),
            *("function_call", "function_call_output"),
        ]


class TestReasoning:
    ITEM = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"}

    def test_it_stands_directly_before_what_it_led_to(self):
        second = sealed(b'{"id":"rs_2","encrypted_content":"E2"}')
        found = items(assistant(Thinking("why", sealed()), "text", Thinking("", second), CALL), user(RESULT))
        assert found[:4] == [
            self.ITEM,
            said("assistant", "text"),
            self.ITEM | {"id": "rs_2", "encrypted_content": "E2"},
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a": 1}'},
        ]

    @pytest.mark.parametrize("last", [Thinking("why", sealed()), Thinking("", sealed())])
    def test_without_a_following_item_it_is_left_out(self, last):
        assert items(user("q"), assistant("a", last), user("b")) == [
            said("user", "q"),
            said("assistant", "a"),
            said("user", "b"),
        ]

    @pytest.mark.parametrize(
        "signature",
        [
            "",
            "an Anthropic signature",
            sealed(kind="deepseek"),
            sealed(model="gpt-5.5"),
            sealed(b"{}"),
            sealed(b"[]"),
            sealed(b'{"encrypted_content":5}'),
            sealed()[:-9],
        ],
    )
    def test_what_this_upstream_did_not_make_never_goes_there(self, signature):
        assert items(assistant(Thinking("why", signature), "a")) == [said("assistant", "a")]
        assert items(assistant(Thinking(redacted="x"), "a")) == [said("assistant", "a")]

    @pytest.mark.parametrize("data", [b'{"encrypted_content":"ENC"}', b'{"id":"x","encrypted_content":"ENC"}'])
    def test_an_id_that_cannot_be_is_left_out(self, data):
        sent = json.loads(written(assistant(Thinking("", sealed(data)), "a")).body)
        assert sent["input"][0] == {"type": "reasoning", "encrypted_content": "ENC", "summary": []}

    def test_a_longer_conversation_begins_as_it_was(self):
        turns = (user("q"), assistant(Thinking("why", sealed()), CALL), user(RESULT))
        longer = items(*turns, assistant("a"), user("b"))
        assert longer[:4] == items(*turns)


def test_blocks_of_other_vendors_are_their_text():
    block = Foreign("anthropic_messages", "server_tool_use", b"{}", "[web search]")
    assert items(assistant(block, "a")) == [said("assistant", "[web search]a")]
    silent = written(assistant(Foreign("anthropic_messages", "odd", b"{}"), "a", Search("s", "q")))
    assert silent.dropped == ("messages: odd",)


def test_pictures_of_the_assistants_are_dropped_by_name():
    made = written(assistant("a", Image("image/png", "AA")))
    assert made.dropped == ("messages: a picture or document of the assistant's",)


def test_an_upstream_that_takes_no_address():
    error = refused(user(Image(url="https://e.x/a.png")), profile=profiles.OLLAMA)
    assert (error.kind, error.param) == (ErrorKind.UNSUPPORTED, "messages")
