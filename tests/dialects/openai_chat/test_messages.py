from __future__ import annotations

import base64
import json

import pytest

from app.dialects import signatures
from app.dialects.names import tool_id
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.openai_chat.reasoning import NO_SIGNATURE
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import MidSystem, Profile, ReasoningIn
from app.domain.request import (
    CacheMark,
    Document,
    Image,
    Message,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from app.vendors import profiles
from tests.dialects.openai_chat.turns import assistant, system, user, write

PDF = "JVBERi0="


def read(*messages):
    return OPENAI_CHAT.read_request(json.dumps({"model": "m", "messages": list(messages)}).encode())


def parts(content, role="user"):
    (message,) = read({"role": role, "content": content}).messages
    return message.parts


def refused(*messages):
    with pytest.raises(PatchbayError) as raised:
        read(*messages)
    return raised.value.kind, raised.value.param


class TestRead:
    def test_leading_instructions_are_the_system_and_later_ones_stay(self):
        found = read(
            {"role": "system", "content": "A"},
            {"role": "developer", "content": [{"type": "text", "text": "B", "cache_control": {"type": "ephemeral"}}]},
            {"role": "user", "content": "hi"},
            {"role": "developer", "content": "C"},
        )
        assert found.system == (Text("A"), Text("B", CacheMark()))
        assert found.messages == (user("hi"), system("C"))

    def test_a_seal_of_another_vendor_than_anthropic_is_not_taken_for_a_signature(self):
        ours = signatures.wrap("gemini", "g")
        details = [
            {"type": "reasoning.text", "text": "a", "signature": "S", "format": "google-gemini-v1", "index": 0},
            {"type": "reasoning.encrypted", "data": "D", "format": "openai-responses-v1", "index": 1},
            {"type": "reasoning.text", "text": "b", "signature": ours, "format": "google-gemini-v1", "index": 2},
            {"type": "reasoning.text", "text": "c", "signature": "S", "format": "anthropic-claude-v1", "index": 3},
            {"type": "reasoning.text", "text": "d", "signature": "S", "index": 4},
        ]
        (message,) = read({"role": "assistant", "content": None, "reasoning_details": details}).messages
        assert message.parts == (Thinking("a"), Thinking("b", ours), Thinking("c", "S"), Thinking("d", "S"))

    def test_a_call_brings_the_signature_that_we_gave_and_no_other(self):
        ours = signatures.wrap("gemini", "g", b'"S"')
        for given, read_back in ((ours, ours), ("c2ln", ""), (7, "")):
            extra = {"extra_content": {"google": {"thought_signature": given}}}
            calls = [{"id": "a", "function": {"name": "f", "arguments": "{}"}, **extra}]
            (message,) = read({"role": "assistant", "content": None, "tool_calls": calls}).messages
            assert message.parts == (ToolCall("a", "f", "{}", signature=read_back),)
        for odd in ([], {"google": 1}, "x"):
            calls = [{"id": "a", "custom": {"name": "f", "input": "x"}, "extra_content": odd}]
            (message,) = read({"role": "assistant", "content": None, "tool_calls": calls}).messages
            assert message.parts == (ToolCall("a", "f", '{"input":"x"}'),)

    def test_pictures(self):
        url = {"type": "image_url", "image_url": {"url": "data:image/PNG;base64,AAAA", "detail": "high"}}
        assert parts([url]) == (Image("image/png", "AAAA"),)
        assert parts([{"type": "image_url", "image_url": "https://e.x/i.jpg"}]) == (Image(url="https://e.x/i.jpg"),)
        (plain,) = parts([{"type": "image_url", "image_url": {"url": "data:image/svg+xml,%3Csvg%2F%3E"}}])
        assert base64.b64decode(plain.data) == b"<svg/>"

    def test_files(self):
        def file(data, **more):
            return parts([{"type": "file", "file": {"file_data": data, **more}}])

        pdf = file(f"data:application/pdf;base64,{PDF}", filename="a.pdf")
        assert pdf == (Document("application/pdf", data=PDF, title="a.pdf"),)
        assert file(PDF) == (Document("application/pdf", data=PDF),)
        assert file("https://e.x/a.pdf") == (Document("application/pdf", url="https://e.x/a.pdf"),)
        text = base64.b64encode("grüße".encode()).decode()
        assert file(f"data:text/plain;base64,{text}") == (Document("text/plain", text="grüße"),)

    @pytest.mark.parametrize(
        ("part", "kind", "param"),
        [
            ({"type": "input_audio", "input_audio": {}}, ErrorKind.UNSUPPORTED, "type"),
            ({"type": "video_url"}, ErrorKind.UNSUPPORTED, "type"),
            ({"type": "file", "file": {"file_id": "f"}}, ErrorKind.UNSUPPORTED, "file.file_id"),
            (
                {"type": "file", "file": {"file_data": "data:audio/wav;base64,AA"}},
                ErrorKind.UNSUPPORTED,
                "file.file_data",
            ),
            (
                {"type": "file", "file": {"file_data": "data:text/plain;base64,!!"}},
                ErrorKind.INVALID_REQUEST,
                "file.file_data",
            ),
            ({"type": "file", "file": {}}, ErrorKind.INVALID_REQUEST, "file.file_data"),
            ({"type": "file"}, ErrorKind.INVALID_REQUEST, "file"),
            ({"type": "image_url"}, ErrorKind.INVALID_REQUEST, "image_url"),
            ({"type": "image_url", "image_url": "data:image/png"}, ErrorKind.INVALID_REQUEST, "image_url"),
        ],
    )
    def test_parts_that_cannot_be_carried_are_named(self, part, kind, param):
        message = {"role": "user", "content": [{"type": "text", "text": "x"}, part]}
        assert refused(message) == (kind, f"messages.0.content.1.{param}")

    def test_an_assistant_says_thinks_and_calls(self):
        found = read(
            {
                "role": "assistant",
                "content": "ok",
                "refusal": "no",
                "reasoning_content": "ignored beside details",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "hm", "signature": "S"},
                    {"type": "reasoning.encrypted", "data": "X"},
                ],
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                    {"id": "2", "type": "function", "function": {"name": "f", "arguments": {"ü": 1}}},
                    {"id": "3", "type": "custom", "custom": {"name": "p", "input": "text"}},
                ],
            }
        ).messages[0]
        assert found.parts == (
            Thinking("hm", "S"),
            Thinking(redacted="X"),
            Text("ok"),
            Text("no"),
            ToolCall("1", "f", '{"a": 1}'),
            ToolCall("2", "f", '{"ü":1}'),
            ToolCall("3", "p", '{"input":"text"}'),
        )
        (plain,) = read({"role": "assistant", "content": None, "reasoning": "hm"}).messages
        assert plain.parts == (Thinking("hm"),)

    def test_results_of_tools_stand_in_user_messages(self):
        (found,) = read({"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "r"}]}).messages
        assert found == Message(Role.USER, (ToolResult("1", (Text("r"),)),))

    def test_the_old_functions_get_ids(self):
        def old(name):
            return {"role": "assistant", "content": None, "function_call": {"name": name, "arguments": ""}}

        found = read(old("f"), old("g"), *({"role": "function", "name": name, "content": name} for name in "gfx"))
        ids = [part.call_id for message in found.messages for part in message.parts if isinstance(part, ToolResult)]
        assert ids == ["call_legacy_1", "call_legacy_0", "call_legacy"]
        assert found.messages[0].parts == (ToolCall("call_legacy_0", "f", ""),)

    @pytest.mark.parametrize(
        ("message", "param"),
        [
            ({"role": "robot", "content": ""}, "role"),
            ({"role": "tool", "content": ""}, "tool_call_id"),
            ({"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}, "tool_calls.0.id"),
            ({"role": "assistant", "tool_calls": [{"id": "1"}]}, "tool_calls.0.function.name"),
            ({"role": "assistant", "function_call": {}}, "function_call.name"),
            ({"role": "system", "content": [{"type": "image_url", "image_url": "u"}]}, "content"),
        ],
    )
    def test_broken_messages_are_named(self, message, param):
        assert refused(message) == (ErrorKind.INVALID_REQUEST, f"messages.0.{param}")

    def test_audio_of_the_assistant_is_refused(self):
        assert refused({"role": "assistant", "audio": {"id": "a"}}) == (ErrorKind.UNSUPPORTED, "messages.0.audio")


class TestTurns:
    def test_system_texts_are_joined_without_the_billing_header(self):
        texts = (Text("x-anthropic-billing-header: cc_version=1;"), Text("A"), Text(""), Text("B", CacheMark()))
        assert write(user("hi"), system=texts)[0] == {"role": "system", "content": "A\n\nB"}

    def test_instructions_in_mid_conversation(self):
        turns = (user("hi"), system("S"), assistant("ok"))
        reminded = "hi\n\n<system-reminder>\nS\n</system-reminder>"
        assert [one["content"] for one in write(*turns)] == [reminded, "ok"]
        inline = write(*turns, profile=Profile(mid_system=MidSystem.INLINE))
        assert [one["role"] for one in inline] == ["user", "system", "assistant"]
        merged = write(*turns, system=(Text("A"),), profile=Profile(mid_system=MidSystem.MERGE))
        assert [one["content"] for one in merged] == ["A\n\nS", "hi", "ok"]

    def test_nothing_empty_is_sent(self):
        empty = (user("a"), assistant(""), user(""), assistant(Thinking("hm")), system(""), user("b"))
        assert write(*empty) == [{"role": "user", "content": "a\n\nb"}]
        assert write(assistant("a"), user(""), assistant("b")) == [{"role": "assistant", "content": "ab"}]

    def test_results_come_first_in_the_order_of_the_calls(self):
        found = write(
            assistant(ToolCall("1", "f", ""), ToolCall("2", "g", '{"x":1}')),
            user("said", ToolResult("2", (Text("two"),)), ToolResult("1", (Text("one"),))),
        )
        assert found[0]["content"] is None
        assert [call["function"]["arguments"] for call in found[0]["tool_calls"]] == ["{}", '{"x":1}']
        assert [one.get("tool_call_id") for one in found[1:]] == ["1", "2", None]
        assert found[3]["content"] == "said"

    def test_what_a_result_says(self):
        results = (
            ToolResult("1"),
            ToolResult("2", (Text("a"), Text(""), Text("b"))),
            ToolResult("3", (Text("boom"),), is_error=True),
            ToolResult("4", (Text("ERROR: boom"),), is_error=True),
            ToolResult("5", (), is_error=True),
        )
        calls = assistant(*(ToolCall(one.call_id, "f", "{}") for one in results))
        said = [one["content"] for one in write(calls, user(*results))[1:]]
        assert said == ["(no output)", "a\nb", "Error: boom", "ERROR: boom", "Error"]

    def test_ids_are_the_same_in_call_and_result(self):
        given = "toolu:" + "x" * 80
        found = write(assistant(ToolCall(given, "f", "{}")), user(ToolResult(given)))
        assert found[0]["tool_calls"][0]["id"] == found[1]["tool_call_id"] == tool_id(given, 64)

    def test_strict_alternation(self):
        profile = Profile(strict_alternation=True)
        found = write(
            assistant("x"),
            user("y"),
            assistant(ToolCall("1", "f", "{}")),
            user(ToolResult("1"), "z"),
            profile=profile,
        )
        assert [one["role"] for one in found] == ["user", "assistant", "user", "assistant", "tool", "assistant", "user"]


class TestReasoning:
    def test_reasoning_content_stands_on_every_assistant_message(self):
        found = write(assistant(Thinking("hm"), "a"), user("b"), assistant("c"), profile=profiles.DEEPSEEK)
        assert [one.get("reasoning_content") for one in found] == ["hm", None, ""]
        assert "reasoning_content" not in write(assistant(Thinking("hm"), "a"))[0]

    def test_details_return_only_to_the_model_that_made_them(self):
        def signed(kind, model, details=b'[{"type":"reasoning.text","text":"hm"}]'):
            return Thinking("hm", signatures.wrap(kind, model, details))

        def replayed(*thoughts):
            return write(assistant(*thoughts, "a"), profile=profiles.OPENROUTER)[0].get("reasoning_details")

        both = (
            signed("openrouter", "sent"),
            signed("openrouter", "sent", b'[{"type":"reasoning.encrypted","data":"x"}]'),
        )
        assert [one["type"] for one in replayed(*both)] == ["reasoning.text", "reasoning.encrypted"]
        assert replayed(signed("openrouter", "other")) is None
        assert replayed(signed("generic", "sent", b"{}"), Thinking("hm", "Anthropic's own")) is None
        assert replayed(signed("openrouter", "sent", b"{}")) is None

    def test_signatures_return_with_their_calls(self):
        profile = Profile(kind="gemini_openai", reasoning_in=ReasoningIn.CALLS)
        extra = {"google": {"thought_signature": "T"}}
        data = json.dumps([{"type": "tool_call", "id": "b", "extra_content": extra}]).encode()
        thought = Thinking("", signatures.wrap("gemini_openai", "sent", data))
        calls = (ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}"))
        found = write(assistant(thought, *calls), profile=profile)[0]["tool_calls"]
        assert [call.get("extra_content") for call in found] == [NO_SIGNATURE, extra]
        assert "extra_content" not in write(assistant(thought, *calls))[0]["tool_calls"][1]
