from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.dialects.anthropic_messages.request_write import write_request
from app.dialects.base import Written
from app.domain.provider import Profile
from app.domain.request import (
    CacheMark,
    Format,
    FormatKind,
    Message,
    Reasoning,
    Request,
    Role,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolChoiceMode,
    ToolResult,
)
from app.vendors.profiles import ANTHROPIC

USER = Message(Role.USER, (Text("q"),))
LEAST = Request("gpt-5.5", (USER,), max_tokens=1000)
OLD, NEW = "claude-opus-4-5", "claude-opus-4-8"
WEATHER = Tool("get_weather", "d", b'{"type":"object","properties":{}}')
LOOP = (
    USER,
    Message(Role.ASSISTANT, (ToolCall("c1", "get_weather", "{}"),)),
    Message(Role.USER, (ToolResult("c1", (Text("sunny"),)),)),
)


def write(model: str = OLD, profile: Profile = ANTHROPIC, **members: Any) -> Written:
    return write_request(replace(LEAST, **members), model, profile)


def body(model: str = OLD, profile: Profile = ANTHROPIC, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(write(model, profile, **members).body)
    return made


def test_the_least_request() -> None:
    assert body() == {"model": OLD, "max_tokens": 1000, "messages": [{"role": "user", "content": "q"}]}


def test_the_same_request_gives_the_same_bytes() -> None:
    members = {"tools": (WEATHER,), "messages": LOOP, "system": (Text("S", CacheMark()),), "user_id": "u" * 400}
    assert write(**members).body == write(**members).body


# --- how much ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "asked", "stream", "sent"),
    [
        (OLD, None, False, 8_192),
        (OLD, None, True, 32_000),
        ("claude-3-haiku-20240307", None, True, 4_096),
        (OLD, 200_000, True, 64_000),
        ("glm-4.6", 200_000, True, 200_000),
        (OLD, 0, True, 1),
    ],
)
def test_how_many_tokens_are_asked_for(model: str, asked: int | None, stream: bool, sent: int) -> None:
    made = body(model, max_tokens=asked, stream=stream)
    assert made["max_tokens"] == sent
    assert made.get("stream", False) is stream


def test_the_users_own_limit_wins_over_what_we_know_of_the_model() -> None:
    assert body(profile=replace(ANTHROPIC, max_output_tokens=500))["max_tokens"] == 500


# --- thinking ------------------------------------------------------------------------------------------------------


def test_an_effort_is_a_budget_for_an_old_model() -> None:
    made = body(reasoning=Reasoning(effort="low"))
    assert made["thinking"] == {"type": "enabled", "budget_tokens": 4096}
    assert made["max_tokens"] == 5096
    assert "output_config" not in made


def test_an_effort_is_an_effort_for_a_new_model() -> None:
    made = body(NEW, reasoning=Reasoning(effort="high"))
    assert (made["thinking"], made["output_config"]) == ({"type": "adaptive"}, {"effort": "high"})
    assert body(NEW, reasoning=Reasoning(enabled=False, effort="high"))["thinking"] == {"type": "disabled"}


@pytest.mark.parametrize("mode", [ToolChoiceMode.REQUIRED, ToolChoiceMode.NAMED])
def test_a_forced_tool_and_thinking_do_not_go_together(mode: ToolChoiceMode) -> None:
    choice = ToolChoice(mode, "get_weather")
    for model in (OLD, NEW):
        made = body(model, reasoning=Reasoning(effort="high"), tools=(WEATHER,), tool_choice=choice)
        assert "thinking" not in made


def test_a_tool_loop_that_began_without_thinking_goes_on_without() -> None:
    asked = Reasoning(effort="high")
    assert "thinking" not in body(OLD, messages=LOOP, tools=(WEATHER,), reasoning=asked)
    assert "thinking" in body(NEW, messages=LOOP, tools=(WEATHER,), reasoning=asked)
    begun = (USER, Message(Role.ASSISTANT, (Thinking("h", "S"), *LOOP[1].parts)), LOOP[2])
    assert "thinking" in body(OLD, messages=begun, tools=(WEATHER,), reasoning=asked)


# --- sampling ------------------------------------------------------------------------------------------------------


def test_a_new_model_takes_no_sampling_and_the_record_says_so() -> None:
    made = write(NEW, temperature=0.5, top_p=0.9, top_k=5)
    assert not {"temperature", "top_p", "top_k"} & set(json.loads(made.body))
    assert made.dropped == ("temperature", "top_p", "top_k")


def test_temperature_is_bounded_and_stands_alone() -> None:
    made = write(temperature=1.6, top_p=0.5)
    assert json.loads(made.body)["temperature"] == 1
    assert made.dropped == ("top_p",)
    assert body(top_p=0.5, top_k=7)["top_p"] == 0.5
    assert body(top_p=0.5, top_k=7)["top_k"] == 7


def test_sampling_beside_thinking() -> None:
    asked = {"reasoning": Reasoning(effort="low"), "temperature": 0.2, "top_p": 0.5, "top_k": 5}
    assert write(**asked).dropped == ("temperature", "top_p", "top_k")
    assert body(reasoning=Reasoning(effort="low"), top_p=0.97)["top_p"] == 0.97


def test_a_profile_may_forbid_sampling() -> None:
    assert write(profile=replace(ANTHROPIC, sampling="none"), temperature=0.5).dropped == ("temperature",)
    assert write(profile=replace(ANTHROPIC, sampling="temp_only"), top_p=0.5).dropped == ("top_p",)


# --- system, tools, format -----------------------------------------------------------------------------------------


def test_system_texts_are_one_string_unless_one_is_to_be_cached() -> None:
    assert body(system=(Text("A"), Text("B")))["system"] == "A\n\nB"
    assert body(system=(Text("A"), Text("B", CacheMark())))["system"] == [
        {"type": "text", "text": "A"},
        {"type": "text", "text": "B", "cache_control": {"type": "ephemeral"}},
    ]


def test_a_history_of_calls_without_tools_gets_stubs_that_may_not_be_called() -> None:
    made = body(messages=LOOP)
    assert made["tools"] == [{"name": "get_weather", "input_schema": {"type": "object"}}]
    assert made["tool_choice"] == {"type": "none"}


def test_a_choice_without_tools_is_left_out() -> None:
    assert "tool_choice" not in body(tool_choice=ToolChoice(ToolChoiceMode.AUTO), parallel_tool_calls=False)


def test_names_are_changed_everywhere_and_the_way_back_is_kept() -> None:
    long = "mcp__" + "x" * 140
    history = (USER, Message(Role.ASSISTANT, (ToolCall("c", long, "{}"),)))
    made = write(tools=(Tool(long),), messages=history, tool_choice=ToolChoice(ToolChoiceMode.NAMED, long))
    sent = json.loads(made.body)
    name = sent["tools"][0]["name"]
    assert name == sent["tool_choice"]["name"] == sent["messages"][1]["content"][0]["name"] != long
    assert made.names.client(name) == long


SCHEMA = Format(FormatKind.JSON_SCHEMA, b'{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}')


def test_structured_output_is_native_where_the_model_has_it() -> None:
    made = body(format=SCHEMA)
    assert made["output_config"]["format"]["type"] == "json_schema"
    assert made["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert not write(format=SCHEMA).json_tool


def test_structured_output_is_a_forced_tool_where_it_has_not() -> None:
    made = write("claude-opus-4-1", format=SCHEMA, reasoning=Reasoning(effort="high"))
    sent = json.loads(made.body)
    assert made.json_tool
    assert sent["tools"][0]["name"] == "json_output"
    assert sent["tool_choice"] == {"type": "tool", "name": "json_output"}
    assert "thinking" not in sent
    assert "output_config" not in sent


def test_any_json_is_asked_for_in_words() -> None:
    assert body(system=(Text("S"),), format=Format(FormatKind.JSON_OBJECT))["system"] == (
        "S\n\nReply with one valid JSON object and nothing else."
    )


# --- the rest ------------------------------------------------------------------------------------------------------


def test_stop_sequences_without_blank_ones() -> None:
    made = write(stop=("END", " \n", ""))
    assert json.loads(made.body)["stop_sequences"] == ["END"]
    assert made.dropped == ("stop",)
    assert "stop_sequences" not in body(stop=(" ",))
    assert body(profile=replace(ANTHROPIC, stop_max=1), stop=("a", "b"))["stop_sequences"] == ["a"]


def test_who_asks() -> None:
    assert body(user_id="u9")["metadata"] == {"user_id": "u9"}
    assert len(body(user_id="u" * 300)["metadata"]["user_id"]) == 34


@pytest.mark.parametrize(
    ("tier", "sent", "dropped"),
    [("", None, ()), ("auto", None, ()), ("default", "standard_only", ()), ("flex", None, ("service_tier",))],
)
def test_service_tiers(tier: str, sent: str | None, dropped: tuple[str, ...]) -> None:
    made = write(service_tier=tier)
    assert (json.loads(made.body).get("service_tier"), made.dropped) == (sent, dropped)


def test_what_reading_dropped_stays_named_and_nothing_twice() -> None:
    made = write(NEW, dropped=("seed", "temperature"), temperature=0.5)
    assert made.dropped == ("seed", "temperature")


def test_the_last_four_cache_marks_count_over_tools_system_and_messages() -> None:
    marked = CacheMark()
    made = write(
        tools=(replace(WEATHER, cache=marked),),
        system=(Text("S", marked),),
        messages=tuple(Message(role, (Text("t", marked),)) for role in (Role.USER, Role.ASSISTANT, Role.USER)),
    ).body
    assert made.count(b"cache_control") == 4
    assert b"cache_control" not in made.split(b'"tools"')[1].split(b'"messages"')[0]
