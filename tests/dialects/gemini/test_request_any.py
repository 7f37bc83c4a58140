"""Whatever a client sends: the answer is a request, or an error that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.gemini import GEMINI
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Request
from app.vendors import profiles

_NAMES = st.sampled_from(
    [
        *("role", "parts", "text", "thought", "thoughtSignature", "thought_signature", "name", "id", "args"),
        *("inlineData", "inline_data", "mimeType", "mime_type", "data", "fileData", "fileUri", "functionCall"),
        *("functionResponse", "function_response", "response", "executableCode", "type", "properties", "nullable"),
        *("functionDeclarations", "parameters", "parametersJsonSchema", "googleSearch", "urlContext", "mode"),
    ]
)
_WORDS = [
    "",
    "user",
    "model",
    "f",
    "AUTO",
    "ANY",
    "OBJECT",
    "image/png",
    "text/plain",
    "aGk=",
    "gs://a",
    "https://[",
    "1",
]
_ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), st.sampled_from(_WORDS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
_FUNCTION = st.dictionaries(st.sampled_from(["id", "name", "args", "response", "parts"]), _ANYTHING, max_size=4)
_PART = st.one_of(
    _ANYTHING,
    st.fixed_dictionaries({"text": st.sampled_from(["", "a", "\ud83d"])}, optional={"thought": _ANYTHING}),
    st.fixed_dictionaries({"functionCall": _FUNCTION}, optional={"thoughtSignature": _ANYTHING}),
    st.just({"functionCall": {"name": "f", "args": {"a": 1}}}),
    st.just({"function_response": {"name": "f", "response": {"output": "x"}}}),
    st.fixed_dictionaries({"functionResponse": _FUNCTION}),
    st.fixed_dictionaries({"inline_data": st.dictionaries(_NAMES, _ANYTHING, max_size=3)}),
    st.just({"inlineData": {"mimeType": "image/png", "data": "aaaa"}}),
)
_CONTENT = st.fixed_dictionaries(
    {"parts": st.one_of(st.lists(_PART, max_size=4), _PART)}, optional={"role": st.sampled_from(["user", "model", "x"])}
)
_CONFIG = st.dictionaries(
    st.sampled_from(
        [
            *("maxOutputTokens", "max_output_tokens", "topK", "top_p", "stopSequences", "thinkingConfig", "seed"),
            *("responseMimeType", "responseSchema", "response_json_schema", "candidateCount", "responseModalities"),
        ]
    ),
    _ANYTHING,
    max_size=4,
)
_REQUEST = st.fixed_dictionaries(
    {"contents": st.one_of(st.lists(_CONTENT, max_size=4), _CONTENT)},
    optional={
        "generationConfig": st.one_of(_CONFIG, _ANYTHING),
        "generation_config": _CONFIG,
        **dict.fromkeys(("tools", "toolConfig", "tool_config", "systemInstruction", "cachedContent", "new"), _ANYTHING),
    },
)


def assert_named(error: PatchbayError) -> None:
    assert error.kind in {ErrorKind.INVALID_REQUEST, ErrorKind.UNSUPPORTED}
    assert error.param


def read(body: Any) -> Request | None:
    data = json.dumps(body).encode()
    try:
        return GEMINI.read_request(data)
    except PatchbayError as error:
        assert_named(error)
        return None


@given(_REQUEST, st.sampled_from(profiles.PROFILES))
def test_any_request_is_read_and_written_or_refused_by_name(body, profile):
    request = read(body)
    if request is None:
        return
    for upstream, model in (
        (OPENAI_CHAT, "gpt-5.2"),
        (ANTHROPIC_MESSAGES, "claude-opus-4-5"),
        (GEMINI, "gemini-3-pro"),
    ):
        try:
            json.loads(upstream.write_request(request, model, profile).body)
        except PatchbayError as error:
            assert_named(error)


def refusal(ask: Callable[[bytes], Any], body: bytes) -> ErrorKind | None:
    try:
        ask(body)
    except PatchbayError as error:
        return error.kind
    return None


@given(_ANYTHING)
def test_any_json_is_read_or_refused(value):
    body = json.dumps(value).encode()
    for ask in (GEMINI.read_request, GEMINI.read_count_request):
        assert refusal(ask, body) in {None, ErrorKind.INVALID_REQUEST, ErrorKind.UNSUPPORTED}


@given(st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode)))
def test_any_bytes_are_refused(body):
    assert refusal(GEMINI.read_request, body) is ErrorKind.INVALID_REQUEST
    assert refusal(GEMINI.peek, body) is ErrorKind.INVALID_REQUEST or isinstance(json.loads(body), dict)


@given(_REQUEST)
def test_a_part_of_a_body_is_told_apart_without_loss(body):
    data = json.dumps(body).encode()
    pieces = GEMINI.split(data)
    assert b"".join(pieces) == data
    for piece in pieces:
        assert all(isinstance(text, str) for text in GEMINI.prompt_texts(piece))
