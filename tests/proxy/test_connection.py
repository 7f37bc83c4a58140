"""What a connection may not be: no HTTP, ambiguous, endless, one too many."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from aiohttp import http_parser

from app.domain.settings import Limits
from tests.fakes.rig import KEY, QUICK
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

BODY = ANTHROPIC.request()
HEAD = (
    f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nx-api-key: {KEY}\r\nContent-Type: application/json\r\n"
)
AMBIGUOUS = {
    "length and chunked": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a signed length": "Content-Length: +5\r\n\r\nhello",
    "an unknown coding": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked not last": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a folded line": "X: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
    "a space before the colon": "Content-Length : 5\r\n\r\nhello",
    "bare line feeds": "X: 1\nContent-Length: 5\n\nhello",
    "a nul": "X: a\x00b\r\nContent-Length: 5\r\n\r\nhello",
    "two hosts": "Host: other\r\nContent-Length: 5\r\n\r\nhello",
    "a long value": f"X: {'a' * 9000}\r\nContent-Length: 5\r\n\r\nhello",
    "many headers": "".join(f"X-{number}: 1\r\n" for number in range(200)) + "Content-Length: 5\r\n\r\nhello",
    "a bad chunk size": "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
}
NO_HTTP = {
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "h2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "noise": bytes(range(256)) * 4,
    "a long line": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    "no end": b"x" * 1_000_000,
}


async def alive(rig):
    assert (await rig.ask("/health", method="GET")).status == 200


def test_the_fast_parser_is_the_one_in_use():
    assert http_parser.HttpRequestParser is not http_parser.HttpRequestParserPy


@pytest.mark.parametrize("what", AMBIGUOUS)
async def test_what_two_programs_might_read_differently(rig, what):
    rig.configure(ANTHROPIC)
    async with await rig.connect() as client:
        await client.send((HEAD.format(port=rig.port) + AMBIGUOUS[what]).encode("latin-1"))
        reply = await client.reply()
        assert 400 <= reply.status < 500, what
        await client.ended()
    assert rig.upstream.lines == []
    await alive(rig)


@pytest.mark.parametrize("what", NO_HTTP)
async def test_what_is_no_http(rig, what):
    async with await rig.connect() as client:
        try:
            await client.send(NO_HTTP[what])
            answer = await client.ended()
        except ConnectionError:
            answer = b""
    assert not answer or b" 400 " in answer[:20] or b" 404 " in answer[:20] or b" 421 " in answer[:20]
    assert b"aiohttp" not in answer
    assert b"Python" not in answer
    await alive(rig)


async def test_a_connection_that_says_nothing_is_closed(rig):
    rig.configure(ANTHROPIC, limits=replace(QUICK, header_deadline_s=0.3))
    await rig.server.stop(0)
    rig.port = await rig.server.start(0)
    dribbling = []

    async def dribble(client):
        try:
            for byte in b"GET /health HTTP/1.1\r\nX-Slow: " + b"a" * 1000:
                await client.send(bytes([byte]))
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass

    clients = [await rig.connect() for _ in range(20)]
    loop = asyncio.get_running_loop()
    dribbling = [loop.create_task(dribble(client), name="dribble") for client in clients[10:]]
    began = time.monotonic()
    for client in clients:
        await client.ended(2.0)
    assert time.monotonic() - began < 2
    for task in dribbling:
        task.cancel()
    await asyncio.wait(dribbling)
    for client in clients:
        await client.close()
    await alive(rig)


async def test_one_connection_too_many_is_told_so(rig):
    rig.configure(ANTHROPIC, limits=replace(QUICK, max_connections=5))
    clients = [await rig.connect() for _ in range(5)]
    for client in clients:
        await client.request("/health", method="GET")
        assert (await client.reply()).status == 200
    async with await rig.connect() as late:
        answer = await late.ended()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After" in answer
    await clients.pop().close()
    async with asyncio.timeout(2):
        while True:
            async with await rig.connect() as again:
                await again.request("/health", method="GET")
                try:
                    if (await again.reply()).status == 200:
                        break
                except (asyncio.IncompleteReadError, ConnectionError):
                    pass
            await asyncio.sleep(0.01)
    for client in clients:
        await client.close()


async def test_the_default_cap_stays_below_what_a_process_may_open(rig):
    assert Limits().max_connections <= 256


async def test_many_requests_at_once_on_one_connection(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.whole())
    request = (HEAD.format(port=rig.port) + f"Content-Length: {len(BODY)}\r\n\r\n").encode() + BODY
    async with await rig.connect() as client:
        sending = asyncio.get_running_loop().create_task(client.send(request * 100), name="sending")
        for _ in range(100):
            assert (await client.reply()).status == 200
        await sending
    assert len(rig.recorder.ends) == 100
