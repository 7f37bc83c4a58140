from __future__ import annotations

import msgspec
import pytest

from app.dialects.openai_chat import plain, wire, wire_reply
from tests.dialects.openai_chat.streams import USAGE, call, chunk, end, text


def test_null_is_not_given():
    assert not wire.given(wire.NOTHING)
    assert not wire.given(msgspec.Raw(b"null"))
    assert wire.given(msgspec.Raw(b"{}"))


def test_an_empty_content_stays_and_an_empty_list_of_calls_goes():
    assert msgspec.json.encode(wire.AssistantOut(None)) == b'{"role":"assistant","content":null}'
    assert msgspec.json.encode(wire.TextOut("a")) == b'{"type":"text","text":"a"}'
    mark = wire.CacheControl(ttl="1h")
    assert msgspec.json.encode(wire.TextOut("a", mark)).endswith(b'"cache_control":{"type":"ephemeral","ttl":"1h"}}')


def test_usage_is_found_wherever_it_stands():
    usage = wire_reply.UsageIn(prompt_tokens=1)
    assert wire_reply.Chunk(usage=usage).counts() is usage
    assert wire_reply.Chunk(x_groq=wire_reply.GroqExtra(usage)).counts() is usage
    assert wire_reply.Chunk(choices=[wire_reply.Choice(), wire_reply.Choice(usage=usage)]).counts() is usage
    assert wire_reply.Chunk(choices=[]).counts() is None


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "a", "role": "assistant"},
        {"content": "", "reasoning": None, "reasoning_details": [], "tool_calls": None, "refusal": None},
        {"content": "a", "reasoning_content": "", "tool_calls": [], "something_new": 5},
    ],
)
def test_chunks_that_only_add_text_are_plain(delta):
    found = plain.PLAIN.decode(msgspec.json.encode({**chunk(delta), "usage": None}))
    assert found.choices[0].delta.content == delta["content"]


@pytest.mark.parametrize(
    "other",
    [
        end(),
        text("a") | {"usage": USAGE},
        text("a") | {"error": {"message": "x"}},
        text("a") | {"choices": []},
        text("a") | {"choices": text("a")["choices"] * 2},
        {"choices": [{"index": 1, "delta": {"content": "a"}}]},
        {"choices": [{"delta": {"content": "a"}, "usage": USAGE}]},
        chunk({"content": None}),
        chunk({"content": ["a"]}),
        chunk({"content": "a", "reasoning": "b"}),
        chunk({"content": "a", "annotations": [{}]}),
        chunk({"content": "a", "refusal": "b"}),
        chunk({"content": "a", "function_call": {}}),
        chunk({"content": "a"}, "stop"),
        call(0, "a", "f"),
        {"object": "error", "message": "x"},
    ],
)
def test_every_other_chunk_is_not(other):
    with pytest.raises(msgspec.ValidationError):
        plain.PLAIN.decode(msgspec.json.encode(other))
