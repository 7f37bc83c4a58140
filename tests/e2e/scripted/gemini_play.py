"""Gemini's answers: thoughts, text and function calls as parts, the thought signature on the first call only.

Shapes: https://ai.google.dev/api/generate-content; signatures: https://ai.google.dev/gemini-api/docs/thought-signatures
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from tests.e2e.scripted.script import CACHE_READ, OUTPUT, PROMPT, REASONING, Fault, Turn, pieces

USAGE = {
    "promptTokenCount": PROMPT,
    "cachedContentTokenCount": CACHE_READ,
    "candidatesTokenCount": OUTPUT - REASONING,
    "thoughtsTokenCount": REASONING,
    "totalTokenCount": PROMPT + OUTPUT,
}


_OPAQUE = {"args", "response", "parametersJsonSchema", "responseJsonSchema", "properties"}
"""Below these stand the client's own names."""


def read(value: Any) -> Any:
    """A request with its members in camel case: Google takes either spelling, and its Python SDK mixes them."""
    if isinstance(value, list):
        return [read(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_([a-z])", lambda found: found[1].upper(), key): inner for key, inner in value.items()}
    return {key: inner if key in _OPAQUE else read(inner) for key, inner in named.items()}


def turn(asked: Any) -> Turn:
    declared = {
        function["name"] for tool in asked.body.get("tools", []) for function in tool.get("functionDeclarations", [])
    }
    return asked.script.turn(declared, results(asked.body))


def results(body: dict[str, Any]) -> list[str]:
    """The texts of the function responses of the newest content that has any."""
    for content in reversed(body["contents"]):
        found = [part["functionResponse"]["response"] for part in content["parts"] if "functionResponse" in part]
        if found:
            return [_text(response) for response in found]
    return []


def _text(response: dict[str, Any]) -> str:
    for key in ("output", "result", "error"):
        if isinstance(response.get(key), str):
            return response[key]
    return json.dumps(response, ensure_ascii=False)


def _parts(asked: Any, played: Turn) -> list[dict[str, Any]]:
    thinking = (asked.body.get("generationConfig") or {}).get("thinkingConfig") or {}
    parts: list[dict[str, Any]] = []
    if played.thought and thinking.get("includeThoughts"):
        parts.append({"text": played.thought, "thought": True})
    parts.extend({"text": piece} for piece in pieces(played.text))
    for place, ask in enumerate(played.asks, 1):
        call = {"id": f"e2e{played.number}call{place}", "name": ask.tool, "args": ask.arguments}
        part: dict[str, Any] = {"functionCall": call}
        if place == 1:
            raw = base64.b64encode(f"gemini signature of call {played.number}".encode()).decode()
            part["thoughtSignature"] = asked.script.give(raw, ask.tool)
        parts.append(part)
    if played.thought and not played.asks:
        raw = base64.b64encode(f"gemini signature of text {played.number}".encode()).decode()
        parts.append({"text": "", "thoughtSignature": asked.script.give(raw, "text")})
    return parts


def whole(asked: Any, played: Turn) -> dict[str, Any]:
    """The answer in one piece."""
    return _chunk(asked, played, _parts(asked, played), last=True)


def stream(asked: Any, played: Turn) -> list[bytes]:
    """The answer as server-sent events, or without `alt=sse` as a JSON array that grows."""
    parts = _parts(asked, played)
    chunks = [_chunk(asked, played, [part], last=False) for part in parts]
    chunks.append(_chunk(asked, played, [{"text": ""}], last=True))
    texts = [json.dumps(chunk).encode() for chunk in chunks]
    if "alt=sse" in asked.query:
        return [b"data: " + text + b"\r\n\r\n" for text in texts]
    return [(b"[" if place == 0 else b",\r\n") + text for place, text in enumerate(texts)] + [b"]"]


def _chunk(asked: Any, played: Turn, parts: list[dict[str, Any]], *, last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    usage = {"promptTokenCount": PROMPT, "totalTokenCount": PROMPT}
    if last:
        candidate["finishReason"] = "STOP"
        usage = USAGE
    model = asked.path.rpartition("/")[2].partition(":")[0]
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": model,
        "responseId": f"gemini-e2e-{played.number}",
    }


def error(fault: Fault) -> tuple[int, dict[str, Any]]:
    """How it refuses."""
    if fault is Fault.RATE_LIMITED:
        delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
        message = "You exceeded your current quota. Please retry in 1s."
        return 429, {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": [delay]}}
    message = "The input token count (214000) exceeds the maximum number of tokens allowed (200000)."
    return 400, {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
