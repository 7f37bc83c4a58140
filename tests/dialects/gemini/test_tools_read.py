from __future__ import annotations

import json

import pytest

from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Tool, ToolChoice, ToolChoiceMode

CONTENTS = [{"parts": [{"text": "q"}]}]


def read(*tools, config=None, **more):
    body = {"contents": CONTENTS, "tools": list(tools)} | more
    return GEMINI.read_request(json.dumps(body | ({"toolConfig": config} if config else {})).encode())


def refused(*tools, kind=ErrorKind.INVALID_REQUEST, **more):
    with pytest.raises(PatchbayError) as raised:
        read(*tools, **more)
    assert raised.value.kind is kind
    return raised.value.param


def functions(*names):
    return {"functionDeclarations": [{"name": name} for name in names]}


def choice(mode=None, *allowed, tools=("f", "g", "h")):
    calling = {"mode": mode} | ({"allowedFunctionNames": list(allowed)} if allowed else {})
    found = read(functions(*tools), config={"functionCallingConfig": calling})
    return found.tool_choice, [tool.name for tool in found.tools]


def test_functions_of_all_tools_in_order():
    assert [tool.name for tool in read(functions("a", "b"), functions("c")).tools] == ["a", "b", "c"]
    assert read().tools == ()


def test_a_json_schema_stays_and_googles_schema_is_made_one():
    free = '{"type":"object","properties":{"type":{"type":"string"}},"$schema":"x"}'
    both = {"name": "f", "description": "d", "parameters": {"type": "STRING"}, "parametersJsonSchema": json.loads(free)}
    body = '{"contents":[{"parts":[]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":%s}]}]}'
    assert GEMINI.read_request((body % free).encode()).tools == (Tool("f", schema=free.encode()),)
    found = read({"functionDeclarations": [both]}).tools[0]
    assert (found.description, json.loads(found.schema)) == ("d", json.loads(free))
    typed = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "NUMBER"}}}}
    assert json.loads(read({"functionDeclarations": [typed]}).tools[0].schema) == {
        "type": "object",
        "properties": {"a": {"type": "number"}},
    }
    assert read(functions("f")).tools[0].schema == b""


@pytest.mark.parametrize(
    ("declared", "param"),
    [
        ({}, "tools.0.functionDeclarations.0.name"),
        ({"name": ""}, "tools.0.functionDeclarations.0.name"),
        ({"name": "f", "parameters": "x"}, "tools.0.functionDeclarations.0.parameters"),
        ({"name": "f", "parametersJsonSchema": [1]}, "tools.0.functionDeclarations.0.parametersJsonSchema"),
        ({"name": "f", "parameters_json_schema": 7}, "tools.0.functionDeclarations.0.parameters_json_schema"),
    ],
)
def test_what_is_wrong_is_named(declared, param):
    assert refused({"functionDeclarations": [declared]}) == param


def test_what_of_a_function_has_no_form_elsewhere_is_named():
    declared = {"name": "f", "response": {"type": "STRING"}, "behavior": "BLOCKING"}
    assert set(read({"function_declarations": [declared]}).dropped) == {
        "tools.function_declarations.response",
        "tools.function_declarations.behavior",
    }


def test_the_web_search_under_each_of_its_names():
    plain = Tool("googleSearch", kind="web_search", json=b"{}")
    for tool in (
        {"googleSearch": {}},
        {"google_search": {}},
        {"googleSearchRetrieval": {}},
        {"enterpriseWebSearch": {}},
    ):
        assert read(tool).tools == (plain,)
    wishes = {"excludeDomains": ["a.com"], "blockingConfidence": "x", "timeRangeFilter": {}}
    found = read({"googleSearch": wishes})
    assert found.tools[0].json == b'{"blocked_domains":["a.com"]}'
    assert set(found.dropped) == {"tools.googleSearch.blockingConfidence", "tools.googleSearch.timeRangeFilter"}


def test_what_else_google_runs():
    found = read({"urlContext": {}, "codeExecution": {}}, {"google_maps": {}})
    assert found.tools == (Tool("urlContext", kind="web_fetch", json=b"{}"),)
    assert set(found.dropped) == {"tools.codeExecution", "tools.google_maps"}
    for name in ("computerUse", "fileSearch", "retrieval", "mcpServers"):
        assert refused({name: {"a": 1}}, kind=ErrorKind.UNSUPPORTED) == f"tools.0.{name}"


def test_tool_choice():
    everything = ["f", "g", "h"]
    assert choice("AUTO") == (ToolChoice(ToolChoiceMode.AUTO), everything)
    assert choice("any") == (ToolChoice(ToolChoiceMode.REQUIRED), everything)
    assert choice("NONE", "f") == (ToolChoice(ToolChoiceMode.NONE), everything)
    assert choice("ANY", "g") == (ToolChoice(ToolChoiceMode.NAMED, "g"), everything)
    assert choice("ANY", "g", "f", "g") == (ToolChoice(ToolChoiceMode.REQUIRED), ["f", "g"])
    assert choice("VALIDATED", "f") == (ToolChoice(ToolChoiceMode.AUTO), ["f"])
    assert choice("MODE_UNSPECIFIED") == choice() == (None, everything)


def test_a_choice_that_cannot_be_is_named():
    at = "toolConfig.functionCallingConfig"
    assert refused(functions("f"), config={"functionCallingConfig": {"mode": "SOME"}}) == f"{at}.mode"
    unknown = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["x"]}}
    assert refused(functions("f"), config=unknown) == f"{at}.allowedFunctionNames"


def test_a_place_for_the_search_is_named():
    assert read(config={"retrievalConfig": {"latLng": {}}}).dropped == ("toolConfig.retrievalConfig",)
