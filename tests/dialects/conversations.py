"""The conversations that every road must carry, in the neutral form: what clients ask, and what upstreams answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.dialects import signatures
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


def system(text: str) -> Message:
    """An instruction on the way."""
    return Message(Role.SYSTEM, (Text(text),))


PLAIN = Request("asked", (user("What is the time?"),), system=(Text("Be short."),), max_tokens=4096)
_CALLED = (
    user("Weather and time?"),
    model("I look.", ToolCall("call_1", "weather", '{"city":"Köln"}'), ToolCall("call_2", "clock", "{}")),
    user(result("call_1", "rain"), result("call_2", "noon"), "Well?"),
)
_CALL = ToolCall("c1", "weather", '{"city":"Bonn"}')
_RAIN = (user("Weather?"), model(_CALL), user(result("c1", "rain")))
_ASKED_RAIN = replace(PLAIN, messages=_RAIN, tools=(WEATHER,))


def _rain(answer: ToolResult) -> Request:
    return replace(_ASKED_RAIN, messages=(*_RAIN[:-1], user(answer)))


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
    "instruction_after_results": replace(_ASKED_RAIN, messages=(*_RAIN, system("Be terse."))),
    "instruction_before_results": replace(_ASKED_RAIN, messages=(*_RAIN[:-1], system("Be terse."), _RAIN[-1])),
    "instruction_between_turns": replace(
        _ASKED_RAIN, messages=(*_RAIN, system("Be terse."), model("Rain."), user("And now?"))
    ),
    "free_text_tool": replace(
        PLAIN,
        messages=(
            user("Go."),
            model(ToolCall("c1", "patch", '{"input":"*** Begin\\nPatch é"}')),
            user(result("c1", "ok")),
        ),
        tools=(Tool("patch", "Patches a file", custom=True),),
    ),
    "pdf_as_result": _rain(ToolResult("c1", (Text("here"), Document("application/pdf", PDF, title="a.pdf")))),
    "plain_document": replace(PLAIN, messages=(user("Read.", Document("text/plain", text="Plain words.", title="t")),)),
    "plain_document_as_result": _rain(ToolResult("c1", (Document("text/plain", text="Plain words.", title="t"),))),
    "only_a_picture_as_result": _rain(ToolResult("c1", (Image("image/png", PIXEL),))),
    "nothing_as_result": _rain(ToolResult("c1")),
    "text_beside_a_result": replace(_ASKED_RAIN, messages=(*_RAIN[:-1], user(result("c1", "rain"), "Beside."))),
    "text_before_a_result": replace(_ASKED_RAIN, messages=(*_RAIN[:-1], user("Before.", result("c1", "rain")))),
    "text_after_a_call": replace(
        _ASKED_RAIN, messages=(user("Go."), model(_CALL, "After."), user(result("c1", "rain")))
    ),
    "call_without_arguments": replace(
        PLAIN, messages=(user("Go."), model(ToolCall("c1", "clock", "")), user(result("c1", "noon"))), tools=(CLOCK,)
    ),
    "huge_arguments_and_result": replace(
        _ASKED_RAIN,
        messages=(
            user("Go."),
            model(ToolCall("c1", "weather", '{"city":"%s"}' % ("é\N{LINE SEPARATOR}" * 100_000))),
            user(result("c1", "r" * 300_000)),
        ),
    ),
    "twenty_calls_answered_backwards": replace(
        _ASKED_RAIN,
        messages=(
            user("Go."),
            model(*(ToolCall(f"c{one}", "weather", f'{{"city":"{one}"}}') for one in range(20))),
            user(*(result(f"c{one}", f"rain {one}") for one in range(20))),
        ),
    ),
    "a_call_never_answered": replace(
        _ASKED_RAIN,
        messages=(user("Go."), model(_CALL, ToolCall("c2", "weather", "{}")), user(result("c1", "rain")), model("x")),
    ),
    "turns_of_one_speaker": replace(PLAIN, messages=(user("a"), user("b"), model("c"), model("d"), user("e"))),
    "the_model_begins": replace(PLAIN, messages=(model("Hello."), user("Hi."))),
    "empty_texts": replace(PLAIN, messages=(user(""), model(""), user("b"))),
    "only_instructions": replace(PLAIN, messages=()),
    "odd_tool_names": replace(
        PLAIN,
        messages=(
            user("Go."),
            model(ToolCall("a:b|c.d", "größe.x", '{"city":"x"}'), ToolCall("x" * 300, "1st", '{"city":"y"}')),
            user(result("a:b|c.d", "one"), result("x" * 300, "two")),
        ),
        tools=(replace(WEATHER, name="größe.x"), replace(CLOCK, name="1st")),
    ),
    "signatures_of_several_vendors": replace(
        _ASKED_RAIN,
        messages=(
            user("Go."),
            model(
                Thinking("a", signatures.wrap("gemini", "m1", b'"s1"')),
                ToolCall("c1", "weather", "{}", signature=signatures.wrap("gemini", "m2", b'"s2"')),
                Thinking("b", signatures.wrap("openai", "m1", b'{"id":"rs_1","encrypted_content":"s3"}')),
                Thinking(redacted="s4"),
                ToolCall("c2", "weather", "{}"),
            ),
            user(result("c1", "rain"), result("c2", "sun")),
        ),
    ),
    "many_tools": replace(PLAIN, tools=tuple(replace(WEATHER, name=f"t{one}") for one in range(150))),
    "unnamed_limit": replace(PLAIN, max_tokens=None),
    "more_thinking_than_most_know": replace(
        PLAIN, reasoning=Reasoning(enabled=True, effort="max", show=True), max_tokens=64_000
    ),
    "a_budget_for_thinking": replace(
        PLAIN, reasoning=Reasoning(enabled=True, budget_tokens=2000, show=True), max_tokens=64_000
    ),
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
    "several_thoughts_and_texts": Reply(
        "id1",
        "sent",
        (
            Thinking("Which?"),
            Text("First. "),
            Thinking("And then?"),
            ToolCall("call_1", "weather", '{"city":"Bonn"}'),
            Text("Second."),
            ToolCall("call_2", "clock", "{}"),
        ),
        StopReason.TOOL_USE,
        replace(_USAGE, reasoning_tokens=9),
    ),
    "twenty_calls": Reply(
        "id1",
        "sent",
        tuple(ToolCall(f"call_{one}", "weather", f'{{"city":"{one}"}}') for one in range(20)),
        StopReason.TOOL_USE,
        _USAGE,
    ),
    "refused_at_once": Reply("id1", "sent", (), StopReason.REFUSAL, _USAGE, refusal="I will not."),
    "cut_in_thought": Reply(
        "id1", "sent", (Thinking("Let me see"),), StopReason.MAX_TOKENS, replace(_USAGE, reasoning_tokens=25)
    ),
    "without_an_id": Reply("", "sent", (Text("Noon."),), StopReason.END_TURN, _USAGE),
    "what_looks_like_events": Reply(
        "id1", "sent", (Text("\n\r\n\x00data: [DONE]\n\n\N{LINE SEPARATOR}event: x\n"),), StopReason.END_TURN, _USAGE
    ),
    "written_to_the_cache": Reply(
        "id1", "sent", (Text("Noon."),), StopReason.END_TURN, replace(_USAGE, cache_write_5m_tokens=11)
    ),
}
