from __future__ import annotations

import json

import pytest

from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Format, FormatKind, Reasoning

AT = "generationConfig"


def read(**config):
    return GEMINI.read_request(
        json.dumps({"contents": [{"parts": [{"text": "q"}]}], "generationConfig": config}).encode()
    )


def thinking(**config):
    return read(thinkingConfig=config).reasoning


def refused(kind=ErrorKind.UNSUPPORTED, **config):
    with pytest.raises(PatchbayError) as raised:
        read(**config)
    assert raised.value.kind is kind
    return raised.value.param


def test_limits_and_sampling():
    found = read(maxOutputTokens=9, temperature=1, topP=0.5, topK=64.0, stopSequences=["a", "b"], candidateCount=1)
    assert (found.max_tokens, found.temperature, found.top_p, found.top_k) == (9, 1.0, 0.5, 64)
    assert found.stop == ("a", "b")
    assert found.dropped == ()


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"candidateCount": 2}, "candidateCount"),
        ({"candidate_count": 2}, "candidate_count"),
        ({"responseModalities": ["TEXT", "IMAGE"]}, "responseModalities"),
        ({"responseModalities": ["audio"]}, "responseModalities"),
        ({"responseLogprobs": True}, "responseLogprobs"),
        ({"logprobs": 3}, "logprobs"),
        ({"responseMimeType": "text/x.enum"}, "responseMimeType"),
        ({"responseMimeType": "application/xml"}, "responseMimeType"),
    ],
)
def test_what_would_change_the_answer_is_refused(config, name):
    assert refused(**config) == f"{AT}.{name}"


def test_what_asks_for_nothing_is_taken():
    assert read(responseModalities=["TEXT"], responseLogprobs=False, responseMimeType="text/plain").format is None


def test_what_no_one_else_knows_is_named():
    names = {"seed": 1, "presencePenalty": 0.1, "frequencyPenalty": 0, "mediaResolution": "x", "speech_config": {}}
    assert set(read(**names).dropped) == {f"{AT}.{name}" for name in names}


def test_the_form_of_the_answer():
    schema = {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}
    low = b'{"type":"object","properties":{"a":{"type":"string"}}}'
    json_type = "application/json"
    assert read(responseMimeType=json_type).format == Format(FormatKind.JSON_OBJECT)
    wanted = Format(FormatKind.JSON_SCHEMA, low)
    assert read(responseMimeType=json_type, responseSchema=schema).format == wanted
    assert read(response_mime_type=json_type, response_json_schema=schema).format == wanted
    assert read(responseSchema=schema).format == wanted
    assert refused(ErrorKind.INVALID_REQUEST, responseMimeType=json_type, responseSchema="x") == f"{AT}.responseSchema"


@pytest.mark.parametrize(
    ("config", "reasoning"),
    [
        ({}, Reasoning()),
        ({"includeThoughts": True}, Reasoning(show=True)),
        ({"thinkingLevel": "HIGH", "includeThoughts": True}, Reasoning(enabled=True, effort="high", show=True)),
        ({"thinkingLevel": "minimal"}, Reasoning(enabled=True, effort="minimal")),
        ({"thinkingLevel": "XHIGH"}, Reasoning(enabled=True, effort="xhigh")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, Reasoning()),
        ({"thinkingBudget": 0, "includeThoughts": True}, Reasoning(enabled=False)),
        ({"thinkingBudget": -1}, Reasoning(enabled=True, adaptive=True)),
        ({"thinkingBudget": 8192}, Reasoning(enabled=True, budget_tokens=8192)),
        ({"thinking_budget": 5, "include_thoughts": False}, Reasoning(enabled=True, budget_tokens=5)),
    ],
)
def test_thinking(config, reasoning):
    assert thinking(**config) == reasoning


def test_what_is_wrong_about_thinking_is_named():
    at = f"{AT}.thinkingConfig"
    assert refused(ErrorKind.INVALID_REQUEST, thinkingConfig={"thinkingLevel": "ULTRA"}) == f"{at}.thinkingLevel"
    assert refused(ErrorKind.INVALID_REQUEST, thinkingConfig={"thinkingBudget": -2}) == f"{at}.thinkingBudget"
    assert refused(ErrorKind.INVALID_REQUEST, thinkingConfig={"thinkingBudget": 1.5}) == f"{at}.thinkingBudget"
