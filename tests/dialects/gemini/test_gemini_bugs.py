"""What other converters got wrong on the way to Gemini, by number; `dialects/test_known_bugs.py` holds the rest."""

from __future__ import annotations

import json
from typing import Any

from app.dialects import signatures
from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.fold import reply_events
from app.dialects.gemini import GEMINI
from app.dialects.gemini.signatures_back import SKIP
from app.dialects.road import road_for
from app.domain.request import ToolCall
from app.vendors import profiles
from tests.dialects.case_files import client_events
from tests.dialects.gemini.answers import call, end, sse, text
from tests.dialects.gemini.turns import MODEL, assistant, body, checked, contents, result, user

TOOLS = [{"name": "f", "input_schema": {"$schema": "x", "type": "object", "properties": {"a": {"const": 1}}}}]


def asked(*messages: dict[str, Any], **more: Any) -> bytes:
    question = [{"role": "user", "content": "q"}]
    request = {"model": "claude", "max_tokens": 9, "messages": [*question, *messages], "tools": TOOLS, **more}
    return json.dumps(request).encode()


def to_gemini(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An Anthropic client's request as Gemini gets it."""
    request = ANTHROPIC_MESSAGES.read_request(asked(*messages, **more))
    return checked(json.loads(GEMINI.write_request(request, MODEL, profiles.GEMINI).body))


def answer(stream: bytes) -> list[Any]:
    """What an Anthropic client, which wants to read the thinking, gets of Gemini's stream."""
    request = ANTHROPIC_MESSAGES.read_request(asked(thinking={"type": "adaptive"}, stream=True))
    written = GEMINI.write_request(request, MODEL, profiles.GEMINI)
    road = road_for(request, written, MODEL, profiles.GEMINI, 5)
    reader, writer = GEMINI.stream_reader(road), ANTHROPIC_MESSAGES.stream_writer(road)
    return client_events(writer.write(reader.feed(stream) + reader.close()))


def test_bug_89_no_keyword_of_a_schema_is_unknown():
    (function,) = to_gemini()["tools"][0]["functionDeclarations"]
    assert function["parametersJsonSchema"] == TOOLS[0]["input_schema"]
    assert "parameters" not in function


def test_bug_90_a_thought_signature_is_captured_and_handed_back():
    events = answer(sse(end(call("f", {"a": 1}, "c1", "c2ln"))))
    (seal,) = [one["delta"]["signature"] for one in events if one.get("delta", {}).get("type") == "signature_delta"]
    said = [
        {"type": "thinking", "thinking": "", "signature": seal},
        {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
    ]
    results = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "r"}]}
    found = to_gemini({"role": "assistant", "content": said}, results)["contents"][1]["parts"]
    assert [part["thoughtSignature"] for part in found] == ["c2ln"]
    lost = to_gemini({"role": "assistant", "content": said[1:]}, results)["contents"][1]["parts"]
    assert [part["thoughtSignature"] for part in lost] == [SKIP]


def test_bug_91_a_signature_never_stands_in_an_id():
    events = answer(sse(end(call("f", {}, "c1", "c2ln" * 500), call("f", {}))))
    ids = [one["content_block"]["id"] for one in events if one.get("content_block", {}).get("type") == "tool_use"]
    assert ids[0] == "c1"
    assert len(ids[1]) < 40


def test_bug_92_every_response_bears_its_function_s_name():
    found = contents(user("q"), assistant(ToolCall("1", "f", "{}")), user(result("1", "r")))
    assert found[2]["parts"][0]["functionResponse"]["name"] == "f"


def test_bug_93_thoughts_count_as_output_and_cached_tokens_once():
    counts = {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 7,
    }
    usage = answer(sse(end(text("a")) | {"usageMetadata": counts}))[-2]["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (60, 40, 12)


def test_bug_94_only_two_roles_and_the_user_begins():
    found = body(assistant("a", ToolCall("1", "f", "{}")), user(result("1", "r")))["contents"]
    assert [one["role"] for one in found] == ["user", "model", "user"]


def test_bug_95_a_picture_of_a_result_stands_in_it():
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aaaa"}}
    call_ = {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]}
    results = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": [picture]}]}
    (part,) = to_gemini(call_, results)["contents"][2]["parts"]
    assert part["functionResponse"]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "aaaa"}}]


def test_a_signature_of_ours_never_reaches_google():
    seal = signatures.wrap("anthropic", "claude", b'"x"')
    said = [{"type": "thinking", "thinking": "hm", "signature": seal}, {"type": "text", "text": "a"}]
    sent = to_gemini({"role": "assistant", "content": said}, {"role": "user", "content": "on"})
    assert "pxy1." not in json.dumps(sent)


def test_a_whole_answer_is_told_as_its_stream_is():
    request = ANTHROPIC_MESSAGES.read_request(asked())
    road = road_for(request, GEMINI.write_request(request, MODEL, profiles.GEMINI), MODEL, profiles.GEMINI, 5)
    reply = GEMINI.read_reply(json.dumps(end(text("a"), call("f", {"a": 1}, "c1"))).encode(), road)
    told = client_events(ANTHROPIC_MESSAGES.stream_writer(road).write(reply_events(reply)))
    streamed = answer(sse(end(text("a"), call("f", {"a": 1}, "c1"))))
    assert [one["type"] for one in told] == [one["type"] for one in streamed]
