"""Whose eyes what one vendor sealed may meet again: its maker's, over any client, and nobody else's.

Sources: Anthropic, "Extended thinking" (signatures are checked); OpenAI, "Reasoning" (`encrypted_content`); Google,
"Thought signatures"; OpenRouter, "Reasoning tokens" (`reasoning_details`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.dialects import DIALECTS, signatures
from app.dialects.base import Dialect
from app.domain.provider import DialectName, Profile
from app.vendors import profiles

SECRET = "c2VhbGVkLWJ5LW9uZQ=="
MAKERS: dict[str, tuple[DialectName, Profile, str, bytes]] = {
    "gemini": (DialectName.GEMINI, profiles.GEMINI, "gemini-3.1-pro-preview", b'"%b"'),
    "openai": (
        DialectName.OPENAI_RESPONSES,
        profiles.OPENAI,
        "gpt-5.5",
        b'{"id":"rs_1","encrypted_content":"%b"}',
    ),
    "openrouter": (
        DialectName.OPENAI_CHAT,
        profiles.OPENROUTER,
        "x/y",
        b'[{"type":"reasoning.encrypted","data":"%b"}]',
    ),
}
OTHERS = {
    "claude": (DialectName.ANTHROPIC_MESSAGES, profiles.ANTHROPIC, "claude-opus-4-5"),
    "deepseek": (DialectName.OPENAI_CHAT, profiles.DEEPSEEK, "d"),
    "gemini_openai": (DialectName.OPENAI_CHAT, profiles.GEMINI_OPENAI, "gemini-3.1-pro-preview"),
    "another gemini": (DialectName.GEMINI, profiles.GEMINI, "gemini-3-flash-preview"),
    "another openai": (DialectName.OPENAI_RESPONSES, profiles.OPENAI, "gpt-5.4"),
}
UPSTREAMS = {name: maker[:3] for name, maker in MAKERS.items()} | OTHERS
BY_NAME = {dialect.name: dialect for dialect in DIALECTS}
SCHEMA = {"type": "object", "properties": {}}


def claude_code(seal: str) -> dict[str, Any]:
    said = [
        {"type": "thinking", "thinking": "hm", "signature": seal},
        {"type": "tool_use", "id": "c", "name": "f", "input": {}},
    ]
    answer = [{"type": "tool_result", "tool_use_id": "c", "content": "r"}]
    turns = [("user", "q"), ("assistant", said), ("user", answer)]
    return {
        "model": "m",
        "max_tokens": 9000,
        "messages": [{"role": role, "content": content} for role, content in turns],
        "tools": [{"name": "f", "input_schema": SCHEMA}],
    }


def chat(seal: str, kind: str = "anthropic-claude-v1") -> dict[str, Any]:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    call["extra_content"] = {"google": {"thought_signature": seal}}
    details = [{"type": "reasoning.text", "text": "hm", "signature": seal, "format": kind, "index": 0}]
    return {
        "model": "m",
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "reasoning_details": details, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "r"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
    }


def codex(seal: str) -> dict[str, Any]:
    thought = [{"type": "summary_text", "text": "hm"}]
    return {
        "model": "m",
        "input": [
            {"type": "message", "role": "user", "content": "q"},
            {"type": "reasoning", "id": "rs_9", "summary": thought, "encrypted_content": seal},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "r"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}],
    }


def gemini_cli(seal: str) -> dict[str, Any]:
    if seal.startswith(signatures.PREFIX):
        seal = base64.b64encode(seal.encode()).decode()
    call = {"functionCall": {"name": "f", "args": {}, "id": "c"}, "thoughtSignature": seal}
    answer = {"functionResponse": {"name": "f", "id": "c", "response": {"output": "r"}}}
    turns = [("user", {"text": "q"}), ("model", call), ("user", answer)]
    return {
        "contents": [{"role": role, "parts": [part]} for role, part in turns],
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
    }


Client = tuple[DialectName, Callable[[str], dict[str, Any]]]
CLIENTS: dict[str, Client] = {
    "claude code": (DialectName.ANTHROPIC_MESSAGES, claude_code),
    "chat": (DialectName.OPENAI_CHAT, chat),
    "codex": (DialectName.OPENAI_RESPONSES, codex),
    "gemini cli": (DialectName.GEMINI, gemini_cli),
}
EACH_CLIENT = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)


def reaches(client: Client, seal: str, upstream: str) -> bytes:
    """What an upstream gets of a conversation in which a client hands a seal back."""
    name, asks = client
    dialect, profile, model = UPSTREAMS[upstream]
    request = BY_NAME[name].read_request(json.dumps(asks(seal)).encode())
    return BY_NAME[dialect].write_request(request, model, profile).body


@EACH_CLIENT
@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_a_seal_goes_back_to_its_maker_and_to_nobody_else(client: Client, maker: str, upstream: str) -> None:
    _, profile, model, data = MAKERS[maker]
    sent = reaches(client, signatures.wrap(profile.kind, model, data % SECRET.encode()), upstream)
    assert (SECRET.encode() in sent) == (maker == upstream)
    assert b"pxy1." not in sent


@EACH_CLIENT
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_what_another_vendor_sealed_reaches_nobody(client: Client, upstream: str) -> None:
    if upstream == "claude" and client[0] in {DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_CHAT}:
        assert SECRET.encode() in reaches(client, SECRET, upstream), "Claude's own, over clients that carry it"
    else:
        assert SECRET.encode() not in reaches(client, SECRET, upstream)


@pytest.mark.parametrize("kind", ["openai-responses-v1", "google-gemini-v1", "xai-responses-v1"])
def test_claude_gets_no_seal_that_names_another_vendor(kind: str) -> None:
    client = (DialectName.OPENAI_CHAT, lambda seal: chat(seal, kind))
    assert SECRET.encode() not in reaches(client, SECRET, "claude")


@EACH_CLIENT
@pytest.mark.parametrize("maker", MAKERS)
def test_a_vendor_that_is_passed_through_to_sees_no_seal_of_ours(client: Client, maker: str) -> None:
    _, profile, model, data = MAKERS[maker]
    name, asks = client
    dialect: Dialect = BY_NAME[name]
    body = json.dumps(asks(signatures.wrap(profile.kind, model, data % SECRET.encode()))).encode()
    passed = dialect.pass_request(body)
    assert b"pxy1." not in passed
    assert base64.b64encode(b"pxy1.")[:6] not in passed
    assert dialect.pass_request(passed) is passed
    foreign = json.dumps(asks(SECRET)).encode()
    assert dialect.pass_request(foreign) is foreign
