from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.dialects import DIALECTS
from app.dialects.base import Endpoint, Operation
from app.domain.provider import DialectName
from app.proxy.paths import Paths, hint

A, C, G = DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_CHAT, DialectName.GEMINI
R = DialectName.OPENAI_RESPONSES
GEMINI = SimpleNamespace(
    name=G,
    endpoints=[
        endpoint
        for prefix in ("", "/v1", "/v1beta")
        for endpoint in (
            Endpoint("POST", prefix + "/models/{model}:generateContent", Operation.CHAT, stream=False),
            Endpoint("POST", prefix + "/models/{model}:streamGenerateContent", Operation.CHAT, stream=True),
            Endpoint("POST", prefix + "/models/{model}:countTokens", Operation.COUNT_TOKENS, stream=False),
            Endpoint("GET", prefix + "/models", Operation.MODELS),
            Endpoint("GET", prefix + "/models/{model}", Operation.MODEL),
        )
    ],
)
RESPONSES = SimpleNamespace(name=R, endpoints=[Endpoint("POST", "/v1/responses", Operation.CHAT)])
PATHS = Paths((*(one for one in DIALECTS if one.name in (A, C)), RESPONSES, GEMINI))


@pytest.mark.parametrize(
    ("path", "likely", "dialect", "operation"),
    [
        ("/v1/messages", None, A, Operation.CHAT),
        ("/v1/messages/count_tokens", None, A, Operation.COUNT_TOKENS),
        ("/v1/chat/completions", A, C, Operation.CHAT),
        ("/chat/completions", None, C, Operation.CHAT),
        ("/v1/models", A, A, Operation.MODELS),
        ("/v1/models", None, C, Operation.MODELS),
        ("/v1/models", G, G, Operation.MODELS),
        ("/models", None, C, Operation.MODELS),
        ("/models", G, G, Operation.MODELS),
        ("/v1beta/models", None, G, Operation.MODELS),
        ("/v1/models/x", A, A, Operation.MODEL),
        ("/v1/models/x", None, C, Operation.MODEL),
        ("/models/x", None, C, Operation.MODEL),
        ("/v1/models/x", G, G, Operation.MODEL),
        ("/v1/models/llama3:8b", None, C, Operation.MODEL),
        ("/v1beta/models/x", None, G, Operation.MODEL),
    ],
)
def test_what_a_path_means(path, likely, dialect, operation):
    method = "GET" if "models" in path else "POST"
    match = PATHS.find(path, method, likely)[0]
    assert (match.dialect.name, match.operation) == (dialect, operation)
    assert PATHS.voice(path, method, likely).name is dialect


def test_a_model_may_hold_what_a_path_may_not():
    assert PATHS.find("/v1/models/a%2Fb%3A1/c", "GET", A)[0].model == "a/b:1/c"


@pytest.mark.parametrize("prefix", ["", "/v1", "/v1beta"])
@pytest.mark.parametrize("likely", [None, G, A])
@pytest.mark.parametrize("model", ["gemini-3.5-flash", "a/b:1", "a%2Fb%3A1", "OpenRouter:a/b"])
def test_an_operation_stands_behind_the_model(prefix, likely, model):
    for name, stream in (("generateContent", False), ("streamGenerateContent", True)):
        match = PATHS.find(f"{prefix}/models/{model}:{name}", "POST", likely)[0]
        assert (match.dialect.name, match.operation, match.stream) == (G, Operation.CHAT, stream)
        assert match.model == model.replace("%2F", "/").replace("%3A", ":")
    assert PATHS.find(f"{prefix}/models/{model}:countTokens", "POST", likely)[0].operation is Operation.COUNT_TOKENS


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/messages/", "/v1/models/", "/V1/messages", "/v1//messages", ""])
def test_what_is_no_path(path):
    assert PATHS.find(path, "POST") == ()


@pytest.mark.parametrize("path", ["/v1beta/models/x:embedContent", "/v1/models/x:batchGenerateContent"])
def test_an_operation_that_nobody_serves_is_no_model(path):
    assert PATHS.find(path, "POST") == ()
    assert PATHS.voice(path, "POST").name is G


@pytest.mark.parametrize(
    ("path", "likely", "dialect"),
    [
        ("/x", None, C),
        ("/x", A, A),
        ("/x", G, G),
        ("/v1/messages/x", None, A),
        ("/v1beta/files", None, G),
        ("/v1/responses/resp_1", None, R),
    ],
)
def test_who_speaks_about_an_unknown_path(path, likely, dialect):
    assert PATHS.voice(path, "GET", likely).name is dialect


def test_a_program_of_one_dialect_speaks_that():
    assert Paths(DIALECTS[:1]).voice("/x") is DIALECTS[0]


@pytest.mark.parametrize(
    ("headers", "keyed", "dialect"),
    [
        ({"anthropic-version": "1", "x-goog-api-key": "k"}, True, A),
        ({"x-goog-api-key": "k"}, False, G),
        ({"x-goog-api-client": "google-genai-sdk/3.4.0"}, False, G),
        ({}, True, G),
        ({"x-api-key": "k", "Authorization": "Bearer k"}, False, None),
    ],
)
def test_what_headers_say(headers, keyed, dialect):
    assert hint(headers, keyed=keyed) is dialect
