"""Bodies: measured before they are read, read within limits, decoded within a budget."""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
import json
import time
import zlib
from dataclasses import replace

import brotli
import pytest
import zstandard

from tests.fakes.rig import KEY, QUICK, error_type
from tests.fakes.scripted import whole

MIB = 1024 * 1024
JSON = "Content-Type: application/json"


def deflate(data: bytes) -> bytes:
    return zlib.compress(data)


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


CODINGS = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", deflate),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", functools.partial(brotli.compress, quality=5)),
    "zstd": ("zstd", zstandard.compress),
}


@pytest.fixture
def served(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    return wire


@pytest.mark.parametrize("name", CODINGS)
async def test_a_compressed_body_arrives_plain(rig, served, name):
    coding, compress = CODINGS[name]
    reply = await rig.ask(served.path, compress(served.request()), f"Content-Encoding: {coding}", *served.headers)
    assert reply.status == 200
    seen = rig.upstream.seen[0]
    assert seen.body == served.request()
    assert "content-encoding" not in seen.names()
    assert seen.get("content-length") == str(len(served.request()))


@pytest.mark.parametrize("name", CODINGS)
async def test_a_bomb_is_stopped_and_nobody_waits_for_it(rig, served, name):
    coding, compress = CODINGS[name]
    rig.configure(served, limits=replace(QUICK, max_body_bytes=4 * MIB))
    bomb = compress(b"\0" * (32 * MIB))
    longest = 0.0

    async def heartbeat():
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before - 0.005)

    beating = asyncio.get_running_loop().create_task(heartbeat(), name="heartbeat")
    reply = await rig.ask(served.path, bomb, f"Content-Encoding: {coding}", *served.headers)
    beating.cancel()
    assert reply.status == 413
    assert longest < 0.25
    assert rig.upstream.lines == []


BROKEN = {
    "cut": lambda data: gzip.compress(data)[:-9],
    "garbage": lambda data: b"\x1f\x8b" + data,
    "followed": lambda data: gzip.compress(data) + b"more",
    "plain": lambda data: data,
}


@pytest.mark.parametrize("how", BROKEN)
async def test_what_does_not_decode_is_the_clients_fault(rig, served, how):
    reply = await rig.ask(served.path, BROKEN[how](served.request()), "Content-Encoding: gzip", *served.headers)
    assert reply.status == 400
    assert error_type(served, reply) == "invalid_request_error"
    assert "gzip" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers", [["Content-Encoding: foo"], ["Content-Encoding: gzip, gzip"], ["Content-Encoding: gzip"] * 2]
)
async def test_one_known_coding_only(rig, served, headers):
    reply = await rig.ask(served.path, served.request(), *headers, *served.headers)
    assert reply.status == 415
    assert rig.upstream.lines == []


@pytest.mark.timed
async def test_a_body_that_is_too_large_is_refused_before_a_byte_of_it(rig, served):
    rig.configure(served, limits=replace(QUICK, max_body_bytes=32 * MIB))
    async with await rig.connect() as client:
        began = time.monotonic()
        await client.request(
            served.path, b"", f"x-api-key: {KEY}", JSON, f"Content-Length: {33 * MIB}", *served.headers
        )
        reply = await client.reply()
        assert time.monotonic() - began < 0.5
    assert reply.status == 413
    assert error_type(served, reply) == ("request_too_large" if served.is_anthropic else "invalid_request_error")
    assert reply.json()["error"]["message"] == "The body is larger than 32 MiB."
    assert rig.no_row()


async def test_a_chunked_body_that_grows_too_large(rig, served):
    rig.configure(served, limits=replace(QUICK, max_body_bytes=MIB))
    async with await rig.connect() as client:
        await client.request(served.path, b"", f"x-api-key: {KEY}", JSON, "Transfer-Encoding: chunked", *served.headers)
        piece = b"%x\r\n%s\r\n" % (MIB // 4, b"x" * (MIB // 4))
        for _ in range(5):
            await client.send(piece)
        assert (await client.reply()).status == 413


async def test_a_chunked_body_in_small_pieces(rig, served):
    async with await rig.connect() as client:
        await client.request(served.path, b"", f"x-api-key: {KEY}", JSON, "Transfer-Encoding: chunked", *served.headers)
        body = served.request()
        for at in range(0, len(body), 10):
            piece = body[at : at + 10]
            await client.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asyncio.sleep(0)
        await client.send(b"0\r\n\r\n")
        assert (await client.reply()).status == 200
    assert rig.upstream.seen[0].body == body


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "abc"])
async def test_an_impossible_length(rig, served, length):
    async with await rig.connect() as client:
        await client.request(served.path, b"", f"x-api-key: {KEY}", JSON, f"Content-Length: {length}")
        assert (await client.reply()).status in (400, 413)


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_a_body_that_stalls(rig, served, framing):
    async with await rig.connect() as client:
        began = time.monotonic()
        await client.request(served.path, b"", f"x-api-key: {KEY}", JSON, framing, *served.headers)
        await client.send(b'{"mo' if "Length" in framing else b'4\r\n{"mo\r\n')
        reply = await client.reply()
        assert reply.status == 408
        assert 0.4 < time.monotonic() - began < 2
    assert rig.no_row()
    assert rig.server.in_flight == 0


async def test_a_body_that_dribbles_is_given_up(rig, served):
    """A byte often enough to beat the idle limit, too slow to be a client."""
    rig.configure(served, limits=replace(QUICK, body_idle_s=0.3, body_total_s=0.6))
    async with await rig.connect() as client:
        await client.request(served.path, b"", f"x-api-key: {KEY}", JSON, "Content-Length: 1000", *served.headers)

        async def dribble():
            while True:
                await client.send(b" ")
                await asyncio.sleep(0.1)

        dribbling = asyncio.get_running_loop().create_task(dribble(), name="dribble")
        reply = await client.reply()
        dribbling.cancel()
        assert reply.status == 408


async def test_the_largest_body_passes_unchanged(rig, served):
    limits = replace(QUICK, max_body_bytes=32 * MIB, body_idle_s=5.0, reply_total_s=20.0)
    rig.configure(served, limits=limits)
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ""}}
    bare = len(json.dumps({**json.loads(served.request()), "pad": [image]}, separators=(",", ":")))
    image["source"] = {"type": "base64", "media_type": "image/png", "data": "A" * (32 * MIB - bare)}
    body = json.dumps({**json.loads(served.request()), "pad": [image]}, separators=(",", ":")).encode()
    assert len(body) == 32 * MIB
    reply = await rig.ask(served.path, body, *served.headers)
    assert reply.status == 200, reply.body[:300]
    assert hashlib.sha256(rig.upstream.seen[0].body).digest() == hashlib.sha256(body).digest()
    assert (await rig.row()).request_bytes == 32 * MIB


async def test_the_go_ahead_comes_after_the_gate(rig, served):
    async with await rig.connect() as client:
        expecting = (JSON, "Expect: 100-continue", f"Content-Length: {len(served.request())}", *served.headers)
        await client.request(served.path, b"", f"x-api-key: {KEY}", *expecting)
        assert (await client.head()).status == 100
        await client.send(served.request())
        assert (await client.reply()).status == 200


REFUSED = {
    "wrong key": (("x-api-key: nope", JSON, "Content-Length: 10"), 401),
    "too large": ((f"x-api-key: {KEY}", JSON, f"Content-Length: {33 * MIB}"), 413),
    "no json": ((f"x-api-key: {KEY}", "Content-Type: text/plain", "Content-Length: 10"), 415),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_no_go_ahead_for_what_will_be_refused(rig, served, what):
    headers, status = REFUSED[what]
    async with await rig.connect() as client:
        await client.request(served.path, b"", *headers, "Expect: 100-continue", *served.headers)
        assert (await client.reply()).status == status


async def test_any_other_expectation_fails(rig, served):
    reply = await rig.ask(served.path, served.request(), "Expect: something", *served.headers)
    assert reply.status == 417


BAD_JSON = {
    "nothing": b" ",
    "broken": b'{"model": "the-model", ',
    "array": b"[]",
    "utf-16": '{"model":"the-model"}'.encode("utf-16"),
    "not utf-8": b'{"model":"\xff"}',
    "nested": b'{"model":"the-model","x":' + b"[" * 200 + b"]" * 200 + b"}",
    "very nested": b"[" * 100_000,
    "model twice": b'{"model":"a","model":"b","messages":[]}',
    "stream twice": b'{"model":"a","stream":true,"stream":false,"messages":[]}',
    "model a number": b'{"model":1}',
    "model missing": b'{"messages":[]}',
    "stream a word": b'{"model":"the-model","stream":"yes","messages":[]}',
    "infinite": b'{"model":"the-model","temperature":1e999,"messages":[]}',
    "not a number": b'{"model":"the-model","temperature":NaN,"messages":[]}',
}


@pytest.mark.parametrize("what", BAD_JSON)
async def test_json_that_is_not_a_request(rig, served, what):
    reply = await rig.ask(served.path, BAD_JSON[what], *served.headers)
    assert reply.status in (400, 404), reply.body
    assert error_type(served, reply) in ("invalid_request_error", "not_found_error")
    assert rig.upstream.lines == []
    assert (await rig.ask("/health", method="GET")).status == 200


async def test_an_empty_body(rig, served):
    reply = await rig.ask(served.path, b"", JSON, *served.headers)
    assert reply.status == 400
    assert error_type(served, reply) == "invalid_request_error"
