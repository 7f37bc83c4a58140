"""Anthropic's answers: thinking with a signature, text, tools; counts that leave the cache out of the input.

Shapes: https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.scripted.findings import text_of
from tests.e2e.scripted.script import CACHE_READ, CACHE_WRITE, INPUT, OUTPUT, REASONING, Fault, Turn, pieces

_START = {"input_tokens": INPUT, "cache_creation_input_tokens": CACHE_WRITE, "cache_read_input_tokens": CACHE_READ}
_END = {"output_tokens": OUTPUT, "output_tokens_details": {"thinking_tokens": REASONING}}
_DELTAS = {"thinking": "thinking", "text": "text"}


def turn(asked: Any) -> Turn:
    offered = {tool["name"] for tool in asked.body.get("tools", [])}
    return asked.script.turn(offered, results(asked.body))


def results(body: dict[str, Any]) -> list[str]:
    """The texts of the tool results of the newest user message that has any."""
    for message in reversed(body["messages"]):
        blocks = message["content"] if isinstance(message["content"], list) else []
        found = [text_of(block.get("content", "")) for block in blocks if block.get("type") == "tool_result"]
        if found:
            return found
    return []


def _blocks(asked: Any, played: Turn) -> list[dict[str, Any]]:
    thinking = asked.body.get("thinking") or {}
    blocks: list[dict[str, Any]] = []
    if played.thought and thinking.get("type") in {"enabled", "adaptive"}:
        shown = "" if thinking.get("display") == "omitted" else played.thought
        signature = asked.script.give(f"EqoBCkgIAxABGAIiQ-e2e-{played.number}==", shown)
        blocks.append({"type": "thinking", "thinking": shown, "signature": signature})
    blocks.append({"type": "text", "text": played.text})
    for place, ask in enumerate(played.asks, 1):
        call = {"id": f"toolu_e2e_{played.number}_{place}", "name": ask.tool, "input": ask.arguments}
        blocks.append({"type": "tool_use", **call})
    return blocks


def whole(asked: Any, played: Turn) -> dict[str, Any]:
    """The answer in one piece."""
    return {
        **_message(asked, played),
        "content": _blocks(asked, played),
        "stop_reason": "tool_use" if played.asks else "end_turn",
        "usage": {**_START, **_END},
    }


def stream(asked: Any, played: Turn) -> list[bytes]:
    """The answer as server-sent events."""
    events: list[dict[str, Any]] = [{"type": "message_start", "message": _message(asked, played)}, {"type": "ping"}]
    for index, block in enumerate(_blocks(asked, played)):
        events.extend({"index": index, **event} for event in _block_events(block))
    stop = {"stop_reason": "tool_use" if played.asks else "end_turn", "stop_sequence": None}
    events.append({"type": "message_delta", "delta": stop, "usage": _END})
    events.append({"type": "message_stop"})
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def _block_events(block: dict[str, Any]) -> list[dict[str, Any]]:
    kind = block["type"]
    if kind == "tool_use":
        start = {**block, "input": {}}
        deltas = [
            {"type": "input_json_delta", "partial_json": part} for part in ["", *pieces(json.dumps(block["input"]))]
        ]
    else:
        start = {**block, kind: "", **({"signature": ""} if kind == "thinking" else {})}
        deltas = [{"type": f"{kind}_delta", kind: part} for part in pieces(block[kind])]
    if kind == "thinking":
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    return [
        {"type": "content_block_start", "content_block": start},
        *({"type": "content_block_delta", "delta": delta} for delta in deltas),
        {"type": "content_block_stop"},
    ]


def _message(asked: Any, played: Turn) -> dict[str, Any]:
    return {
        "id": f"msg_e2e_{played.number}",
        "type": "message",
        "role": "assistant",
        "model": asked.body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_START, "output_tokens": 1},
    }


def error(fault: Fault) -> tuple[int, dict[str, Any]]:
    """How it refuses."""
    status, kind, message = {
        Fault.RATE_LIMITED: (429, "rate_limit_error", "This request would exceed your rate limit."),
        Fault.TOO_LONG: (400, "invalid_request_error", "prompt is too long: 214000 tokens > 200000 maximum"),
    }[fault]
    return status, {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_e2e"}
