"""What other converters got wrong, by number; a recorded case or a test here stands for each.

Those that concern another room, Responses or Gemini name the test that proves them there.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from app.dialects import signatures
from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.base import ModelEntry
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.road import road_for
from app.domain.errors import ErrorKind
from app.domain.events import MessageStart, StreamError
from app.domain.provider import Profile, ReasoningIn
from app.vendors import profiles
from tests.dialects.case_files import CASES, client_events
from tests.dialects.openai_chat.streams import DONE, call, chunk, end, text, wire

BY_CASE = {
    3: "o2a_req_system_merge",
    4: "a2o_req_tool_result_plus_text",
    5: "a2o_req_tool_result_plus_text",
    7: "a2o_req_tool_error_result",
    8: "a2o_req_tool_result_image",
    9: "a2o_req_tool_error_result",
    14: "a2o_req_billing_header",
    15: "a2o_req_tool_choice_any",
    17: "a2o_req_empty_blocks",
    19: "a2o_req_tool_metadata",
    20: "a2r_req_tools",
    21: "a2o_req_long_tool_id",
    22: "a2o_req_long_tool_id",
    23: "a2o_long_tool_name",
    28: "o2a_req_forced_tool_thinking",
    30: "a2o_resp_null_usage",
    32: "a2o_stream_usage_last",
    33: "a2o_stream_reasoning_field",
    35: "a2o_resp_content_filter",
    37: "a2o_stream_mid_error",
    38: "a2o_stream_interleaved_tools",
    39: "a2o_stream_tool_only",
    40: "a2o_stream_tool_only",
    41: "a2o_stream_tool_noargs",
    42: "a2o_stream_usage_last",
    44: "a2o_stream_reasoning_then_text",
    45: "a2o_stream_reasoning_interleaved",
    46: "a2o_stream_reasoning_then_text",
    49: "r2a_stream_summary_parts",
    50: "a2o_stream_no_role",
    51: "a2o_stream_tool_no_name",
    52: "a2o_stream_tool_no_id",
    53: "a2o_stream_after_done",
    55: "a2o_stream_usage_last",
    56: "sse_utf8_split",
    58: "a2o_stream_openrouter_comment",
    59: "a2o_stream_mid_error",
    60: "a2o_stream_usage_last",
    66: "o2a_req_parallel_results",
    67: "o2a_req_pairing_repair",
    68: "o2a_req_params",
    70: "o2a_req_params",
    73: "o2a_req_system_only",
    76: "o2a_stream_thinking",
    78: "resp_custom_tool",
    79: "resp_namespace_tool",
    82: "resp_stream_failed",
    83: "resp_stream_length",
    84: "resp_req_merge_calls",
    86: "resp_req_merge_calls",
    96: "g2a_req",
    97: "g2a_req",
    98: "g2a_req",
    100: "err_context_length",
    101: "err_401",
    102: "err_429_retry",
}
CODEX = "dialects/openai_responses/test_codex_bugs.py"
GOOGLE = "dialects/gemini/test_gemini_bugs.py"
ELSEWHERE = {
    57: "proxy/test_decode.py::test_codings_are_told_by_their_first_bytes",
    61: "proxy/test_clients.py::test_leaving_in_the_middle",
    63: "dialects/anthropic_messages/test_stream_write.py::test_a_long_silence_in_a_block_gets_an_empty_delta",
    75: "proxy/test_auth.py::test_every_place_of_a_key",
    77: f"{CODEX}::test_bug_77_codex_finds_its_only_path",
    80: f"{CODEX}::test_bug_80_every_answer_is_completed_with_its_usage",
    81: f"{CODEX}::test_bug_81_every_count_is_there",
    85: f"{CODEX}::test_bug_85_messages_and_calls_share_one_counter",
    87: "proxy/test_gate.py::test_nothing_is_upgraded",
    88: f"{CODEX}::test_bug_88_a_tool_is_offered_once",
    89: f"{GOOGLE}::test_bug_89_no_keyword_of_a_schema_is_unknown",
    90: f"{GOOGLE}::test_bug_90_a_thought_signature_is_captured_and_handed_back",
    91: f"{GOOGLE}::test_bug_91_a_signature_never_stands_in_an_id",
    92: f"{GOOGLE}::test_bug_92_every_response_bears_its_function_s_name",
    93: f"{GOOGLE}::test_bug_93_thoughts_count_as_output_and_cached_tokens_once",
    94: f"{GOOGLE}::test_bug_94_only_two_roles_and_the_user_begins",
    95: f"{GOOGLE}::test_bug_95_a_picture_of_a_result_stands_in_it",
    103: "proxy/test_headers.py::test_a_pass_through_keeps_what_gateways_must_keep",
    105: "proxy/test_gate.py::test_only_the_status_needs_no_key",
    106: "proxy/test_body.py::test_the_largest_body_passes_unchanged",
    107: "proxy/test_clients.py::test_leaving_before_the_answer",
}
TESTS = Path(__file__).parents[1]


def test_every_number_has_its_proof():
    tests = [int(found[1]) for name in dir(sys.modules[__name__]) if (found := re.match(r"test_bug_(\d+)_", name))]
    assert sorted([*BY_CASE, *ELSEWHERE, *tests]) == [*range(1, 108)]
    assert set(BY_CASE.values()) <= set(CASES)


@pytest.mark.parametrize("where", ELSEWHERE.values())
def test_a_proof_elsewhere_is_there(where):
    file, _, name = where.partition("::")
    assert re.search(rf"^(?:async )?def {name}\(", (TESTS / file).read_text(), re.MULTILINE)


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content[0] if isinstance(content[0], str) else list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def tool_use(own: str, arguments: Any = None) -> dict[str, Any]:
    return {"type": "tool_use", "id": own, "name": "f", "input": arguments if arguments is not None else {}}


def result(own: str, content: Any = "r") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": own, "content": content}


TOOLS = [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]


def asked(*messages: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"model": "claude", "max_tokens": 9, "messages": list(messages) or [user("q")], **more}).encode()


def to_chat(*messages: dict[str, Any], profile: Profile = profiles.GENERIC, **more: Any) -> dict[str, Any]:
    """An Anthropic client's request as a chat upstream gets it."""
    request = ANTHROPIC_MESSAGES.read_request(asked(*messages, **more))
    return dict(json.loads(OPENAI_CHAT.write_request(request, "sent", profile).body))


def to_claude(model: str = "claude-opus-4-5", **body: Any) -> dict[str, Any]:
    """A chat client's request as Claude gets it."""
    request = OPENAI_CHAT.read_request(json.dumps({"model": "gpt", "messages": [user("q")], **body}).encode())
    return dict(json.loads(ANTHROPIC_MESSAGES.write_request(request, model, profiles.ANTHROPIC).body))


def answer(*chunks: dict[str, Any] | bytes, profile: Profile = profiles.GENERIC, thinking: bool = True) -> list[Any]:
    """What an Anthropic client gets of a chat upstream's stream."""
    body = asked(tools=TOOLS, stream=True, **({"thinking": {"type": "adaptive"}} if thinking else {}))
    request = ANTHROPIC_MESSAGES.read_request(body)
    road = road_for(request, OPENAI_CHAT.write_request(request, "sent", profile), "sent", profile, 5)
    reader, writer = OPENAI_CHAT.stream_reader(road), ANTHROPIC_MESSAGES.stream_writer(road)
    return client_events(writer.write(reader.feed(wire(*chunks)) + reader.close()))


def whole(**message: Any) -> dict[str, Any]:
    """What an Anthropic client gets of a chat upstream's whole answer."""
    request = ANTHROPIC_MESSAGES.read_request(asked(tools=TOOLS, thinking={"type": "adaptive"}))
    road = road_for(request, OPENAI_CHAT.write_request(request, "s", profiles.GENERIC), "s", profiles.GENERIC, 5)
    usage = message.pop("usage", None)
    finish = message.pop("finish_reason", "stop")
    body = json.dumps({"choices": [{"message": message, "finish_reason": finish}], "usage": usage}).encode()
    return dict(json.loads(ANTHROPIC_MESSAGES.write_reply(OPENAI_CHAT.read_reply(body, road), road)))


def claude_answers(*events: dict[str, Any]) -> list[Any]:
    """What a chat client gets of Claude's stream."""
    request = OPENAI_CHAT.read_request(json.dumps({"model": "gpt", "messages": [user("q")], "stream": True}).encode())
    written = ANTHROPIC_MESSAGES.write_request(request, "claude-opus-4-5", profiles.ANTHROPIC)
    road = road_for(request, written, "claude-opus-4-5", profiles.ANTHROPIC, 5)
    reader, writer = ANTHROPIC_MESSAGES.stream_reader(road), OPENAI_CHAT.stream_writer(road)
    data = b"".join(b"event: %s\ndata: %s\n\n" % (one["type"].encode(), json.dumps(one).encode()) for one in events)
    return client_events(writer.write(reader.feed(data) + reader.close()))


def test_bug_1_a_system_message_in_mid_conversation_is_accepted():
    found = to_chat(user("a"), {"role": "system", "content": "S"}, assistant({"type": "text", "text": "b"}))
    assert "S" in found["messages"][0]["content"]


def test_bug_2_servers_with_templates_get_one_leading_system_message():
    found = to_chat(user("a"), {"role": "system", "content": "S"}, user("b"), system="T")
    assert [one["role"] for one in found["messages"]] == ["system", "user"]
    assert found["messages"][1]["content"] == "a\n\n<system-reminder>\nS\n</system-reminder>\n\nb"


PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}


def test_bug_6_what_stands_beside_a_result_is_kept():
    turns = (user("q"), assistant(tool_use("1")), user(result("1"), PDF, {"type": "text", "text": "t"}))
    last = to_chat(*turns, profile=profiles.OPENAI)["messages"][-1]
    assert [part["type"] for part in last["content"]] == ["file", "text"]


@pytest.mark.parametrize(("given", "sent"), [("any", "required"), ("none", "none"), ("auto", None)])
def test_bug_10_tool_choices_keep_their_meaning(given, sent):
    assert to_chat(tools=TOOLS, tool_choice={"type": given}).get("tool_choice") == sent


def test_bug_11_every_parameter_arrives():
    found = to_chat(temperature=0.5, top_p=0.9, stop_sequences=["a", "b"], tools=TOOLS, tool_choice={"type": "any"})
    assert found.items() >= {"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "stop": ["a", "b"]}.items()


def test_bug_12_reasoning_models_get_their_own_limit_and_nothing_is_invented():
    found = to_chat(profile=profiles.OPENAI)
    assert found.keys() == {"model", "messages", "max_completion_tokens"}


def test_bug_13_stops_are_always_an_array():
    assert to_chat(stop_sequences=["a"])["stop"] == ["a"]


def test_bug_16_no_choice_without_tools():
    found = to_chat(tools=[], tool_choice={"type": "auto", "disable_parallel_tool_use": True})
    assert found.keys() == {"model", "messages", "max_tokens"}


@pytest.mark.parametrize("given", ["text", [1], {"__unparsedToolInput": {"raw": "x", "len": 1}}, 5])
def test_bug_18_a_tools_input_may_be_anything(given):
    turns = (user("q"), assistant(tool_use("1", given)), user(result("1")))
    function = to_chat(*turns, tools=TOOLS)["messages"][1]["tool_calls"][0]["function"]
    assert json.loads(function["arguments"]) == given


def test_bug_24_reasoning_content_is_replayed_and_empty_where_unknown():
    thought = {"type": "thinking", "thinking": "hm", "signature": signatures.wrap("deepseek", "sent")}
    turns = (
        user("q"),
        assistant(thought, tool_use("1")),
        user(result("1")),
        assistant(tool_use("2")),
        user(result("2")),
    )
    found = to_chat(*turns, tools=TOOLS, profile=profiles.DEEPSEEK)["messages"]
    assert [one["reasoning_content"] for one in found if one["role"] == "assistant"] == ["hm", ""]


def test_bug_25_metadata_stays_and_a_status_is_kept():
    assert "metadata" not in to_chat(metadata={"user_id": "u"})
    assert OPENAI_CHAT.read_error(422, {}, b'{"detail":"bad"}').kind is ErrorKind.UPSTREAM_INVALID_REQUEST


def test_bug_26_cache_fields_go_to_nobody_who_rejects_them():
    marked = {"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}}
    for profile in (profiles.GENERIC, profiles.OPENAI, profiles.OLLAMA):
        assert "cache" not in json.dumps(to_chat(user(marked), system=[marked], profile=profile))


def test_bug_27_documents_are_files():
    (file,) = to_chat(user(PDF, {"type": "text", "text": ""}), profile=profiles.OPENAI)["messages"][0]["content"]
    assert file["file"]["file_data"] == "data:application/pdf;base64,JVBERi0="


def function(**more: Any) -> dict[str, Any]:
    return {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"} | more}


def test_bug_29_text_and_broken_calls_both_arrive():
    found = whole(content="t", tool_calls=[function(arguments='{"x":')], finish_reason="tool_calls")
    assert [block["type"] for block in found["content"]] == ["text", "tool_use"]
    assert found["content"][1]["input"] == {"__raw_arguments": '{"x":'}


def test_bug_31_cached_tokens_count_once():
    details = {"cached_tokens": 60, "cache_write_tokens": 10}
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": details}
    found = whole(content="t", usage=usage)["usage"]
    counts = (found["input_tokens"], found["cache_read_input_tokens"], found["cache_creation_input_tokens"])
    assert counts == (30, 60, 10)


def test_bug_34_blocks_stand_in_order():
    found = whole(tool_calls=[function()], content="t", reasoning_content="r")
    assert [block["type"] for block in found["content"]] == ["thinking", "text", "tool_use"]


def stop_reason(events: list[Any]) -> str:
    return str(next(event["delta"]["stop_reason"] for event in events if event["type"] == "message_delta"))


def test_bug_36_a_call_is_a_call_whatever_the_server_says():
    assert stop_reason(answer(call(0, "c", "f", "{}"), end("stop"), DONE)) == "tool_use"
    assert whole(tool_calls=[function()])["stop_reason"] == "tool_use"


def test_bug_43_the_end_does_not_wait_for_usage():
    found = answer(text("t"), chunk({}, "stop"), DONE)
    assert [event["type"] for event in found[-2:]] == ["message_delta", "message_stop"]
    assert found[-2]["usage"]["output_tokens"] > 0


def test_bug_47_a_signature_reaches_the_client():
    events = (
        {"type": "message_start", "message": {"id": "m", "model": "x", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "S=="}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )
    deltas = [one["choices"][0]["delta"] for one in claude_answers(*events)[:-1]]
    details = [detail for delta in deltas for detail in delta.get("reasoning_details", [])]
    assert [detail["text"] for detail in details] == ["hm", ""]
    assert details[1]["signature"] == "S=="


def test_bug_48_reasoning_without_text_does_not_swallow_the_call():
    profile = Profile(kind="openrouter", reasoning_in=ReasoningIn.DETAILS)
    secret = chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]})
    found = answer(secret, call(0, "c", "f", "{}"), end("tool_calls"), profile=profile)
    starts = [event["content_block"]["type"] for event in found if event["type"] == "content_block_start"]
    assert starts == ["thinking", "tool_use"]


def test_bug_54_a_cut_call_is_an_error():
    for cut in ([call(0, "c", "f", '{"x":')], [call(0, "c", "f", '{"x":'), DONE], [text("t")]):
        assert answer(*cut)[-1]["type"] == "error"


def test_bug_62_an_error_before_the_first_byte_is_no_empty_answer():
    reader = OPENAI_CHAT.stream_reader(road_for(ANTHROPIC_MESSAGES.read_request(asked()), *_written()))
    events = reader.feed(wire({"error": {"code": 429, "message": "slow"}}))
    assert not any(isinstance(event, MessageStart) for event in events)
    assert isinstance(events[0], StreamError)
    assert events[0].error.kind is ErrorKind.RATE_LIMITED


def _written() -> Any:
    request = ANTHROPIC_MESSAGES.read_request(asked())
    return OPENAI_CHAT.write_request(request, "sent", profiles.GENERIC), "sent", profiles.GENERIC, 5


def test_bug_64_streamed_calls_are_counted():
    def block(index: int) -> list[dict[str, Any]]:
        start = {"type": "tool_use", "id": f"t{index}", "name": "f", "input": {}}
        return [
            {"type": "content_block_start", "index": index, "content_block": start},
            {"type": "content_block_stop", "index": index},
        ]

    opening = {"type": "message_start", "message": {"id": "m", "model": "x", "usage": {"input_tokens": 1}}}
    words = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_stop", "index": 0},
    ]
    closing = [{"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}}, {"type": "message_stop"}]
    found = claude_answers(opening, *words, *block(1), *block(2), *closing)
    calls = [piece for one in found[:-1] for piece in one["choices"][0]["delta"].get("tool_calls", ())]
    assert [(piece["index"], piece["id"]) for piece in calls if "id" in piece] == [(0, "t1"), (1, "t2")]
    for index in (0, 1):
        arguments = "".join(piece["function"].get("arguments", "") for piece in calls if piece["index"] == index)
        assert json.loads(arguments) == {}


def test_bug_65_a_whole_answers_calls_and_reason_are_mapped():
    request = OPENAI_CHAT.read_request(json.dumps({"model": "gpt", "messages": [user("q")]}).encode())
    written = ANTHROPIC_MESSAGES.write_request(request, "claude-opus-4-5", profiles.ANTHROPIC)
    road = road_for(request, written, "claude-opus-4-5", profiles.ANTHROPIC, 5)
    block = {"type": "tool_use", "id": "t1", "name": "f", "input": {"x": 1}}
    body = {"id": "m", "model": "x", "content": [block], "stop_reason": "tool_use", "usage": {"input_tokens": 1}}
    reply = ANTHROPIC_MESSAGES.read_reply(json.dumps(body).encode(), road)
    (choice,) = json.loads(OPENAI_CHAT.write_reply(reply, road))["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {"x": 1}


def test_bug_69_new_models_get_no_temperature():
    assert "temperature" not in to_claude("claude-opus-4-8", temperature=0.5)
    assert to_claude("claude-opus-4-5", temperature=0.5)["temperature"] == 0.5


def test_bug_71_structured_output_is_asked_for():
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    assert to_claude(response_format=wanted)["output_config"]["format"]["type"] == "json_schema"


def test_bug_72_ids_that_claude_refuses_are_cleaned_on_both_sides():
    calls = [{"id": "a:b|c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    turns = [user("q"), {"role": "assistant", "content": None, "tool_calls": calls}]
    found = to_claude(messages=[*turns, {"role": "tool", "tool_call_id": "a:b|c", "content": "r"}])["messages"]
    own = found[1]["content"][0]["id"]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", own)
    assert found[2]["content"][0]["tool_use_id"] == own


def test_bug_74_no_thinking_where_the_last_turn_called_without_it():
    calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    turns = [user("q"), {"role": "assistant", "content": None, "tool_calls": calls}]
    turns.append({"role": "tool", "tool_call_id": "c", "content": "r"})
    assert "thinking" not in to_claude(messages=turns, reasoning_effort="high")
    assert to_claude(reasoning_effort="high")["thinking"]["type"] == "enabled"


def test_bug_99_odd_errors_keep_status_and_text():
    error = OPENAI_CHAT.read_error(422, {}, b'{"detail":[{"loc":["body","model"],"msg":"field required"}]}')
    reply = ANTHROPIC_MESSAGES.write_error(error, "req_1")
    assert reply.status == 400
    assert "field required" in json.loads(reply.body)["error"]["message"]


def test_bug_104_models_have_a_written_date():
    (model,) = json.loads(ANTHROPIC_MESSAGES.write_models([ModelEntry("m", "M", "o", 0)]))["data"]
    assert model["created_at"] == "1970-01-01T00:00:00Z"
