from __future__ import annotations

import json

import pytest

from app.dialects import signatures
from app.dialects.base import NameMap
from app.dialects.fold import reply_events
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.provider import ReasoningIn
from app.domain.request import Foreign, Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import Usage, UsageSource
from tests.dialects.openai_chat.streams import USAGE, road

KNOWN = Usage(input_tokens=20, output_tokens=7)


def read(message=None, finish="stop", on=None, **more):
    choice = {"index": 0, "message": {"role": "assistant", **(message or {})}, "finish_reason": finish}
    body = {"id": "chatcmpl-1", "model": "up", "choices": [choice], "usage": USAGE, **more}
    return OPENAI_CHAT.read_reply(json.dumps(body).encode(), on or road())


def refused(body):
    with pytest.raises(PatchbayError) as raised:
        OPENAI_CHAT.read_reply(body, road())
    return raised.value


def function(name="f", arguments="{}", **more):
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


class TestRead:
    def test_thinking_text_and_calls_in_that_order(self):
        found = read(
            {"content": "ok", "reasoning": "hm", "tool_calls": [function(id="1", arguments='{"a":1}')]}, "tool_calls"
        )
        assert found.parts == (
            Thinking("hm", signatures.wrap("generic", "sent")),
            Text("ok"),
            ToolCall("1", "f", '{"a":1}'),
        )
        assert (found.id, found.model, found.stop, found.usage) == ("chatcmpl-1", "up", StopReason.TOOL_USE, KNOWN)

    def test_calls_without_ids_are_told_by_their_place(self):
        found = read({"tool_calls": [function(arguments=""), function(), function(arguments={"x": 1})]})
        assert [part.arguments for part in found.parts] == ["{}", "{}", '{"x":1}']
        assert len({part.id for part in found.parts}) == 3

    def test_calls_that_all_say_index_zero(self):
        found = read({"tool_calls": [function(index=0, id="a"), function(index=0, id="b")]})
        assert [part.id for part in found.parts] == ["a", "b"]

    def test_details_are_kept_for_the_next_turn(self):
        details = [{"type": "reasoning.text", "text": "hm"}, {"type": "reasoning.encrypted", "data": "x"}]
        on = road(kind="openrouter", reasoning_in=ReasoningIn.DETAILS)
        (thought,) = read({"reasoning_details": details}, on=on).parts
        assert thought.text == "hm"
        assert json.loads(signatures.unwrap(thought.signature).data) == details

    def test_think_tags(self):
        assert [part.text for part in read({"content": "<think>a</think>b"}, on=road(think_tags=True)).parts] == [
            "a",
            "b",
        ]

    def test_nothing_said_is_an_empty_answer(self):
        assert read({"content": ""}).parts == ()
        assert read({"content": None}, None).stop is StopReason.END_TURN

    def test_without_usage_it_is_estimated(self):
        assert read({"content": "x" * 36}, usage=None).usage.source is UsageSource.ESTIMATED

    def test_names_go_back_to_the_clients(self):
        found = read({"tool_calls": [function("short")]}, on=road(names=NameMap({"short": "long"})))
        assert found.parts[0].name == "long"

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices":[]}', b'{"choices":null}', b"null"])
    def test_what_is_no_answer_is_a_bad_reply(self, body):
        assert refused(body).kind is ErrorKind.BAD_REPLY

    def test_an_error_in_a_good_status(self):
        assert refused(b'{"error":{"code":429,"message":"slow"}}').kind is ErrorKind.RATE_LIMITED
        assert refused(b'{"object":"error","message":"overloaded"}').kind is ErrorKind.OVERLOADED
        broken = b'{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}'
        assert refused(broken).kind is ErrorKind.UPSTREAM_ERROR


def written(*parts, stop=StopReason.END_TURN, usage=KNOWN, refusal="", **more):
    reply = Reply("msg_1", "up", parts, stop, usage, refusal=refusal)
    return json.loads(OPENAI_CHAT.write_reply(reply, road(**more)))


class TestWrite:
    def test_the_frame(self):
        found = written(Text("ok"))
        assert (found["id"], found["object"], found["model"]) == ("chatcmpl-1", "chat.completion", "asked")
        assert found["created"] == 1_790_000_000
        assert found["choices"][0]["finish_reason"] == "stop"
        assert found["usage"]["total_tokens"] == 27

    def test_an_id_is_made_where_there_is_none_and_kept_where_it_fits(self):
        def identity(given):
            reply = Reply(given, "m", (), StopReason.END_TURN)
            return json.loads(OPENAI_CHAT.write_reply(reply, road()))["id"]

        assert identity("chatcmpl-x") == "chatcmpl-x"
        assert len(identity("")) == len("chatcmpl-") + 24

    def test_content_is_null_beside_calls_only_and_empty_where_nothing_was_said(self):
        call = ToolCall("1", "f", "")
        assert written(call)["choices"][0]["message"]["content"] is None
        assert written()["choices"][0]["message"]["content"] == ""
        message = written(Text("a"), call, Text("b"), stop=StopReason.TOOL_USE)["choices"][0]["message"]
        assert (message["content"], message["tool_calls"][0]["function"]["arguments"]) == ("ab", "{}")

    def test_thinking_and_its_signature(self):
        message = written(Thinking("a", "S"), Thinking(redacted="R"), kind="anthropic")["choices"][0]["message"]
        assert message["reasoning_content"] == "a"
        first, second = message["reasoning_details"]
        assert (first["type"], first["signature"], second["type"], second["data"]) == (
            "reasoning.text",
            "S",
            "reasoning.encrypted",
            "R",
        )
        assert first["format"] == "anthropic-claude-v1"

    def test_a_signed_call_can_come_back_with_its_signature(self):
        signature = signatures.wrap("gemini", "g", b'"S"')
        calls = (ToolCall("1", "f", "{}", signature=signature), ToolCall("2", "note", '{"input":"x"}'))
        way = road(custom_tools=frozenset({"note"}))
        reply = Reply(
            "m", "x", (*calls, ToolCall("3", "note", '{"input":"y"}', signature=signature)), StopReason.TOOL_USE
        )
        (choice,) = json.loads(OPENAI_CHAT.write_reply(reply, way))["choices"]
        stream = OPENAI_CHAT.stream_writer(way).write(reply_events(reply)).split(b"\n\n")[:-2]
        deltas = [json.loads(one[6:])["choices"][0]["delta"] for one in stream]
        streamed = [call for delta in deltas for call in delta.get("tool_calls", ()) if "id" in call]
        extra = {"google": {"thought_signature": signature}}
        for found in (choice["message"]["tool_calls"], streamed):
            assert [call.get("extra_content") for call in found] == [extra, None, extra]

    def test_a_refusal(self):
        message = written(stop=StopReason.REFUSAL, refusal="no")["choices"][0]["message"]
        assert (message["content"], message["refusal"]) == (None, "no")
        assert written(stop=StopReason.REFUSAL)["choices"][0]["message"]["refusal"] == "The model refused."

    def test_searches_are_citations(self):
        found = written(Search("s", "q", (SearchHit("u", "T", 1, 2),)), Text("a"), Foreign("x", "y", b"{}"))
        assert found["choices"][0]["message"]["annotations"] == [
            {"type": "url_citation", "url_citation": {"url": "u", "title": "T", "start_index": 1, "end_index": 2}}
        ]

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [('{"input":"a"}', "a"), ('{"input":1}', '{"input":1}'), ("raw", "raw"), ('{"input":"a","x":1}',) * 2],
    )
    def test_free_text_tools_get_their_text(self, arguments, text):
        message = written(ToolCall("1", "p", arguments), custom_tools=frozenset({"p"}))["choices"][0]["message"]
        assert message["tool_calls"] == [{"id": "1", "type": "custom", "custom": {"name": "p", "input": text}}]

    def test_an_unknown_usage_is_null(self):
        assert written(usage=Usage(source=UsageSource.NONE))["usage"] is None


def test_a_whole_answer_reads_as_it_was_written():
    parts = (Text("a"), ToolCall("1", "f", '{"x":1}'))
    reply = Reply("chatcmpl-1", "asked", parts, StopReason.TOOL_USE, KNOWN)
    assert OPENAI_CHAT.read_reply(OPENAI_CHAT.write_reply(reply, road()), road()) == reply
