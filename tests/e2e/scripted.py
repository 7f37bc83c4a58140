"""A scripted upstream that plays a two-step tool round trip in the Anthropic or the OpenAI chat dialect.

First turn: it asks for the tool `wanted` with `arguments`. Second turn: it looks for the tool's result in what the
client sent back and answers with it, so that only a client that really ran the tool can show the right words.
Requests without tools (titles, summaries, warm-ups) get a short plain answer. It notes every request it saw and
everything about them that a real server would have refused.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

PLAIN = "A short plain answer."


@dataclass
class Script:
    """What to ask for, and what was seen."""

    wanted: str
    arguments: dict[str, Any]
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """Set unless a test clears it; while it is not, every stream stops half-way."""

    def __post_init__(self) -> None:
        self.may_go_on.set()

    def wants_tool(self, body: dict[str, Any], names: set[str]) -> bool:
        return self.wanted in names and not self.result(body)

    def result(self, body: dict[str, Any]) -> str:
        """The text of the last tool result in the conversation, whichever dialect it is in."""
        for message in reversed(body["messages"]):
            if message["role"] == "tool":
                return _text(message["content"])
            if isinstance(message["content"], list):
                for block in message["content"]:
                    if block.get("type") == "tool_result":
                        return _text(block.get("content", ""))
        return ""


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def answer_of(script: Script, body: dict[str, Any]) -> str:
    result = script.result(body)
    return f"The tool said: {result.strip()}" if result else PLAIN


def _sse(event: dict[str, Any], *, named: bool) -> bytes:
    head = f"event: {event['type']}\n" if named else ""
    return f"{head}data: {json.dumps(event)}\n\n".encode()


def anthropic_events(script: Script, body: dict[str, Any]) -> list[dict[str, Any]]:
    usage = {"input_tokens": 120, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 50, "output_tokens": 1}
    names = {tool["name"] for tool in body.get("tools", [])}
    events: list[dict[str, Any]] = [
        {
            "type": "message_start",
            "message": {
                "id": f"msg_{len(script.requests)}",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": usage,
            },
        }
    ]
    if script.wants_tool(body, names):
        block = {"type": "tool_use", "id": "toolu_e2e_1", "name": script.wanted, "input": {}}
        text, stop, kind = json.dumps(script.arguments), "tool_use", "input_json_delta"
        key = "partial_json"
    else:
        block = {"type": "text", "text": ""}
        text, stop, kind, key = answer_of(script, body), "end_turn", "text_delta", "text"
    events.append({"type": "content_block_start", "index": 0, "content_block": block})
    events.extend(
        {"type": "content_block_delta", "index": 0, "delta": {"type": kind, key: piece}} for piece in _pieces(text)
    )
    events.append({"type": "content_block_stop", "index": 0})
    delta = {"stop_reason": stop, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 17}})
    events.append({"type": "message_stop"})
    return events


def anthropic_message(events: list[dict[str, Any]]) -> dict[str, Any]:
    message = dict(events[0]["message"])
    block = dict(events[1]["content_block"])
    joined = "".join(
        event["delta"].get("text", event["delta"].get("partial_json", ""))
        for event in events
        if event["type"] == "content_block_delta"
    )
    if block["type"] == "text":
        block["text"] = joined
    else:
        block["input"] = json.loads(joined)
    message["content"] = [block]
    message["stop_reason"] = events[-2]["delta"]["stop_reason"]
    message["usage"] = {**message["usage"], "output_tokens": 17}
    return message


def chat_chunks(script: Script, body: dict[str, Any]) -> list[dict[str, Any]]:
    base = {"id": "chatcmpl-e2e", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
    names = {tool["function"]["name"] for tool in body.get("tools", [])}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if script.wants_tool(body, names):
        call = {"index": 0, "id": "call_e2e_1", "type": "function"}
        deltas.append({"tool_calls": [{**call, "function": {"name": script.wanted, "arguments": ""}}]})
        pieces = _pieces(json.dumps(script.arguments))
        deltas.extend({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces)
        finish = "tool_calls"
    else:
        deltas.extend({"content": piece} for piece in _pieces(answer_of(script, body)))
        finish = "stop"
    chunks = [{**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    usage = {
        "prompt_tokens": 200,
        "completion_tokens": 17,
        "total_tokens": 217,
        "prompt_tokens_details": {"cached_tokens": 50},
    }
    chunks.append({**base, "choices": [], "usage": usage})
    return chunks


def chat_completion(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    content, calls, finish = "", [], "stop"
    for chunk in chunks:
        for choice in chunk["choices"]:
            finish = choice["finish_reason"] or finish
            content += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", []):
                if "id" in call:
                    calls.append({"id": call["id"], "type": "function", "function": dict(call["function"])})
                else:
                    calls[-1]["function"]["arguments"] += call["function"]["arguments"]
    message = {"role": "assistant", "content": content or None, **({"tool_calls": calls} if calls else {})}
    return {
        "id": "chatcmpl-e2e",
        "object": "chat.completion",
        "created": 1,
        "model": chunks[0]["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": chunks[-1]["usage"],
    }


def _pieces(text: str) -> list[str]:
    return [text[at : at + 7] for at in range(0, len(text), 7)]


def complaints_anthropic(body: dict[str, Any]) -> list[str]:
    found = []
    for message in body["messages"]:
        if message["role"] not in {"user", "assistant", "system"}:
            found.append(f"role {message['role']}")
        blocks = message["content"] if isinstance(message["content"], list) else []
        found.extend("empty text block" for block in blocks if block.get("type") == "text" and not block["text"])
    if body["messages"][0]["role"] != "user":
        found.append("first message is not the user's")
    if "max_tokens" not in body:
        found.append("no max_tokens")
    return found


def complaints_chat(body: dict[str, Any]) -> list[str]:
    found = []
    allowed = {"system", "developer", "user", "assistant", "tool"}
    open_calls: list[str] = []
    for message in body["messages"]:
        if message["role"] not in allowed:
            found.append(f"role {message['role']}")
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                found.append(f"tool result without a call: {message['tool_call_id']}")
            else:
                open_calls.remove(message["tool_call_id"])
        elif open_calls:
            found.append(f"calls without a result: {open_calls}")
        for call in message.get("tool_calls", []):
            json.loads(call["function"]["arguments"])
            open_calls.append(call["id"])
    text = json.dumps(body)
    found.extend(f"leaked {word}" for word in ("x-anthropic-billing-header", "cache_control") if word in text)
    found.extend(f"foreign field {key}" for key in ("metadata", "thinking", "context_management") if key in body)
    return found


def application(script: Script) -> web.Application:
    async def messages(request: web.Request) -> web.StreamResponse:
        body = await _seen(script, request)
        script.complaints.extend(complaints_anthropic(body))
        events = anthropic_events(script, body)
        if body.get("stream"):
            return await _stream(script, request, [_sse(event, named=True) for event in events])
        return web.json_response(anthropic_message(events))

    async def chat(request: web.Request) -> web.StreamResponse:
        body = await _seen(script, request)
        script.complaints.extend(complaints_chat(body))
        chunks = chat_chunks(script, body)
        if body.get("stream"):
            return await _stream(
                script, request, [*(_sse(chunk, named=False) for chunk in chunks), b"data: [DONE]\n\n"]
            )
        return web.json_response(chat_completion(chunks))

    async def count(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"input_tokens": 321})

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/messages", messages)
    app.router.add_post("/v1/messages/count_tokens", count)
    app.router.add_post("/v1/chat/completions", chat)
    return app


async def _seen(script: Script, request: web.Request) -> dict[str, Any]:
    body: dict[str, Any] = await request.json()
    script.requests.append((request.path, body))
    script.headers.append(dict(request.headers))
    return body


async def _stream(script: Script, request: web.Request, pieces: list[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream", "request-id": "req_e2e"})
    await response.prepare(request)
    for place, piece in enumerate(pieces):
        if place == len(pieces) // 2:
            await script.may_go_on.wait()
        await response.write(piece)
    await response.write_eof()
    return response


@asynccontextmanager
async def serve(script: Script) -> AsyncIterator[str]:
    """Serve a script on a loopback port; yields the address without a path."""
    runner = web.AppRunner(application(script), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        script.may_go_on.set()
        await runner.cleanup()
