from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Tool, ToolChoice, ToolChoiceMode
from app.vendors import profiles
from tests.dialects.gemini.turns import OLDER, body, written

SCHEMA = (
    b'{"type":"object","properties":{"x":{"type":["string","null"],"$comment":"odd"}},"additionalProperties":false}'
)
F = Tool("f", "Does f", SCHEMA)
G = Tool("g")
SEARCH = Tool("web_search", kind="web_search_20250305", json=b'{"max_uses":3,"allowed_domains":["a"]}')
FETCH = Tool("web_fetch", kind="web_fetch_20250910", json=b"{}")


def choice(mode: ToolChoiceMode, name: str = "") -> ToolChoice:
    return ToolChoice(mode, name)


NAMED = choice(ToolChoiceMode.NAMED, "f")


def declared(*tools: Tool, **more: Any) -> list[dict[str, Any]]:
    return list(body(tools=tools, **more)["tools"][0]["functionDeclarations"])


def test_a_schema_goes_as_it_is():
    (found,) = declared(F)
    assert found == {"name": "f", "description": "Does f", "parametersJsonSchema": json.loads(SCHEMA)}
    assert SCHEMA in written(tools=(F,)).body


def test_or_as_the_subset_of_older_servers():
    (found,) = declared(F, profile=replace(profiles.GEMINI, parameters_schema=True))
    assert found["parameters"] == {
        "type": "object",
        "properties": {"x": {"type": "string", "nullable": True}},
    }


@pytest.mark.parametrize(
    "schema", [b"", b"{}", b'{"type":"object","properties":{}}', b'{"type":"object","additionalProperties":false}']
)
def test_a_function_that_takes_nothing_has_no_schema(schema: bytes):
    assert declared(replace(G, schema=schema)) == [{"name": "g"}]


def test_a_tool_for_free_text_takes_an_input():
    (found,) = declared(Tool("p", custom=True))
    assert found["parametersJsonSchema"]["required"] == ["input"]


def test_strictness_has_no_form_and_is_named():
    assert written(tools=(replace(F, strict=True),)).dropped == ("tools.f.strict",)


def test_names_are_made_to_fit_and_come_back():
    sent = written(tools=(Tool("7.zip"), F))
    (name,) = sent.names.to_client
    assert name.startswith("_7_zip_")
    assert sent.names.client(name) == "7.zip"


def test_each_name_once_and_no_more_than_the_upstream_takes():
    profile = replace(profiles.GEMINI, max_tools=2)
    tools = (G, replace(G, description="again"), Tool("h"), F)
    assert [one["name"] for one in declared(*tools, profile=profile)] == ["g", "h"]
    assert [one["name"] for one in declared(*tools, profile=profile, tool_choice=NAMED)] == ["g", "f"]


@pytest.mark.parametrize(
    ("given", "config"),
    [
        (None, None),
        (choice(ToolChoiceMode.AUTO), {"mode": "AUTO"}),
        (choice(ToolChoiceMode.REQUIRED), {"mode": "ANY"}),
        (choice(ToolChoiceMode.NONE), {"mode": "NONE"}),
        (NAMED, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_the_choice_keeps_its_meaning(given: ToolChoice | None, config: dict[str, Any] | None):
    found = body(tools=(F,), tool_choice=given)
    assert found.get("toolConfig") == (None if config is None else {"functionCallingConfig": config})


def test_a_choice_without_tools_is_none():
    assert "toolConfig" not in body(tool_choice=choice(ToolChoiceMode.AUTO))
    sent = written(tools=(F,), tool_choice=NAMED, profile=replace(profiles.GEMINI, tool_choice=False))
    assert sent.dropped == ("tool_choice",)


def test_a_choice_of_nothing_that_is_offered_is_an_error():
    with pytest.raises(PatchbayError) as raised:
        written(tools=(F,), tool_choice=choice(ToolChoiceMode.NAMED, "other"))
    assert (raised.value.kind, raised.value.param) == (ErrorKind.INVALID_REQUEST, "tool_choice")


def test_one_call_at_a_time_cannot_be_asked_for():
    assert written(tools=(F,), parallel_tool_calls=False).dropped == ("parallel_tool_calls",)
    assert written(parallel_tool_calls=False).dropped == ()


def test_a_web_search_is_google_s():
    sent = written(tools=(SEARCH,), tool_choice=choice(ToolChoiceMode.NAMED, "web_search"))
    found = json.loads(sent.body)
    assert found["tools"] == [{"googleSearch": {}}]
    assert "toolConfig" not in found
    assert sent.dropped == ("tools.web_search.max_uses", "tools.web_search.allowed_domains")


def test_the_third_generation_takes_it_beside_functions():
    found = body(tools=(F, SEARCH), tool_choice=choice(ToolChoiceMode.AUTO))
    assert [next(iter(one)) for one in found["tools"]] == ["functionDeclarations", "googleSearch"]
    assert found["toolConfig"] == {"includeServerSideToolInvocations": True}
    assert body(tools=(F, SEARCH), tool_choice=NAMED)["toolConfig"]["functionCallingConfig"]["mode"] == "ANY"


def test_older_models_are_told_that_it_is_missing():
    sent = written(tools=(F, SEARCH), model=OLDER)
    found = json.loads(sent.body)
    assert [next(iter(one)) for one in found["tools"]] == ["functionDeclarations"]
    assert "web_search" in found["systemInstruction"]["parts"][0]["text"]
    assert "tools.web_search" in sent.dropped


@pytest.mark.parametrize("model", [OLDER, "gemini-3.8-flash"])
def test_a_search_that_is_demanded_goes_alone(model: str):
    found = body(tools=(F, SEARCH), tool_choice=choice(ToolChoiceMode.NAMED, "web_search"), model=model)
    assert found["tools"] == [{"googleSearch": {}}]
    assert "toolConfig" not in found


def test_tools_of_other_vendors_are_left_out_or_refused():
    sent = written(tools=(F, FETCH))
    assert "web_fetch" in json.loads(sent.body)["systemInstruction"]["parts"][0]["text"]
    assert sent.dropped == ("tools.web_fetch",)
    with pytest.raises(PatchbayError) as raised:
        written(tools=(FETCH,), tool_choice=choice(ToolChoiceMode.NAMED, "web_fetch"))
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "tool_choice")
    with pytest.raises(PatchbayError) as raised:
        written(tools=(Tool("code_execution", kind="code_execution_20250825"),))
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "tools")


def test_a_search_that_is_left_out_beside_functions_is_dropped_with_its_functions_named():
    sent = written(tools=(F, SEARCH), tool_choice=choice(ToolChoiceMode.NAMED, "web_search"))
    assert "tools: functions beside a web search" in sent.dropped
