"""Which dialect a request takes to a provider that speaks several."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from app.dialects import dialect
from app.dialects.base import Operation, Peek
from app.domain.config import ProviderEntry
from app.domain.provider import DialectName
from app.proxy.call import Call
from app.proxy.heal import Memory
from app.proxy.roads import Roads, lacks_endpoint
from app.vendors.resolve import resolve
from tests.fakes.more_wires import GEMINI, RESPONSES
from tests.fakes.wires import ANTHROPIC, CHAT

A, C, R, G = (
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_CHAT,
    DialectName.OPENAI_RESPONSES,
    DialectName.GEMINI,
)
BODIES = {A: ANTHROPIC.request(), C: CHAT.request(), R: RESPONSES.request(), G: GEMINI.request()}
SCHEMA = {"type": "object", "properties": {}}
WITH_TOOLS = {
    A: ANTHROPIC.request(tools=[{"name": "f", "input_schema": SCHEMA}]),
    C: CHAT.request(tools=[{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]),
    R: RESPONSES.request(tools=[{"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}]),
    G: GEMINI.request(tools=[{"functionDeclarations": [{"name": "f"}]}]),
}
WITH_SEARCH = {A: ANTHROPIC.request(tools=[{"type": "web_search_20250305", "name": "web_search"}])}


def call(name, body=None, operation=Operation.CHAT, model="the-model"):
    nothing = SimpleNamespace()
    made = Call(nothing, nothing, "1", 0, 0, dialect(name), "/", "", operation=operation, body=body or BODIES[name])
    made.peek = Peek(model, stream=False)
    return made


def provider(**entry):
    return resolve(ProviderEntry(name="x", **entry))


@pytest.mark.parametrize(
    ("vendor", "client", "taken"),
    [
        ("openai", R, R),
        ("openai", C, C),
        ("openai", A, C),
        ("openai", G, C),
        ("openrouter", A, A),
        ("openrouter", R, R),
        ("openrouter", G, C),
        ("ollama", A, A),
        ("deepseek", A, A),
        ("deepseek", R, C),
        ("gemini", G, G),
        ("gemini", A, G),
        ("anthropic", R, A),
    ],
)
def test_the_client_s_own_dialect_wins_else_the_provider_s(vendor, client, taken):
    chosen = Roads(Memory()).choose(call(client), provider(vendor=vendor), "some-model")
    assert chosen.dialect is taken


@pytest.mark.parametrize("client", [A, C, G])
@pytest.mark.parametrize(
    ("model", "bodies", "taken"),
    [
        ("gpt-5.5", WITH_TOOLS, R),
        ("gpt-5.6-sol", WITH_TOOLS, R),
        ("gpt-5.2", WITH_TOOLS, C),
        ("gpt-5.5", BODIES, C),
        ("gpt-5.5", WITH_SEARCH, C),
    ],
)
def test_models_whose_tools_need_responses_take_them(client, model, bodies, taken):
    home = provider(vendor="openai")
    assert Roads(Memory()).choose(call(client, bodies.get(client)), home, model).dialect is taken


def test_a_provider_without_responses_stays_where_it_is():
    home = provider(vendor="openai", dialect="openai_chat")
    assert Roads(Memory()).choose(call(A, WITH_TOOLS[A]), home, "gpt-5.5") is home


def test_what_was_found_out_counts():
    memory = Memory()
    roads = Roads(memory)
    home = provider(vendor="ollama")
    asked = call(A)
    native = roads.choose(asked, home, "qwen3")
    assert roads.passes(native, asked)
    memory.close(native, Operation.CHAT)
    assert roads.choose(asked, home, "qwen3") is home
    assert not roads.passes(home, asked)
    memory.take_responses(home, "qwen3")
    assert roads.choose(call(A, WITH_TOOLS[A]), home, "qwen3").dialect is R
    assert roads.choose(call(A, WITH_TOOLS[A]), home, "llama3") is home


def test_a_closed_compaction_is_converted_over_the_same_dialect():
    memory = Memory()
    roads = Roads(memory)
    home = provider(vendor="openai-responses-compatible", base_url="https://h/v1")
    asked = call(R, operation=Operation.COMPACT)
    assert roads.passes(roads.choose(asked, home, "m"), asked)
    memory.close(home, Operation.COMPACT)
    assert roads.choose(asked, home, "m") is home
    assert not roads.passes(home, asked)
    assert roads.passes(home, call(R))


@pytest.mark.parametrize(
    ("vendor", "client", "taken"),
    [("openrouter", A, A), ("openrouter", G, A), ("deepseek", G, A), ("gemini", A, G), ("openai", A, C)],
)
def test_a_count_is_asked_in_a_dialect_that_counts(vendor, client, taken):
    asked = call(client, operation=Operation.COUNT_TOKENS)
    assert Roads(Memory()).choose(asked, provider(vendor=vendor), "m").dialect is taken


def test_a_provider_in_a_dialect_is_one_object_until_it_changes():
    roads = Roads(Memory())
    home = provider(vendor="openai")
    first = roads.speaking(home, R)
    assert first is roads.speaking(home, R)
    assert roads.speaking(home, G) is None
    assert roads.speaking(dataclasses.replace(home), R) is not first


@pytest.mark.parametrize(
    ("status", "body", "lacks"),
    [
        (404, b"404 page not found", True),
        (405, b'{"error": {"message": "no"}}', True),
        (404, b'{"detail":"Not Found"}', True),
        (404, b'{"error":"Unexpected endpoint or method. (POST /v1/messages)"}', True),
        (404, b"[]", True),
        (404, b'{"type":"error","error":{"type":"not_found_error","message":"model: x"}}', False),
        (400, b"bad", False),
        (500, b"", False),
    ],
)
def test_a_server_without_the_endpoint_is_told_from_one_without_the_model(status, body, lacks):
    assert lacks_endpoint(status, body) is lacks
