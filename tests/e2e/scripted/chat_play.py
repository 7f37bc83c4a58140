"""Answers of an OpenAI-compatible server: reasoning beside the content, parallel calls by index, usage if asked for.

Shapes: https://platform.openai.com/docs/api-reference/chat-streaming; `reasoning_content` as vLLM and DeepSeek have it.
"""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.scripted.findings import text_of
from tests.e2e.scripted.script import CACHE_READ, CACHE_WRITE, OUTPUT, PROMPT, REASONING, Fault, Turn, pieces

USAGE = {
    "prompt_tokens": PROMPT,
    "completion_tokens": OUTPUT,
    "total_tokens": PROMPT + OUTPUT,
    "prompt_tokens_details": {"cached_tokens": CACHE_READ, "cache_write_tokens": CACHE_WRITE},
    "completion_tokens_details": {"reasoning_tokens": REASONING},
}


def turn(asked: Any) -> Turn:
    offered = {tool["function"]["name"] for tool in asked.body.get("tools", [])}
    return asked.script.turn(offered, results(asked.body))


def results(body: dict[str, Any]) -> list[str]:
    """The texts of the newest tool messages in a row."""
    found: list[str] = []
    for message in reversed(body["messages"]):
        if message["role"] == "tool":
            found.insert(0, text_of(message["content"]))
        elif found:
            break
    return found


def _calls(played: Turn) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_e2e_{played.number}_{place}",
            "type": "function",
            "function": {"name": ask.tool, "arguments": json.dumps(ask.arguments)},
        }
        for place, ask in enumerate(played.asks, 1)
    ]


def whole(asked: Any, played: Turn) -> dict[str, Any]:
    """The answer in one piece."""
    message = {"role": "assistant", "content": played.text}
    if played.thought:
        message["reasoning_content"] = played.thought
    if played.asks:
        message["tool_calls"] = _calls(played)
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if played.asks else "stop"}
    return {**_head(asked, played, "chat.completion"), "choices": [choice], "usage": USAGE}


def stream(asked: Any, played: Turn) -> list[bytes]:
    """The answer as server-sent events, with usage only where `stream_options` asks for it."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas.extend({"reasoning_content": piece} for piece in pieces(played.thought))
    deltas.extend({"content": piece} for piece in pieces(played.text))
    for index, call in enumerate(_calls(played)):
        function = call["function"]
        deltas.append({"tool_calls": [{"index": index, **call, "function": {**function, "arguments": ""}}]})
        parts = pieces(function["arguments"])
        deltas.extend({"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in parts)
    head = _head(asked, played, "chat.completion.chunk")
    finish = "tool_calls" if played.asks else "stop"
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        chunks.append({**head, "choices": [], "usage": USAGE})
    return [*(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks), b"data: [DONE]\n\n"]


def _head(asked: Any, played: Turn, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-e2e-{played.number}", "object": kind, "created": 1, "model": asked.body["model"]}


def error(fault: Fault) -> tuple[int, dict[str, Any]]:
    """How it refuses."""
    status, kind, code, message = {
        Fault.RATE_LIMITED: (429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached for requests."),
        Fault.TOO_LONG: (
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "This model's maximum context length is 200000 tokens. However, your messages resulted in 214000 tokens.",
        ),
    }[fault]
    return status, {"error": {"message": message, "type": kind, "param": None, "code": code}}
