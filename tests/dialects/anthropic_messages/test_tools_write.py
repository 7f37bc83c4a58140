from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from app.dialects.anthropic_messages.blocks_write import BlockWriter
from app.dialects.anthropic_messages.families import family_of
from app.dialects.anthropic_messages.tools_write import ToolWriter, format_tool, stub_tools
from app.dialects.names import ToolNames
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import CacheMark, Format, FormatKind, Request, Tool, ToolChoice, ToolChoiceMode

SCHEMA = b'{"type":"object","properties":{},"additionalProperties":false}'
PROFILE = Profile(max_tools=4, cache_control=True)


def writer(*tools: Tool, model: str = "claude-opus-4-5", profile: Profile = PROFILE, **members: Any) -> ToolWriter:
    names = ToolNames(tool.name for tool in tools)
    request = Request("m", (), tools=tools, **members)
    return ToolWriter(request, family_of(model), profile, names, BlockWriter(names, cache=True))


def written(*tools: Tool, **more: Any) -> Any:
    return json.loads(msgspec.json.encode(writer(*tools, **more).tools()))


def test_a_tool() -> None:
    tool = Tool("get.weather", "d", SCHEMA, cache=CacheMark())
    (made,) = written(tool)
    assert made["name"].startswith("get_weather_")
    assert (made["description"], made["input_schema"]) == ("d", json.loads(SCHEMA))
    assert made["cache_control"] == {"type": "ephemeral"}
    assert written(Tool("f")) == [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]


def test_strict_only_where_the_model_and_the_schema_allow_it() -> None:
    tool = Tool("f", schema=SCHEMA, strict=True)
    assert written(tool)[0]["strict"] is True
    for other in (writer(tool, model="claude-opus-4-1"), writer(replace(tool, schema=b'{"type":"object"}'))):
        assert "strict" not in json.loads(msgspec.json.encode(other.tools()))[0]
        assert other.dropped == ["tools.f.strict"]


def test_a_tool_of_free_text_takes_an_object_with_it() -> None:
    (made,) = written(Tool("apply_patch", custom=True))
    assert made["input_schema"]["required"] == ["input"]


def test_every_name_once_and_no_more_than_the_upstream_takes() -> None:
    one = writer(Tool("a"), Tool("a", "again"), *(Tool(f"t{index}") for index in range(6)))
    assert [tool["name"] for tool in json.loads(msgspec.json.encode(one.tools()))] == ["a", "t0", "t1", "t2"]
    assert one.dropped == ["tools[4:]"]


def test_the_vendors_own_tools_stay_as_they_were() -> None:
    given = b'{"type":"web_search_20260209","name":"web_search","max_uses":3}'
    assert written(Tool("web_search", kind="web_search_20260209", json=given)) == [json.loads(given)]


def test_a_search_of_any_dialect_is_the_vendors() -> None:
    options = b'{"search_context_size":"low","user_location":{"type":"approximate","city":"Ulm"},"max_uses":null}'
    tool = Tool("web_search", kind="web_search", json=options)
    assert written(tool) == [
        {
            "type": "web_search_20250305",
            "name": "web_search",
            "user_location": {"type": "approximate", "city": "Ulm"},
        }
    ]
    one = writer(tool)
    one.tools()
    assert one.dropped == ["tools.web_search.search_context_size"]


def test_a_tool_that_another_vendor_runs_is_named_or_refused() -> None:
    tool = Tool("file_search", kind="file_search", json=b"{}")
    one = writer(tool)
    assert one.tools() == []
    assert one.dropped == ["tools.file_search"]
    with pytest.raises(PatchbayError) as raised:
        writer(tool, tool_choice=ToolChoice(ToolChoiceMode.NAMED, "file_search")).tools()
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "tools")


@pytest.mark.parametrize(
    ("choice", "parallel", "sent"),
    [
        (None, None, None),
        (None, True, None),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (ToolChoice(ToolChoiceMode.AUTO), None, {"type": "auto"}),
        (ToolChoice(ToolChoiceMode.REQUIRED), False, {"type": "any", "disable_parallel_tool_use": True}),
        (ToolChoice(ToolChoiceMode.NONE), False, {"type": "none"}),
        (ToolChoice(ToolChoiceMode.NAMED, "f"), None, {"type": "tool", "name": "f"}),
    ],
)
def test_choices(choice: ToolChoice | None, parallel: bool | None, sent: Any) -> None:
    assert writer(Tool("f"), tool_choice=choice, parallel_tool_calls=parallel).choice(json_tool=False) == sent


def test_an_upstream_without_choices_is_not_given_one() -> None:
    one = writer(Tool("f"), tool_choice=ToolChoice(ToolChoiceMode.AUTO), profile=replace(PROFILE, tool_choice=False))
    assert one.choice(json_tool=False) is None
    assert one.dropped == ["tool_choice"]


def test_structured_output_forces_its_tool_but_leaves_others_to_be_called() -> None:
    assert writer().choice(json_tool=True) == {"type": "tool", "name": "json_output"}
    assert writer(Tool("f")).choice(json_tool=True) == {"type": "any"}
    made = json.loads(msgspec.json.encode(format_tool(Format(FormatKind.JSON_SCHEMA, SCHEMA))))
    assert (made["name"], made["input_schema"]) == ("json_output", json.loads(SCHEMA))


def test_stubs_for_a_history_of_calls() -> None:
    assert stub_tools(["a", "b", "a"]) == [
        {"name": "a", "input_schema": {"type": "object"}},
        {"name": "b", "input_schema": {"type": "object"}},
    ]
