from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Secret
from app.proxy.sample import send_sample

KEY = Secret("pb_0123456789")


@asynccontextmanager
async def door(answer):
    app = web.Application()
    app.router.add_post("/v1/messages", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_it_asks_as_a_client_does_and_reads_to_the_end():
    seen = []

    async def answer(request):
        seen.append((request.headers["x-api-key"], json.loads(await request.read())["stream"]))
        return web.Response(text="event: message_stop\n\n")

    async with door(answer) as url:
        await send_sample(url, KEY)
    assert seen == [(KEY.value, True)]


@pytest.mark.parametrize(
    ("body", "words"),
    [('{"error": {"message": "There is no provider."}}', "There is no provider."), ("<html>", "not readable")],
)
async def test_a_refusal_is_told_in_its_own_words(body, words):
    async def answer(request):
        return web.Response(status=503, text=body)

    async with door(answer) as url:
        with pytest.raises(PatchbayError, match=words):
            await send_sample(url, KEY)


async def test_nobody_at_the_door_is_an_error_with_words():
    with pytest.raises(PatchbayError) as caught:
        await send_sample("http://127.0.0.1:9", KEY)
    assert caught.value.kind is ErrorKind.UNREACHABLE
