"""A provider that answers every Anthropic request with a few words, and remembers what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Upstream:
    base_url: str = ""
    keys: list[str] = field(default_factory=list)
    listed_for: list[str] = field(default_factory=list)
    """The keys that asked for the list of models."""
    bodies: list[bytes] = field(default_factory=list)
    status: int = 200
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, it keeps every request waiting."""

    async def answer(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("x-api-key", ""))
        self.bodies.append(await request.read())
        await self.answering.wait()
        if self.status != 200:
            error = {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}
            return web.json_response(error, status=self.status)
        usage = {"input_tokens": 10, "output_tokens": 3}
        content = [{"type": "text", "text": "A few words."}]
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5"}
        ended = {"stop_reason": "end_turn", "stop_sequence": None}
        return web.json_response({**message, "content": content, **ended, "usage": usage})

    async def models(self, request: web.Request) -> web.Response:
        self.listed_for.append(request.headers.get("x-api-key", ""))
        return web.json_response({"data": [{"type": "model", "id": "claude-haiku-4-5"}], "has_more": False})


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    """One on a port of the system's choice."""
    made = Upstream()
    made.answering.set()
    app = web.Application()
    app.router.add_post("/v1/messages", made.answer)
    app.router.add_get("/v1/models", made.models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        made.answering.set()
        await runner.cleanup()


def provider(upstream_url: str, name: str = "Local", more: str = "") -> str:
    """A `[[provider]]` that leads there."""
    return (
        f'[[provider]]\nname = "{name}"\nvendor = "anthropic-compatible"\nbase_url = "{upstream_url}"\n'
        f'big_models = ["claude-haiku-4-5"]\n{more}'
    )
