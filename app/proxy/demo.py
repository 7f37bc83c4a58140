"""The demo upstream: answers Anthropic Messages by itself, so that the whole program works without any key.

It streams at the pace of a real model, reports usage the way Anthropic does (a conversation that comes again is read
from the cache), and asks for no tools: a coding agent that is pointed at it does nothing to anybody's files.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from app.domain.usage import estimate_tokens

FIRST_TOKEN_S = (0.25, 0.7)
WORDS_PER_S = (30.0, 70.0)
_CACHED_CONVERSATIONS = 256
_ANSWERS = (
    (
        "A patch bay is a panel of sockets where every line of a studio comes together. Instead of crawling behind "
        "the desk, you plug a short cord and the signal goes where you want it: this microphone to that channel, "
        "that channel to this recorder. Nothing else has to move."
    ),
    (
        "This is the demo provider. It answers from inside Patchbay, at the pace of a real model and with "
        "believable token counts, so you can watch the charts, open the history, read both sides of this exchange "
        "and try the export. When you like what you see, add a provider of your own and choose it in the tray "
        "menu."
    ),
    (
        "Three things are worth trying next. Switch the model in the tray menu and send another request: the new "
        "one answers, and the history shows what was asked for and what was sent. Search the history for a word of "
        "this answer. Then open the detail of this exchange and look at its timeline, where the pauses between "
        "words are drawn."
    ),
    (
        "Caching is why the second turn of a conversation is cheaper than the first: the provider has read the "
        "beginning before and charges a tenth for reading it again. The cost tab of an exchange shows each class "
        "of token with its price, so the saving can be seen rather than believed."
    ),
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One answer, decided before its first byte; the same request always gets the same one."""

    model: str
    words: tuple[str, ...]
    first_token_s: float
    gap_s: float
    usage: dict[str, int]


class DemoUpstream:
    """Serves on a loopback port of the system's choice; its pace can be quickened for tests."""

    def __init__(self, *, pace: float = 1.0) -> None:
        self._pace = pace
        self._runner: web.ServerRunner | None = None
        self._read: dict[str, int] = {}
        """Conversations by their first message, and how many tokens of each were read last time."""

    async def start(self) -> str:
        """Listen; the base URL."""
        runner = web.ServerRunner(web.Server(self._serve, access_log=None), handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._runner = runner
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End, streams that run included."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _serve(self, http: web.BaseRequest) -> web.StreamResponse:
        if http.path == "/v1/models":
            return web.json_response({"data": [{"id": f"demo-{size}"} for size in ("large", "medium", "small")]})
        body = await http.read()
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list):
            error = {"type": "invalid_request_error", "message": "messages: a list is required"}
            return web.json_response({"type": "error", "error": error}, status=400)
        if http.path == "/v1/messages/count_tokens":
            return web.json_response({"input_tokens": estimate_tokens(len(body))})
        plan = self._plan(asked, len(body))
        if asked.get("stream"):
            return await self._stream(http, plan)
        await asyncio.sleep((plan.first_token_s + plan.gap_s * len(plan.words)) * self._pace)
        return web.json_response(
            _message(plan, [{"type": "text", "text": "".join(plan.words)}], "end_turn", plan.usage)
        )

    def _plan(self, asked: dict[str, Any], size_bytes: int) -> _Plan:
        dice = hashlib.blake2b(json.dumps(asked["messages"]).encode(), digest_size=3).digest()
        answer = _ANSWERS[dice[0] % len(_ANSWERS)]
        words = tuple(f"{word} " for word in answer.split())
        model = str(asked.get("model", "demo-medium"))
        speed = _between(WORDS_PER_S, dice[1]) * (1.6 if model.endswith("small") else 1.0)
        usage = self._usage(asked, estimate_tokens(size_bytes), estimate_tokens(len(answer)))
        return _Plan(model, words, _between(FIRST_TOKEN_S, dice[2]), 1 / speed, usage)

    def _usage(self, asked: dict[str, Any], prompt_tokens: int, output_tokens: int) -> dict[str, int]:
        """A conversation's beginning is read from the cache from its second turn on, and its new part written to it."""
        conversation = json.dumps(asked["messages"][:1])
        known = min(self._read.pop(conversation, 0), prompt_tokens)
        self._read[conversation] = prompt_tokens
        while len(self._read) > _CACHED_CONVERSATIONS:
            del self._read[next(iter(self._read))]
        fresh = prompt_tokens - known
        written = fresh * 4 // 5 if prompt_tokens > 1024 else 0
        return {
            "input_tokens": fresh - written,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": known,
            "output_tokens": output_tokens,
        }

    async def _stream(self, http: web.BaseRequest, plan: _Plan) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(http)
        for pause_s, event in _events(plan):
            if pause_s:
                await asyncio.sleep(pause_s * self._pace)
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        await response.write_eof()
        return response


def _events(plan: _Plan) -> Iterator[tuple[float, dict[str, Any]]]:
    """(pause before it, event) of a whole stream."""
    begun = {**plan.usage, "output_tokens": 1}
    yield 0.0, {"type": "message_start", "message": _message(plan, [], None, begun)}
    yield plan.first_token_s, {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for word in plan.words:
        delta = {"type": "text_delta", "text": word}
        yield plan.gap_s, {"type": "content_block_delta", "index": 0, "delta": delta}
    yield 0.0, {"type": "content_block_stop", "index": 0}
    yield (
        0.0,
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": plan.usage["output_tokens"]},
        },
    )
    yield 0.0, {"type": "message_stop"}


def _message(
    plan: _Plan, content: list[dict[str, str]], stop_reason: str | None, usage: dict[str, int]
) -> dict[str, Any]:
    return {
        "id": "msg_demo",
        "type": "message",
        "role": "assistant",
        "model": plan.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def _between(bounds: tuple[float, float], byte: int) -> float:
    low, high = bounds
    return low + (high - low) * byte / 255
