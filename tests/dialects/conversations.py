"""The conversations that every road must carry, in the neutral form: what clients ask, and what upstreams answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.domain.events import Reply, StopReason
from app.domain.request import (
    Document,
    Format,
    FormatKind,
    Image,
    Message,
    Reasoning,
    Request,
    Role,
    Search,
    SearchHit,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolChoiceMode,
    ToolResult,
)
from app.domain.usage import Usage

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = "JVBERi0xLjQKJcOkw7zDtsOfCg=="
SCHEMA = b'{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}'
WEATHER = Tool("weather", "The weather of a city", SCHEMA)
CLOCK = Tool("clock", "The time", b'{"type":"object","properties":{}}')
LONG = "mcp__a_server_with_a_very_long_name__and_a_tool_whose_name_is_not_short_either_at_all"
ODD = 'é漢😀 \N{LINE SEPARATOR} \\ " </think>'


def user(*parts: Text | Image | Document | ToolResult | str) -> Message:
    """What the user says, shows or hands back."""
    return Message(Role.USER, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def model(*parts: Text | Thinking | ToolCall | str) -> Message:
    """What the model said and called."""
    return Message(Role.ASSISTANT, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def result(call_id: str, *parts: Text | Image | str, is_error: bool = False) -> ToolResult:
    """What a tool answered."""
    return ToolResult(call_id, tuple(Text(part) if isinstance(part, str) else part for part in parts), is_error)


PLAIN = Request("asked", (user("What is the time?"),), system=(Text("Be short."),), max_tokens=4096)
_CALLED = (
    user("Weather and time?"),
    model("I look.", ToolCall("call_1", "weather", '{"city":"Köln"}'), ToolCall("call_2", "clock", "{}")),
    user(result("call_1", "rain"), result("call_2", "noon"), "Well?"),
)

REQUESTS: Mapping[str, Request] = {
    "plain": PLAIN,
    "streamed": replace(PLAIN, stream=True, include_usage=True),
    "odd_letters": replace(PLAIN, messages=(user(ODD),), system=(Text(ODD),)),
    "several_turns": replace(PLAIN, messages=(user("One"), model("Two"), user("Three"))),
    "tools": replace(PLAIN, tools=(WEATHER, CLOCK)),
    "parallel_calls": replace(PLAIN, messages=_CALLED, tools=(WEATHER, CLOCK)),
    "a_later_question": replace(
        PLAIN, messages=(*_CALLED, model("Rain at noon."), user("Thanks. And now?")), tools=(WEATHER, CLOCK)
    ),
    "an_error_result": replace(
        PLAIN,
        messages=(
            user("Weather?"),
            model(ToolCall("call_1", "weather", '{"city":"Bonn"}')),
            user(result("call_1", "Error: no such city", is_error=True)),
        ),
        tools=(WEATHER,),
    ),
    "a_picture_as_result": replace(
        PLAIN,
        messages=(
            user("Look."),
            model(ToolCall("call_1", "weather", '{"city":"Bonn"}')),
            user(result("call_1", "seen", Image("image/png", PIXEL))),
        ),
        tools=(WEATHER,),
    ),
    "long_tool_name": replace(
        PLAIN,
        messages=(user("Go."), model(ToolCall("call_1", LONG, "{}")), user(result("call_1", "gone"))),
        tools=(replace(CLOCK, name=LONG),),
    ),
    "long_tool_id": replace(
        PLAIN,
        messages=(
            user("Go."),
            model(ToolCall("call_" + "x" * 90, "clock", "{}")),
            user(result("call_" + "x" * 90, "gone")),
        ),
        tools=(CLOCK,),
    ),
    "choice_auto": replace(PLAIN, tools=(WEATHER,), tool_choice=ToolChoice(ToolChoiceMode.AUTO)),
    "choice_required": replace(PLAIN, tools=(WEATHER,), tool_choice=ToolChoice(ToolChoiceMode.REQUIRED)),
    "choice_none": replace(PLAIN, tools=(WEATHER,), tool_choice=ToolChoice(ToolChoiceMode.NONE)),
    "choice_named": replace(PLAIN, tools=(WEATHER, CLOCK), tool_choice=ToolChoice(ToolChoiceMode.NAMED, "clock")),
    "one_call_at_a_time": replace(PLAIN, tools=(WEATHER,), parallel_tool_calls=False),
    "picture": replace(PLAIN, messages=(user("What is this?", Image("image/png", PIXEL)),)),
    "picture_by_url": replace(PLAIN, messages=(user("What is this?", Image(url="https://example.com/a.png")),)),
    "pdf": replace(PLAIN, messages=(user("Read.", Document("application/pdf", PDF, title="a.pdf")),)),
    "sampling": replace(PLAIN, temperature=0.5, top_p=0.9, top_k=40),
    "stop": replace(PLAIN, stop=("END", "STOP")),
    "effort": replace(PLAIN, reasoning=Reasoning(enabled=True, effort="high", show=True), max_tokens=64_000),
    "no_thinking": replace(PLAIN, reasoning=Reasoning(enabled=False)),
    "schema": replace(PLAIN, format=Format(FormatKind.JSON_SCHEMA, SCHEMA, "place", strict=True)),
    "json": replace(PLAIN, messages=(user("Answer in JSON."),), format=Format(FormatKind.JSON_OBJECT)),
    "instruction_on_the_way": replace(
        PLAIN, messages=(user("One"), model("Two"), user("Three"), Message(Role.SYSTEM, (Text("Now in French."),)))
    ),
    "foreign_thinking": replace(
        PLAIN, messages=(user("One"), model(Thinking("hm", signature="not-ours-nor-theirs"), "Two"), user("Three"))
    ),
    "identity": replace(PLAIN, user_id="user-17", session_id="session-4"),
}
"""Every question is in a client's power to ask; what an upstream cannot be asked must be named or refused."""

_USAGE = Usage(input_tokens=70, cache_read_tokens=30, output_tokens=25, reasoning_tokens=0)

REPLIES: Mapping[str, Reply] = {
    "text": Reply("id1", "sent", (Text("Noon."),), StopReason.END_TURN, _USAGE),
    "odd_letters": Reply("id1", "sent", (Text(ODD * 3),), StopReason.END_TURN, _USAGE),
    "thinking": Reply(
        "id1",
        "sent",
        (Thinking("Let me see."), Text("Noon.")),
        StopReason.END_TURN,
        replace(_USAGE, reasoning_tokens=9),
    ),
    "call": Reply("id1", "sent", (ToolCall("call_1", "weather", '{"city":"Köln"}'),), StopReason.TOOL_USE, _USAGE),
    "text_and_calls": Reply(
        "id1",
        "sent",
        (
            Text("I look."),
            ToolCall("call_1", "weather", '{"city":"Köln","note":"a \\"quoted\\" word"}'),
            ToolCall("call_2", "clock", "{}"),
        ),
        StopReason.TOOL_USE,
        _USAGE,
    ),
    "thinking_and_call": Reply(
        "id1",
        "sent",
        (Thinking("Which city?"), ToolCall("call_1", "weather", '{"city":"Bonn"}')),
        StopReason.TOOL_USE,
        replace(_USAGE, reasoning_tokens=9),
    ),
    "cut_by_the_limit": Reply("id1", "sent", (Text("Once upon"),), StopReason.MAX_TOKENS, _USAGE),
    "refused": Reply("id1", "sent", (Text("I"),), StopReason.REFUSAL, _USAGE, refusal="I will not."),
    "searched": Reply(
        "id1",
        "sent",
        (Search("ws_1", "weather", (SearchHit("https://example.com/w", "Weather", 0, 5),)), Text("Rain in Bonn.")),
        StopReason.END_TURN,
        replace(_USAGE, web_searches=1),
    ),
    "nothing": Reply("id1", "sent", (), StopReason.END_TURN, replace(_USAGE, output_tokens=0)),
    "written_to_the_cache": Reply(
        "id1", "sent", (Text("Noon."),), StopReason.END_TURN, replace(_USAGE, cache_write_5m_tokens=11)
    ),
}
