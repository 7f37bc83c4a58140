"""Serves a script in all four dialects on a loopback port."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.e2e.scripted import (
    anthropic_play,
    anthropic_rules,
    chat_play,
    chat_rules,
    gemini_play,
    gemini_rules,
    responses_play,
    responses_rules,
)
from tests.e2e.scripted.findings import Findings
from tests.e2e.scripted.script import Fault, Script, Turn

RETRY_AFTER_S = "1"


@dataclass(frozen=True)
class Asked:
    """A request as the parts of this package see it."""

    script: Script
    path: str
    query: str
    headers: dict[str, str]
    body: dict[str, Any]
    streaming: bool


@dataclass(frozen=True)
class Voice:
    """How one dialect checks, answers and fails."""

    complaints: Callable[[Asked], Findings]
    turn: Callable[[Asked], Turn]
    stream: Callable[[Asked, Turn], list[bytes]]
    whole: Callable[[Asked, Turn], dict[str, Any]]
    error: Callable[[Fault], tuple[int, dict[str, Any]]]
    read: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: body
    """Brings a request into the one spelling that the other functions know."""


ANTHROPIC = Voice(
    anthropic_rules.complaints, anthropic_play.turn, anthropic_play.stream, anthropic_play.whole, anthropic_play.error
)
CHAT = Voice(chat_rules.complaints, chat_play.turn, chat_play.stream, chat_play.whole, chat_play.error)
RESPONSES = Voice(
    responses_rules.complaints, responses_play.turn, responses_play.stream, responses_play.whole, responses_play.error
)
GEMINI = Voice(
    gemini_rules.complaints,
    gemini_play.turn,
    gemini_play.stream,
    gemini_play.whole,
    gemini_play.error,
    gemini_play.read,
)


def application(script: Script) -> web.Application:
    """Every path of the four servers that clients call."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    for voice, path in (
        (ANTHROPIC, "/v1/messages"),
        (CHAT, "/v1/chat/completions"),
        (RESPONSES, "/v1/responses"),
        (GEMINI, "/v1beta/models/{model}:{method:generateContent|streamGenerateContent}"),
    ):
        app.router.add_post(path, _chat(script, voice))
    app.router.add_post("/v1/messages/count_tokens", _fixed({"input_tokens": 321}))
    app.router.add_post("/v1/responses/input_tokens", _fixed({"object": "response.input_tokens", "input_tokens": 321}))
    app.router.add_post("/v1beta/models/{model}:countTokens", _fixed({"totalTokens": 321}))
    app.router.add_post("/v1/responses/compact", _compact(script))
    return app


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


async def _seen(script: Script, request: web.Request) -> dict[str, Any]:
    body: dict[str, Any] = await request.json()
    script.requests.append((request.path, body))
    script.headers.append(dict(request.headers))
    return body


def _chat(script: Script, voice: Voice) -> Callable[[web.Request], Any]:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = await _seen(script, request)
        streaming = bool(body.get("stream")) or "stream" in request.match_info.get("method", "")
        asked = Asked(script, request.path, request.query_string, dict(request.headers), voice.read(body), streaming)
        script.complaints.extend(f"request {len(script.requests)}: {words}" for words in voice.complaints(asked))
        fault = script.faults.pop(0) if script.faults else None
        if fault in {Fault.RATE_LIMITED, Fault.TOO_LONG}:
            status, error = voice.error(fault)
            hint = {"retry-after": RETRY_AFTER_S} if fault is Fault.RATE_LIMITED else {}
            return web.json_response(error, status=status, headers=hint)
        turn = voice.turn(asked)
        if streaming:
            media_type = "text/event-stream" if voice is not GEMINI or "alt=sse" in asked.query else "application/json"
            return await _stream(asked, request, voice.stream(asked, turn), media_type, cut=fault is Fault.CUT)
        return web.json_response(voice.whole(asked, turn))

    return answer


async def _stream(
    asked: Asked, request: web.Request, parts: list[bytes], media_type: str, *, cut: bool
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": media_type, "request-id": "req_e2e"})
    await response.prepare(request)
    for place, part in enumerate(parts):
        if place == len(parts) // 2:
            if cut:
                assert request.transport is not None
                request.transport.close()
                return response
            await asked.script.may_go_on.wait()
        await response.write(part)
    await response.write_eof()
    return response


def _fixed(answer: dict[str, Any]) -> Callable[[web.Request], Any]:
    async def say(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=json.dumps(answer).encode(), content_type="application/json")

    return say


def _compact(script: Script) -> Callable[[web.Request], Any]:
    async def compact(request: web.Request) -> web.Response:
        await _seen(script, request)
        return web.json_response(responses_play.compaction(script))

    return compact
