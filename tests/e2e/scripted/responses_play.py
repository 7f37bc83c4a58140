"""OpenAI's answers over Responses: reasoning items with encrypted content, messages, function and custom tool calls.

Shapes: https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.scripted.findings import text_of
from tests.e2e.scripted.script import CACHE_READ, CACHE_WRITE, OUTPUT, PROMPT, REASONING, Ask, Fault, Turn, pieces

Event = dict[str, Any]
USAGE = {
    "input_tokens": PROMPT,
    "input_tokens_details": {"cached_tokens": CACHE_READ, "cache_write_tokens": CACHE_WRITE},
    "output_tokens": OUTPUT,
    "output_tokens_details": {"reasoning_tokens": REASONING},
    "total_tokens": PROMPT + OUTPUT,
}


def turn(asked: Any) -> Turn:
    return asked.script.turn(set(_offered(asked.body)), results(asked.body))


def _offered(body: dict[str, Any]) -> dict[str, str]:
    """The tools by name, with their type."""
    return {tool["name"]: tool["type"] for tool in body.get("tools", []) if tool["type"] in {"function", "custom"}}


def results(body: dict[str, Any]) -> list[str]:
    """The outputs of the newest calls, as long as only they and what goes with them follow."""
    found: list[str] = []
    for item in reversed(body["input"] if isinstance(body["input"], list) else []):
        if item.get("type") in {"function_call_output", "custom_tool_call_output"}:
            found.insert(0, text_of(item["output"]))
        elif found:
            break
    return found


def _items(asked: Any, played: Turn) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if played.thought:
        items.append(_reasoning(asked, played))
    text = {"type": "output_text", "text": played.text, "annotations": [], "logprobs": []}
    message_id = f"msg_e2e_{played.number}"
    items.append({"type": "message", "id": message_id, "status": "completed", "role": "assistant", "content": [text]})
    kinds = _offered(asked.body)
    for place, ask in enumerate(played.asks, 1):
        items.append(_call(ask, kinds[ask.tool], f"{played.number}_{place}"))
    return items


def _reasoning(asked: Any, played: Turn) -> dict[str, Any]:
    body = asked.body
    shown = bool((body.get("reasoning") or {}).get("summary"))
    item: dict[str, Any] = {
        "type": "reasoning",
        "id": f"rs_e2e_{played.number}",
        "summary": [{"type": "summary_text", "text": played.thought}] if shown else [],
    }
    if "reasoning.encrypted_content" in (body.get("include") or []):
        item["encrypted_content"] = asked.script.give(f"gAAAAABe2e-{played.number}-==", item["id"])
    return item


def _call(ask: Ask, kind: str, number: str) -> dict[str, Any]:
    call = {"call_id": f"call_e2e_{number}", "name": ask.tool, "status": "completed"}
    if kind == "custom":
        return {"type": "custom_tool_call", "id": f"ctc_e2e_{number}", **call, "input": ask.arguments["input"]}
    return {"type": "function_call", "id": f"fc_e2e_{number}", **call, "arguments": json.dumps(ask.arguments)}


def whole(asked: Any, played: Turn) -> dict[str, Any]:
    """The answer in one piece."""
    return _response(asked, played, "completed", _items(asked, played), USAGE)


def stream(asked: Any, played: Turn) -> list[bytes]:
    """The answer as server-sent events."""
    started = _response(asked, played, "in_progress", [], None)
    events: list[Event] = [{"type": f"response.{kind}", "response": started} for kind in ("created", "in_progress")]
    items = _items(asked, played)
    for index, item in enumerate(items):
        open_item = {**item, "status": "in_progress", **{key: _EMPTY[key] for key in item if key in _EMPTY}}
        open_item.pop("encrypted_content", None)
        events.append({"type": "response.output_item.added", "output_index": index, "item": open_item})
        inner = {"output_index": index, "item_id": item["id"]}
        events.extend({**inner, **event} for event in _INSIDE[item["type"]](item))
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": _response(asked, played, "completed", items, USAGE)})
    return [
        f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n".encode()
        for number, event in enumerate(events)
    ]


def _in_message(item: dict[str, Any]) -> list[Event]:
    [part], at = item["content"], {"content_index": 0}
    text = part["text"]
    return [
        {"type": "response.content_part.added", **at, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []} for piece in pieces(text)),
        {"type": "response.output_text.done", **at, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
    ]


def _in_reasoning(item: dict[str, Any]) -> list[Event]:
    events: list[Event] = []
    for place, part in enumerate(item["summary"]):
        at, base = {"summary_index": place}, "response.reasoning_summary"
        events.append({"type": f"{base}_part.added", **at, "part": {**part, "text": ""}})
        events.extend({"type": f"{base}_text.delta", **at, "delta": piece} for piece in pieces(part["text"]))
        events.append({"type": f"{base}_text.done", **at, "text": part["text"]})
        events.append({"type": f"{base}_part.done", **at, "part": part})
    return events


def _in_function(item: dict[str, Any]) -> list[Event]:
    base, text = "response.function_call_arguments", item["arguments"]
    deltas = [{"type": f"{base}.delta", "delta": piece} for piece in pieces(text)]
    return [*deltas, {"type": f"{base}.done", "name": item["name"], "arguments": text}]


def _in_custom(item: dict[str, Any]) -> list[Event]:
    base, text = "response.custom_tool_call_input", item["input"]
    return [
        *({"type": f"{base}.delta", "delta": piece} for piece in pieces(text)),
        {"type": f"{base}.done", "input": text},
    ]


_EMPTY: dict[str, Any] = {"content": [], "summary": [], "arguments": "", "input": ""}
_INSIDE = {
    "message": _in_message,
    "reasoning": _in_reasoning,
    "function_call": _in_function,
    "custom_tool_call": _in_custom,
}


def _response(asked: Any, played: Turn, status: str, output: list[Any], usage: Any) -> dict[str, Any]:
    body = asked.body
    return {
        "id": f"resp_e2e_{played.number}",
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": {},
        "model": body["model"],
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools", []),
        "usage": usage,
    }


def compaction(script: Any) -> dict[str, Any]:
    """The answer to a request for the conversation in short form."""
    sealed = script.give("gAAAAABe2e-compaction", "compaction")
    item = {"type": "compaction", "id": "cmp_e2e", "encrypted_content": sealed}
    return {"id": "resp_e2e", "object": "response.compaction", "created_at": 1, "output": [item], "usage": USAGE}


def error(fault: Fault) -> tuple[int, dict[str, Any]]:
    """How it refuses."""
    status, kind, code, message = {
        Fault.RATE_LIMITED: (429, "requests", "rate_limit_exceeded", "Rate limit reached. Please try again in 1s."),
        Fault.TOO_LONG: (
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "Your input exceeds the context window of this model. Please adjust your input and try again.",
        ),
    }[fault]
    return status, {"error": {"message": message, "type": kind, "param": "input", "code": code}}
