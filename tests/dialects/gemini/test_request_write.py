from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.gemini.families import family_of
from app.dialects.gemini.request_write import write_count_request, write_request
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import (
    Document,
    Foreign,
    Format,
    FormatKind,
    Image,
    Message,
    Reasoning,
    Request,
    Role,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)
from app.vendors import profiles
from tests.dialects.conversations import REQUESTS
from tests.dialects.gemini.answers import envelope
from tests.dialects.gemini.turns import MODEL, OLDER, assistant, body, checked, result, user, written

SCHEMA = b'{"type":"object","properties":{"s":{"type":"integer"}},"required":["s"]}'
BY_SCHEMA = Format(FormatKind.JSON_SCHEMA, SCHEMA, "n", strict=True)
ANY_JSON = Format(FormatKind.JSON_OBJECT)
TOOL = Tool("f", "", b'{"type":"object","properties":{"x":{"type":"string"}}}')


def settings(**more: Any) -> dict[str, Any]:
    return dict(body(**more).get("generationConfig", {}))


def test_every_setting_arrives():
    found = settings(max_tokens=500, temperature=0.5, top_p=0.9, top_k=40, stop=("a", "", "b"))
    assert found == {"maxOutputTokens": 500, "temperature": 0.5, "topP": 0.9, "topK": 40, "stopSequences": ["a", "b"]}
    assert "generationConfig" not in body()


def test_what_is_too_much_is_cut_and_named():
    assert settings(max_tokens=128_000) == {"maxOutputTokens": 65_536}
    sent = written(stop=tuple("abcdefg"), user_id="u", service_tier="standard_only")
    assert json.loads(sent.body)["generationConfig"]["stopSequences"] == ["a", "b", "c", "d", "e"]
    assert sent.dropped == ("stop[5:]", "user_id", "service_tier")


def test_a_provider_may_take_less():
    profile = replace(profiles.GEMINI, sampling="none", top_k=False, stop_max=0)
    sent = written(temperature=1.0, top_p=0.9, top_k=40, stop=("a",), profile=profile)
    assert sent.dropped == ("temperature", "top_p", "top_k", "stop")
    assert "generationConfig" not in json.loads(sent.body)


def test_an_answer_without_a_token_is_refused():
    with pytest.raises(PatchbayError) as raised:
        written(max_tokens=0)
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "max_tokens")


def test_structured_output_by_schema_or_as_any_json():
    found = settings(format=BY_SCHEMA)
    assert found == {"responseMimeType": "application/json", "responseJsonSchema": json.loads(SCHEMA)}
    assert settings(format=ANY_JSON) == {"responseMimeType": "application/json"}


def test_it_is_asked_for_where_the_model_refuses_it_beside_functions():
    assert "responseJsonSchema" in settings(format=BY_SCHEMA, tools=(TOOL,))
    found = body(format=BY_SCHEMA, tools=(TOOL,), model=OLDER)
    assert "generationConfig" not in found
    assert SCHEMA.decode() in found["systemInstruction"]["parts"][0]["text"]
    assert "JSON" in body(format=ANY_JSON, tools=(TOOL,), model=OLDER)["systemInstruction"]["parts"][0]["text"]


def test_or_where_the_provider_knows_none():
    some = replace(profiles.GEMINI, response_format="json_object")
    found = body(format=BY_SCHEMA, profile=some)
    assert found["generationConfig"] == {"responseMimeType": "application/json"}
    assert SCHEMA.decode() in found["systemInstruction"]["parts"][0]["text"]
    older = replace(profiles.GEMINI, parameters_schema=True)
    assert body(format=BY_SCHEMA, profile=older)["generationConfig"]["responseSchema"] == json.loads(SCHEMA)
    none = replace(profiles.GEMINI, response_format="none")
    assert "generationConfig" not in body(format=ANY_JSON, profile=none)


def test_a_token_count_holds_the_whole_request():
    request = Request("asked", (user("q"),), system=(Text("S"),), tools=(TOOL,), max_tokens=0, temperature=1.0)
    found = json.loads(write_count_request(request, "models/gemini-3.8-flash", profiles.GEMINI))
    inner = found.pop("generateContentRequest")
    assert not found
    assert inner.pop("model") == "models/gemini-3.8-flash"
    assert set(checked(inner)) == {"systemInstruction", "contents", "tools"}
    assert json.loads(write_count_request(request, MODEL, profiles.GEMINI)) == {
        "generateContentRequest": {"model": "models/gemini-3.8-flash", **inner}
    }


def test_claude_code_s_tools_go_through_with_their_signatures():
    asked = {
        "model": "claude-opus-4-8",
        "max_tokens": 1024,
        "system": [{"type": "text", "text": "x-anthropic-billing-header: v"}, {"type": "text", "text": "S"}],
        "messages": [
            {"role": "user", "content": "q"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": envelope("c2ln")},
                    {"type": "tool_use", "id": "t1", "name": "ls", "input": {"d": "."}},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "a.txt"}]},
        ],
        "tools": [{"name": "ls", "description": "List", "input_schema": {"type": "object", "properties": {"d": {}}}}],
    }
    request = ANTHROPIC_MESSAGES.read_request(json.dumps(asked).encode())
    assert checked(json.loads(write_request(request, MODEL, profiles.GEMINI).body)) == {
        "systemInstruction": {"parts": [{"text": "S"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "q"}]},
            {
                "role": "model",
                "parts": [
                    {"functionCall": {"name": "ls", "args": {"d": "."}, "id": "t1"}, "thoughtSignature": "c2ln"},
                ],
            },
            {
                "role": "user",
                "parts": [{"functionResponse": {"name": "ls", "response": {"output": "a.txt"}, "id": "t1"}}],
            },
        ],
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "ls",
                        "description": "List",
                        "parametersJsonSchema": {"type": "object", "properties": {"d": {}}},
                    }
                ]
            }
        ],
        "generationConfig": {"maxOutputTokens": 1024},
    }


@pytest.mark.parametrize("model", [MODEL, OLDER, "gemini-2.0-flash", "gemini-3-pro-preview"])
@pytest.mark.parametrize("name", REQUESTS)
def test_google_s_own_models_take_every_conversation(name: str, model: str):
    request = REQUESTS[name]
    if name == "picture_by_url" and not family_of(model).fetches:
        with pytest.raises(PatchbayError):
            write_request(request, model, profiles.GEMINI)
        return
    sent = write_request(request, model, profiles.GEMINI)
    checked(json.loads(sent.body))
    assert write_request(request, model, profiles.GEMINI) == sent, "the same request must give the same bytes"
    assert b"pxy1." not in sent.body


_WORDS = st.text(alphabet="ab \u2028é", max_size=3)
_IDS = st.sampled_from(["1", "2", "a:b", ""])
_TEXT = st.builds(Text, _WORDS)
_IMAGE = st.just(Image("image/png", "aaaa"))
_SIGNATURES = st.sampled_from(["", "x", envelope("c2ln"), "pxy1."])
_ARGUMENTS = st.sampled_from(["{}", "", "{", "[1]", '{"a":"b"}'])
_SAID = st.one_of(
    _TEXT,
    _IMAGE,
    st.just(Document("application/pdf", "aaaa")),
    st.builds(Foreign, st.just("d"), st.just("k"), st.just(b"{}"), _WORDS),
)
_ANSWERED = st.one_of(
    _SAID,
    st.builds(Thinking, _WORDS, _SIGNATURES),
    st.builds(ToolCall, _IDS, st.sampled_from(["f", "1g", "h h"]), _ARGUMENTS, signature=_SIGNATURES),
)
_RESULT = st.builds(ToolResult, _IDS, st.lists(st.one_of(_TEXT, _IMAGE), max_size=2).map(tuple), st.booleans())
_TURNS = st.one_of(
    st.builds(Message, st.just(Role.ASSISTANT), st.lists(_ANSWERED, max_size=3).map(tuple)),
    st.builds(Message, st.just(Role.USER), st.lists(st.one_of(_SAID, _RESULT), max_size=3).map(tuple)),
    st.builds(Message, st.just(Role.SYSTEM), st.lists(_TEXT, max_size=2).map(tuple)),
)


def structure(sent: dict[str, Any]) -> None:
    """Assert what the API answers 400 to."""
    contents = sent["contents"]
    assert contents[0]["role"] == "user"
    calls: list[str] = []
    for at, content in enumerate(contents):
        assert content["role"] == ("user", "model")[at % 2]
        assert content["parts"]
        assert all(part.get("text") != "" for part in content["parts"])
        answers = [part["functionResponse"]["name"] for part in content["parts"] if "functionResponse" in part]
        assert answers == calls
        calls = [part["functionCall"]["name"] for part in content["parts"] if "functionCall" in part]
    assert not calls


@given(st.lists(_TURNS, max_size=6), st.sampled_from([MODEL, OLDER, "tuned"]))
def test_any_conversation_has_the_structure_that_google_demands(turns: list[Message], model: str):
    request = Request("asked", tuple(turns), system=(Text("S"),), tools=(TOOL,), reasoning=Reasoning(show=True))
    sent = write_request(request, model, profiles.GEMINI)
    structure(checked(json.loads(sent.body)))
    assert write_request(request, model, profiles.GEMINI) == sent
    if model == MODEL:
        turns_sent = [one["parts"] for one in json.loads(sent.body)["contents"] if one["role"] == "model"]
        calls = [[part for part in parts if "functionCall" in part] for parts in turns_sent]
        assert all("thoughtSignature" in first for first, *_ in filter(None, calls)), "or Google answers 400"


def test_results_are_named_and_never_come_from_a_role_of_their_own():
    found = body(user("q"), assistant(ToolCall("1", "f", "{}")), user(result("1", "a")), tools=(TOOL,))
    assert {one["role"] for one in found["contents"]} == {"user", "model"}
    assert types.Content.model_validate(found["contents"][2]).parts[0].function_response.name == "f"  # type: ignore[index, union-attr]
