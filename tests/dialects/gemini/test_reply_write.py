from __future__ import annotations

import base64
import json

import pytest

from app.dialects.base import Road
from app.dialects.gemini import GEMINI
from app.domain.events import Reply, StopReason
from app.domain.request import Foreign, Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage


def write(*parts, stop=StopReason.END_TURN, usage=NO_USAGE, refusal="", own="id1", **road):
    reply = Reply(own, "sent", parts, stop, usage, refusal=refusal)
    return json.loads(GEMINI.write_reply(reply, Road("asked", "sent", **road)))


def said(*parts, **road):
    return write(*parts, **road)["candidates"][0]["content"]["parts"]


def test_an_answer_bears_the_name_that_was_asked_for():
    found = write(Text("a"))
    assert (found["modelVersion"], found["responseId"]) == ("asked", "id1")
    assert found["candidates"] == [
        {"content": {"role": "model", "parts": [{"text": "a"}]}, "finishReason": "STOP", "index": 0}
    ]
    assert write(own="")["responseId"]


def test_an_answer_of_nothing_has_one_empty_text():
    assert said() == said(Text("")) == said(Foreign("anthropic_messages", "x", b"{}")) == [{"text": ""}]


@pytest.mark.parametrize(
    ("arguments", "args"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ("{\n}", {}),
        ("[1]", {"value": [1]}),
        ('{"a":', {"__raw_arguments": '{"a":'}),
    ],
)
def test_arguments_are_an_object(arguments, args):
    assert said(ToolCall("c1", "f", arguments)) == [{"functionCall": {"id": "c1", "name": "f", "args": args}}]


def test_thoughts_are_shown_to_who_asked():
    parts = (Thinking("hm"), Text("a"))
    assert said(*parts, show_thinking=True) == [{"text": "hm", "thought": True}, {"text": "a"}]
    assert said(*parts) == said(*parts, show_thinking=True, omit_thinking_text=True) == [{"text": "a"}]


def test_a_signature_rides_on_the_part_after_its_thought():
    parts = said(Thinking("hm", "s"), ToolCall("c1", "f", "{}"), ToolCall("c2", "f", "{}"), show_thinking=True)
    assert ["thoughtSignature" in part for part in parts] == [False, True, False]
    assert said(Text("a"), Thinking("hm", "s"))[-1] == {"text": "", "thoughtSignature": parts[1]["thoughtSignature"]}


def test_a_calls_own_signature_rides_on_the_call():
    (part,) = said(ToolCall("c1", "f", "{}", signature="pxy1.x"))
    assert base64.b64decode(part["thoughtSignature"]) == b"pxy1.x"


def test_counts_are_googles():
    usage = Usage(10, 70, 20, 5, output_tokens=9, reasoning_tokens=4)
    assert write(Text("a"), usage=usage)["usageMetadata"] == {
        "promptTokenCount": 105,
        "cachedContentTokenCount": 70,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 4,
        "totalTokenCount": 114,
    }


def test_counts_that_nobody_told_are_estimates():
    found = write(Text("x" * 36), input_estimate_tokens=50)["usageMetadata"]
    assert found == {"promptTokenCount": 50, "candidatesTokenCount": 10, "totalTokenCount": 60}
    assert write(input_estimate_tokens=50)["usageMetadata"]["candidatesTokenCount"] == 0


def test_a_refusal_says_why():
    found = write(Text("I"), stop=StopReason.REFUSAL, refusal="I will not.")["candidates"][0]
    assert (found["finishReason"], found["finishMessage"]) == ("SAFETY", "I will not.")


def test_pages_that_were_found_ground_the_answer():
    hits = (SearchHit("u", "T", 2, 5), SearchHit("u", "again"), SearchHit("v", "V", 4, 99))
    found = write(Text("äö"), Search("s", "", hits), Text("rain"), search_query="weather")["candidates"][0]
    assert found["groundingMetadata"] == {
        "webSearchQueries": ["weather"],
        "groundingChunks": [{"web": {"uri": "u", "title": "again"}}, {"web": {"uri": "v", "title": "V"}}],
    }
    found = write(Text("äö"), Search("s", "q", hits[:1]), Text("rain"))["candidates"][0]["groundingMetadata"]
    assert found["groundingSupports"] == [
        {"segment": {"startIndex": 4, "endIndex": 7, "text": "rai"}, "groundingChunkIndices": [0]}
    ]
    assert "groundingMetadata" not in write(Text("a"))["candidates"][0]


def test_half_an_emoji_does_no_harm():
    assert said(Text("a\ud83d"), ToolCall("c\udc00", "f", '{"a":"\ud83d"}'))[0] == {"text": "a\ufffd"}
