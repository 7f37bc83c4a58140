"""An exchange as a coding agent makes them: system prompt, tools, earlier turns, thinking, a tool call, its result."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

from app.domain.exchange import Attempt, Detail, Row, StoredSide
from app.domain.money import Price, cost_of
from app.domain.usage import Usage

PRICE = Price(
    3_000_000_000,
    15_000_000_000,
    300_000_000,
    3_750_000_000,
    6_000_000_000,
    source="genai-prices 0.2.3: anthropic/claude-sonnet-4-8",
)
SYSTEM = "You are a coding agent. Work in small steps, run the tests after each, and say what you did. " * 40
EARLIER = (
    ("user", "Add a timeout to the keyring calls."),
    ("assistant", "I will look at the vault first."),
) * 9
CODE = """def get(self, name: str) -> Secret | None:
    with self._deadline(3.0):
        value = self._backend.get_password(self._service, name)
    return Secret(value) if value else None"""
CHAT_REPLY = b'data: {"choices": [{"index": 0, "delta": {"content": "The deadline works"}}]}\n\ndata: [DONE]\n\n'
ANSWER = """The deadline works: a locked keyring gives up after three seconds, and the proxy starts without waiting.

What changed:
- `Vault.get` runs in a thread of its own, which is abandoned when it is stuck.
- `tests/vault/test_vault.py` has a service that never answers; it failed before and passes now.

<b>Nothing else</b> was touched. & the 214 tests pass."""


def request() -> dict[str, Any]:
    """The client's request, Anthropic Messages."""
    messages: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in EARLIER]
    messages += [
        {"role": "user", "content": "Show me the function, then run the tests."},
        {
            "role": "assistant",
            "content": [
                {
                    "type": "thinking",
                    "thinking": "The user wants to see the code. I read it and run pytest.",
                    "signature": "x",
                },
                {"type": "text", "text": "Here is what stands there now."},
                {
                    "type": "tool_use",
                    "id": "t1",
                    "name": "Read",
                    "input": {"file_path": "app/vault/vault.py", "limit": 40},
                },
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": CODE}]},
    ]
    return {
        "model": "claude-sonnet-4-8",
        "max_tokens": 32_000,
        "stream": True,
        "metadata": {"user_id": "user_1"},
        "thinking": {"type": "enabled", "budget_tokens": 8_000},
        "system": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
        "tools": [
            {"name": name, "input_schema": {"type": "object"}} for name in ("Bash", "Edit", "Glob", "Grep", "Read")
        ],
        "messages": messages,
    }


def converted(body: dict[str, Any]) -> dict[str, Any]:
    """The same for a chat upstream, roughly as the proxy converts it."""
    return {
        "model": "gpt-5.2",
        "max_completion_tokens": body["max_tokens"],
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "system", "content": SYSTEM}, *({"role": r, "content": t} for r, t in EARLIER)],
        "tools": [{"type": "function", "function": {"name": tool["name"]}} for tool in body["tools"]],
    }


def reply() -> bytes:
    """The streamed answer: thinking, text, and a tool call."""
    chunks: list[dict[str, Any]] = [{"type": "message_start", "message": {"id": "msg_1", "role": "assistant"}}]
    chunks.append({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}})
    thought = "All tests pass; I should sum up and check the formatting with one command."
    chunks.append({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": thought}})
    chunks.append({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}})
    deltas = ({"type": "text_delta", "text": f"{word} "} for word in ANSWER.split(" "))
    chunks += [{"type": "content_block_delta", "index": 1, "delta": delta} for delta in deltas]
    tool = {"type": "tool_use", "id": "t2", "name": "Bash", "input": {}}
    chunks.append({"type": "content_block_start", "index": 2, "content_block": tool})
    arguments = '{"command": "ruff format --check app", "timeout": 60000}'
    chunks.append(
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": arguments}}
    )
    chunks.append({"type": "message_stop"})
    return "".join(f"event: {chunk['type']}\ndata: {json.dumps(chunk)}\n\n" for chunk in chunks).encode()


def timeline(seed: int = 4) -> tuple[tuple[int, int], ...]:
    """Chunks as they come: bursts, pauses, one long silence."""
    dice = random.Random(seed)
    made, at = [], 640
    for number in range(380):
        at += int(dice.expovariate(1 / 22)) + (2_300 if number == 150 else 0)
        made.append((at, dice.randint(40, 260)))
    return tuple(made)


def agent_detail(row: Row, *, passthrough: bool = False) -> Detail:
    """Everything about such an exchange; converted between two dialects unless `passthrough`."""
    asked = request()
    body, answer, chunks = json.dumps(asked).encode(), reply(), timeline()
    sent = json.dumps(converted(asked)).encode()
    usage = Usage(1_840, 48_200, 2_310, 0, 612, 96)
    row = replace(
        row,
        client_dialect="anthropic_messages",
        upstream_dialect="anthropic_messages" if passthrough else "openai_chat",
        usage=usage,
        cost=cost_of(usage, PRICE),
        first_token_ms=chunks[4][0],
        duration_ms=chunks[-1][0] + 12,
    )
    headers = (
        ("host", "127.0.0.1:8082"),
        ("user-agent", "claude-cli/2.1.0 (external, cli)"),
        ("authorization", "[secret]"),
        ("anthropic-version", "2023-06-01"),
        ("content-type", "application/json"),
    )
    streamed = (("content-type", "text/event-stream"), ("request-id", "req_011CT"))
    same = StoredSide("POST /v1/messages", headers, b"", len(body), "ab" * 32, same_as="client_request")
    other = StoredSide("POST /v1/chat/completions", headers[1:], sent, len(sent), "ef" * 32)
    return Detail(
        row=row,
        client_request=StoredSide("POST /v1/messages?beta=true", headers, body, len(body), "ab" * 32),
        upstream_request=same if passthrough else other,
        upstream_reply=StoredSide("200 OK", streamed, answer if passthrough else CHAT_REPLY, 61, "dc" * 32),
        client_reply=StoredSide("200 OK", streamed, b"", len(answer), "cd" * 32, same_as="upstream_reply")
        if passthrough
        else StoredSide("200 OK", streamed, answer, len(answer), "cd" * 32),
        answer=ANSWER,
        dropped=() if passthrough else ("thinking.budget_tokens", "metadata.user_id"),
        attempts=(
            Attempt("OpenAI work", "gpt-5.2", row.started_us, 1_204, 529, "Overloaded: the provider is at its limit"),
            Attempt(row.provider, row.sent_model, row.started_us + 1_250_000, row.duration_ms or 0, 200),
        ),
        timeline=chunks,
    )
