from __future__ import annotations

import json

import pytest

from app.dialects.openai_responses.items_read import LOST, SUMMARY
from app.dialects.openai_responses.sealed import seal_reasoning, seal_summary
from app.domain.errors import ErrorKind
from app.domain.request import CacheMark, Document, Foreign, Image, Message, Role, Text, Thinking, ToolCall, ToolResult
from tests.dialects.openai_responses.turns import function, read, refused, turns, user

CALL = {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "f", "arguments": '{"x":1}'}
OUTPUT = {"type": "function_call_output", "call_id": "a", "output": "ok"}


def assistant(text):
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


class TestMessages:
    def test_a_message_may_leave_its_type_out(self):
        assert turns({"role": "user", "content": "q"}) == (Message(Role.USER, (Text("q"),)),)

    def test_leading_instructions_are_system_and_later_ones_stay_where_they_stand(self):
        request = read(
            {"role": "developer", "content": "one"},
            {"role": "system", "content": [{"type": "input_text", "text": "two"}]},
            user("q"),
            {"role": "developer", "content": "three"},
            instructions="zero",
        )
        assert [text.text for text in request.system] == ["zero", "one", "two"]
        assert request.messages[1:] == (Message(Role.SYSTEM, (Text("three"),)),)

    def test_only_text_instructs(self):
        error = refused({"role": "system", "content": [{"type": "input_image", "image_url": "https://e.x"}]})
        assert error.param == "input.0.content"

    def test_pictures_and_files(self):
        content = [
            {"type": "input_text", "text": "see", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "high"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,BB"},
        ]
        request = read({"role": "user", "content": content})
        assert request.messages[0].parts == (
            Text("see", CacheMark()),
            Image("image/png", "AA"),
            Document("application/pdf", data="BB", title="a.pdf"),
        )
        assert request.dropped == ("input.content.detail",)

    @pytest.mark.parametrize(
        ("item", "param"),
        [
            ({"role": "tool", "content": "x"}, "input.0.role"),
            ({"role": "user", "content": [{"type": "input_audio"}]}, "input.0.content.0.type"),
            ({"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}, "input.0.content.0.file_id"),
            ({"role": "user", "content": 3}, "input.0.content"),
            ({"content": "x"}, "input.0.type"),
            ({"type": "item_reference", "id": "msg_1"}, "input.0"),
            ({"type": "function_call", "name": "f"}, "input.0.call_id"),
            ({"type": "function_call_output", "output": ""}, "input.0.call_id"),
            ("text", "input.0"),
        ],
    )
    def test_what_cannot_be_read_is_refused_by_name(self, item, param):
        error = refused(item)
        assert error.param == param
        assert error.message.startswith(param)


class TestAnswers:
    def test_items_in_a_row_are_one_answer_and_one_message_of_results(self):
        second = {**CALL, "call_id": "b"}
        found = turns(user("q"), assistant("Doing"), CALL, second, OUTPUT, {**OUTPUT, "call_id": "b"}, user("more"))
        assert [message.role for message in found] == [Role.USER, Role.ASSISTANT, Role.USER, Role.USER]
        assert found[1].parts == (Text("Doing"), ToolCall("a", "f", '{"x":1}'), ToolCall("b", "f", '{"x":1}'))
        assert found[2].parts == (ToolResult("a", (Text("ok"),)), ToolResult("b", (Text("ok"),)))

    def test_a_refusal_is_text(self):
        item = {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}], "phase": "final_answer"}
        request = read(item)
        assert request.messages[0].parts == (Text("no"),)
        assert request.dropped == ("input.phase",)

    def test_a_call_in_a_namespace_gets_its_flat_name(self):
        (found,) = turns({**CALL, "namespace": "n"})
        assert found.parts == (ToolCall("a", "n__f", '{"x":1}'),)

    def test_arguments_that_are_an_object(self):
        (found,) = turns({**CALL, "arguments": {"x": [1, "é"]}})
        assert json.loads(found.parts[0].arguments) == {"x": [1, "é"]}

    def test_free_text_becomes_an_object_with_it(self):
        item = {"type": "custom_tool_call", "call_id": "a", "name": "apply_patch", "input": 'a "b"\n'}
        (found,) = turns(item)
        assert found.parts == (ToolCall("a", "apply_patch", json.dumps({"input": 'a "b"\n'}, separators=(",", ":"))),)


class TestResults:
    @pytest.mark.parametrize("text", ["{not json", "[1]", "", '{"a":1}', "a\u2028b"])
    def test_a_text_stays_the_text_that_it_is(self, text):
        (found,) = turns({**OUTPUT, "output": text})
        assert found.parts == (ToolResult("a", (Text(text),)),)

    @pytest.mark.parametrize("value", [{"a": 1}, [1, 2], 3, True])
    def test_other_json_becomes_its_text(self, value):
        (found,) = turns({**OUTPUT, "output": value})
        assert json.loads(found.parts[0].parts[0].text) == value

    def test_nothing_at_all(self):
        (found,) = turns({"type": "custom_tool_call_output", "call_id": "a", "output": None})
        assert found.parts == (ToolResult("a"),)

    def test_pictures_survive(self):
        parts = [{"type": "input_text", "text": "t"}, {"type": "input_image", "image_url": "https://e.x/a.png"}]
        (found,) = turns({**OUTPUT, "output": parts})
        assert found.parts == (ToolResult("a", (Text("t"), Image(url="https://e.x/a.png"))),)


class TestReasoning:
    def test_ours_comes_back_with_its_signature_and_text(self):
        sealed = seal_reasoning(Thinking("hm", "SIG"), "anthropic", "m")
        (found,) = turns({"type": "reasoning", "summary": [], "encrypted_content": sealed}, CALL)
        assert found.parts[0] == Thinking("hm", "SIG")

    def test_text_changed_by_the_client_does_not_count(self):
        sealed = seal_reasoning(Thinking("hm", "SIG"), "anthropic", "m")
        (found,) = turns(
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "h"}], "encrypted_content": sealed}
        )
        assert found.parts == (Thinking("hm", "SIG"),)

    def test_another_vendors_is_named_and_only_its_summary_stays(self):
        summary = [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]
        request = read({"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "gAAA"})
        assert request.messages[0].parts == (Thinking("a\n\nb"),)
        assert request.dropped == ("input.encrypted_content",)

    def test_open_text_is_read_where_there_is_no_summary(self):
        (found,) = turns({"type": "reasoning", "content": [{"type": "reasoning_text", "text": "t"}]})
        assert found.parts == (Thinking("t"),)

    def test_empty_reasoning_leaves_nothing(self):
        assert turns({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": None}) == ()


class TestToolItems:
    def test_tools_that_an_item_brings_are_offered(self):
        request = read({"type": "additional_tools", "role": "developer", "tools": [function("g")]}, user("q"))
        assert [tool.name for tool in request.tools] == ["g"]

    def test_a_tool_search_of_the_client_is_a_call_and_its_result(self):
        call = {"type": "tool_search_call", "call_id": "s", "execution": "client", "arguments": {"query": "x"}}
        tools = [
            {
                "type": "namespace",
                "name": "n",
                "description": "",
                "tools": [function("g", description=" \n d\nand much more")],
            }
        ]
        output = {"type": "tool_search_output", "call_id": "s", "execution": "client", "tools": tools}
        request = read(user("q"), call, output)
        assert request.messages[1].parts == (ToolCall("s", "tool_search", '{"query": "x"}'),)
        assert request.messages[2].parts == (ToolResult("s", (Text("n__g: d"),)),)
        assert [(tool.name, tool.namespace) for tool in request.tools] == [("n__g", "n")]

    def test_one_that_openai_ran_shows_in_the_tools_alone(self):
        call = {"type": "tool_search_call", "execution": "server", "arguments": {}}
        output = {"type": "tool_search_output", "execution": "server", "tools": [function("g")]}
        request = read(user("q"), call, output)
        assert len(request.messages) == 1
        assert [tool.name for tool in request.tools] == ["g"]

    def test_a_web_search_is_a_text(self):
        (found,) = turns({"type": "web_search_call", "id": "ws", "action": {"type": "search", "query": "news"}})
        assert isinstance(found.parts[0], Foreign)
        assert found.parts[0].text == '[web search "news"]'

    def test_what_openai_ran_stands_with_who_said_it(self):
        found = turns(
            {"type": "shell_call", "call_id": "s", "action": {"commands": ["ls"]}},
            {"type": "shell_call_output", "call_id": "s", "output": [{"stdout": "a"}]},
        )
        assert [message.role for message in found] == [Role.ASSISTANT, Role.USER]

    def test_an_unknown_item_is_named(self):
        request = read(user("q"), {"type": "ghost_snapshot", "x": 1})
        assert request.dropped == ("input.ghost_snapshot",)


class TestCompaction:
    @pytest.mark.parametrize("kind", ["compaction", "compaction_summary", "context_compaction"])
    def test_our_summary_becomes_text(self, kind):
        (found,) = turns({"type": kind, "encrypted_content": seal_summary("so far")})
        assert found == Message(Role.USER, (Text(SUMMARY + "so far"),))

    def test_another_vendors_is_named_for_the_record_and_the_model(self):
        request = read({"type": "compaction", "encrypted_content": "gAAA"})
        assert request.messages[0].parts == (Text(LOST),)
        assert request.dropped == ("input.compaction",)

    def test_reasoning_of_ours_is_no_summary(self):
        sealed = seal_reasoning(Thinking("hm"), "patchbay", "")
        assert turns({"type": "compaction", "encrypted_content": sealed})[0].parts == (Text(LOST),)


def test_a_configuration_holds_until_the_next():
    items = [
        {"type": "configuration_update", "reasoning": {"effort": "low"}},
        {"type": "configuration_update", "reasoning": {"effort": "high"}, "text": {"format": {"type": "json_object"}}},
    ]
    request = read(user("q"), *items, reasoning={"effort": "medium", "summary": "auto"})
    assert (request.reasoning.effort, request.reasoning.show) == ("high", True)
    assert request.format is not None


def test_a_stored_item_is_unsupported():
    assert refused({"type": "item_reference", "id": "x"}).kind is ErrorKind.UNSUPPORTED
