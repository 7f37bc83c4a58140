from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.request_read import peek, read_request
from app.dialects.base import Peek
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import (
    CacheMark,
    Format,
    FormatKind,
    Message,
    Reasoning,
    Request,
    Role,
    Text,
    Tool,
    ToolChoice,
    ToolChoiceMode,
)

USER = {"role": "user", "content": "q"}
CLAUDE_CODE_USER = json.dumps({"device_id": "d" * 64, "account_uuid": "", "session_id": "11111111-2222"})


def body(**members: Any) -> bytes:
    return json.dumps({"model": "claude-x", "max_tokens": 100, "messages": [USER]} | members).encode()


def read(**members: Any) -> Request:
    return read_request(body(**members))


def problem(**members: Any) -> PatchbayError:
    with pytest.raises(PatchbayError) as raised:
        read(**members)
    return raised.value


def test_the_least_request() -> None:
    least = Request("claude-x", (Message(Role.USER, (Text("q"),)),), max_tokens=100)
    assert read() == least


def test_everything_that_claude_code_sends() -> None:
    request = read(
        system=[
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.197.abc; cc_entrypoint=cli;"},
            {"type": "text", "text": "You are", "cache_control": {"type": "ephemeral"}},
        ],
        messages=[USER, {"role": "system", "content": "agents and skills"}, {"role": "assistant", "content": "ok"}],
        tools=[{"name": "Bash", "description": "d", "input_schema": {"type": "object"}}],
        thinking={"type": "adaptive"},
        output_config={"effort": "high"},
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        metadata={"user_id": CLAUDE_CODE_USER},
        stream=True,
    )
    assert request.system[0].text.startswith("x-anthropic-billing-header:")
    assert request.system[1] == Text("You are", CacheMark())
    assert [message.role for message in request.messages] == [Role.USER, Role.SYSTEM, Role.ASSISTANT]
    assert request.tools == (Tool("Bash", "d", b'{"type": "object"}'),)
    assert request.reasoning == Reasoning(enabled=True, effort="high", adaptive=True, show=True)
    assert (request.user_id, request.session_id, request.stream) == (CLAUDE_CODE_USER, "11111111-2222", True)
    assert request.dropped == ("context_management",)


def test_the_rest_of_the_fields() -> None:
    request = read(
        system="S",
        temperature=1,
        top_p=0.5,
        top_k=40,
        stop_sequences=["END"],
        service_tier="standard_only",
        tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    )
    assert request.system == (Text("S"),)
    assert (request.temperature, request.top_p, request.top_k) == (1.0, 0.5, 40)
    assert (request.stop, request.service_tier) == (("END",), "standard_only")
    assert request.tool_choice == ToolChoice(ToolChoiceMode.NAMED, "f")
    assert request.parallel_tool_calls is False


@pytest.mark.parametrize(
    ("given_choice", "mode"),
    [("auto", ToolChoiceMode.AUTO), ("any", ToolChoiceMode.REQUIRED), ("none", ToolChoiceMode.NONE)],
)
def test_tool_choices(given_choice: str, mode: ToolChoiceMode) -> None:
    request = read(tool_choice={"type": given_choice})
    assert (request.tool_choice, request.parallel_tool_calls) == (ToolChoice(mode), None)


@pytest.mark.parametrize(
    ("thinking", "output", "reasoning"),
    [
        (None, {"effort": "low"}, Reasoning(effort="low")),
        (None, {"effort": None}, Reasoning()),
        ({"type": "disabled"}, {"effort": "high"}, Reasoning(enabled=False, effort="high")),
        ({"type": "between_tools"}, None, Reasoning(enabled=False)),
        ({"type": "enabled", "budget_tokens": 31999}, None, Reasoning(enabled=True, budget_tokens=31999, show=True)),
        (
            {"type": "adaptive", "display": "omitted"},
            None,
            Reasoning(enabled=True, adaptive=True, show=True, omit_text=True),
        ),
    ],
)
def test_what_is_asked_of_thinking(thinking: Any, output: Any, reasoning: Reasoning) -> None:
    assert read(thinking=thinking, output_config=output).reasoning == reasoning


def test_structured_output() -> None:
    wanted = {"type": "json_schema", "schema": {"type": "object"}}
    assert read(output_config={"format": wanted}).format == Format(FormatKind.JSON_SCHEMA, b'{"type": "object"}')


def test_nulls_are_nothing() -> None:
    nothing = dict.fromkeys(
        ("system", "tools", "tool_choice", "thinking", "output_config", "metadata", "stream", "temperature", "top_p")
    )
    empty = {"mcp_servers": [], "container": None}
    assert read(**nothing, **empty) == read()


# --- instructions in mid-conversation ------------------------------------------------------------------------------


def texts(*messages: Any) -> list[tuple[str, str]]:
    return [(one.role.value, part.text) for one in read(messages=list(messages)).messages for part in one.parts]


def test_an_instruction_may_be_empty_or_in_blocks() -> None:
    empty = {"role": "system", "content": [], "output_config": {"effort": "low"}}
    blocks = {"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": ""}]}
    assert texts(USER, empty, blocks) == [("user", "q"), ("system", "a")]


def test_an_instruction_for_one_turn_goes_with_the_next_user_message() -> None:
    once = {"role": "system", "content": "once", "clear_at": "next_user_message"}
    always = {"role": "system", "content": "always", "clear_at": "never"}
    assert ("system", "once") in texts(USER, once, {"role": "assistant", "content": "a"})
    assert ("system", "once") not in texts(USER, once, USER)
    assert ("system", "always") in texts(USER, always, USER)


def test_a_tool_change_is_no_text_but_changes_the_tools() -> None:
    tools = [{"name": "a"}, {"name": "b"}]
    removal = {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "a"}}
    request = read(tools=tools, messages=[USER, {"role": "system", "content": [removal]}])
    assert [tool.name for tool in request.tools] == ["b"]
    assert len(request.messages) == 1


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mcp_servers", "container", "thread", "compaction"])
def test_what_would_change_the_answer_is_never_dropped(name: str) -> None:
    error = problem(**{name: [{"x": 1}]})
    assert (error.kind, error.param) == (ErrorKind.UNSUPPORTED, name)


def test_what_has_no_neutral_form_is_named() -> None:
    assert read(speed="fast", betas=[], custom_thing=1, cache_control={"type": "ephemeral"}).dropped == (
        "speed",
        "custom_thing",
        "cache_control",
    )


WRONG: dict[str, list[Any]] = {
    "model": [{}, [], None, 7, True, "m" * 10_000],
    "messages": ["x", {}, None, 7, [[]], ["x"], [{"role": "user", "content": 7}], [{"content": "x"}]],
    "max_tokens": [-1, True, "5", 1.5, 2**63, {}],
    "stream": ["yes", 1, []],
    "system": [7, {}, [7], [{"type": "text"}], [{"type": "image"}]],
    "tools": ["x", {}, [7], [{"name": 7}]],
    "tool_choice": ["auto", {"type": "sometimes"}, {"type": "tool"}, {}, []],
    "thinking": ["on", {"type": "deep"}, {"type": "enabled", "budget_tokens": -1}, {}],
    "output_config": ["x", {"effort": 7}, {"format": {"type": "json_schema"}}],
    "metadata": ["x", {"user_id": 7}],
    "temperature": ["hot", {}, True],
    "top_p": ["x", []],
    "top_k": [-1, 1.5, "x"],
    "stop_sequences": ["END", [7], {}],
    "service_tier": [7, {}],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_type_is_named(name: str, value: Any) -> None:
    error = problem(**{name: value})
    assert error.kind is ErrorKind.INVALID_REQUEST
    assert error.param is not None
    assert error.param.split(".")[0] == name
    assert error.message.startswith(error.param)


@pytest.mark.parametrize("number", ["1e309", "NaN"])
def test_numbers_that_are_none(number: str) -> None:
    with pytest.raises(PatchbayError) as raised:
        read_request(body(max_tokens="N").replace(b'"N"', number.encode()))
    assert raised.value.kind is ErrorKind.INVALID_REQUEST


def test_too_many_messages() -> None:
    with pytest.raises(PatchbayError) as raised:
        read_request(body(messages="M").replace(b'"M"', b"[" + b'{"role":"user"},' * 100_000 + b'{"role":"user"}]'))
    assert raised.value.param == "messages"


def test_the_role_at_fault_is_named() -> None:
    error = problem(messages=[USER, {"role": "tool", "content": "x"}])
    assert error.param == "messages.1.role"
    assert '"tool"' in error.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "content", "role"]), one),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*WRONG, "mcp_servers", "x"]), JSON, max_size=4))
def test_whatever_comes_is_read_or_refused_by_name(members: dict[str, Any]) -> None:
    try:
        request = read(**members)
    except PatchbayError as error:
        outcome = error.kind in {ErrorKind.INVALID_REQUEST, ErrorKind.UNSUPPORTED} and bool(error.param)
    else:
        outcome = isinstance(request, Request)
    assert outcome


# --- peek ----------------------------------------------------------------------------------------------------------


def test_peek_reads_the_little_that_routing_needs() -> None:
    assert peek(body(stream=True, metadata={"user_id": CLAUDE_CODE_USER})) == Peek("claude-x", True, "11111111-2222")
    old = "user_0a1b_account_2c3d_session_4e5f6a7b-1111-2222-3333-444455556666"
    assert peek(body(metadata={"user_id": old})).session_id == "4e5f6a7b-1111-2222-3333-444455556666"
    assert peek(b"{}") == Peek("", False)
    assert peek(body(stream=None)).stream is False


@pytest.mark.parametrize("metadata", [None, "x", {}, {"user_id": 7}, {"user_id": "{broken"}, {"user_id": "me"}])
def test_metadata_is_no_matter_of_routing(metadata: Any) -> None:
    assert peek(body(metadata=metadata)).session_id == ""


@pytest.mark.parametrize(("name", "value"), [("model", 7), ("model", None), ("model", "m" * 600), ("stream", "yes")])
def test_peek_refuses_what_it_cannot_route(name: str, value: Any) -> None:
    with pytest.raises(PatchbayError) as raised:
        peek(body(**{name: value}))
    assert raised.value.param == name
