"""Group C: parsing and resource limits. Nobody can confuse the proxy, fill it up or hold it."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import os
import statistics
import time
import zlib

import brotli
import pytest
import zstandard

from app.domain.exchange import State
from tests.acceptance.contract import alive, bounded, err, norow, same_fds, up
from tests.acceptance.program import KEY
from tests.fakes.rawclient import Reply
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

MIB = 1024 * 1024
LIMITS = {
    "header_deadline_s": 1,
    "max_connections": 64,
    "reply_total_s": 10,
    "first_byte_s": 10,
    "body_idle_s": 1,
    "max_buffered_bytes": 40 * MIB,
}
JSON = "Content-Type: application/json"
AUTH = f"x-api-key: {KEY}"

BODY = ANTHROPIC.request("A:model-a")
FRAMINGS = {
    "both-lengths": f"Content-Length: {len(BODY)}\r\nTransfer-Encoding: chunked\r\n",
    "two-equal-lengths": f"Content-Length: {len(BODY)}\r\nContent-Length: {len(BODY)}\r\n",
    "two-lengths": f"Content-Length: {len(BODY)}\r\nContent-Length: 3\r\n",
    "plus": "Content-Length: +3\r\n",
    "minus": "Content-Length: -3\r\n",
    "hex": "Content-Length: 0x10\r\n",
    "list": "Content-Length: 3, 3\r\n",
    "xchunked": "Transfer-Encoding: xchunked\r\n",
    "chunked-not-last": "Transfer-Encoding: chunked, identity\r\n",
    "folded": "Content-Length: 3\r\nX-A: b\r\n c\r\n",
    "space-before-colon": "Content-Length : 3\r\n",
    "nul": "X-A: b\0c\r\nContent-Length: 3\r\n",
    "bare-cr": "X-A: b\rc\r\nContent-Length: 3\r\n",
    "two-hosts": "Host: evil.example\r\nContent-Length: 3\r\n",
    "no-name": ": x\r\nContent-Length: 3\r\n",
}
NO_HTTP = {
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 64 + b"\r\n\r\n",
    "h2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "words": b"hello there\r\n\r\n",
    "bare-lf": b"POST /v1/messages HTTP/1.1\nHost: x\n\n",
    "version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
}


async def closed(client, limit_s=1.0) -> Reply:
    """A 400 or nothing, and the end of the connection."""
    began = time.monotonic()
    try:
        reply = await asyncio.wait_for(client.reply(), limit_s)
        assert reply.status in (400, 414, 431, 505)
        assert b"evil" not in reply.body
    except (asyncio.IncompleteReadError, ConnectionError):
        reply = Reply(0, [])
    assert await client.ended(limit_s) == b""
    assert time.monotonic() - began <= limit_s
    return reply


@pytest.mark.parametrize("what", FRAMINGS)
async def test_c01_what_two_programs_might_frame_differently_is_refused(p, what):
    async with await p.connect() as client:
        head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{p.port}\r\n{AUTH}\r\n{JSON}\r\n{FRAMINGS[what]}\r\n"
        await client.send(head.encode() + BODY)
        await closed(client)
    up(p, 0)
    await alive(p)


@pytest.mark.parametrize("what", NO_HTTP)
async def test_c01_what_is_no_http_is_refused(p, what):
    async with await p.connect() as client:
        await client.send(NO_HTTP[what])
        await closed(client)
    up(p, 0)
    await alive(p)


def test_c01_the_strict_parser_is_the_one_in_use():
    import aiohttp.http_parser

    assert aiohttp.http_parser.HttpRequestParser is not aiohttp.http_parser.HttpRequestParserPy


@pytest.mark.parametrize("what", ["value", "url", "many", "endless"])
async def test_c03_heads_have_a_size(p, what):
    head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{p.port}\r\n{AUTH}\r\n"
    data = {
        "value": head + f"X-A: {'x' * 9000}\r\n\r\n",
        "url": head.replace("messages", "m" * 9000) + "\r\n",
        "many": head + "".join(f"X-{n}: y\r\n" for n in range(129)) + "\r\n",
        "endless": head + "X-A: " + "x" * MIB,
    }[what].encode()
    async with bounded(p, rss_mb=8), await p.connect() as client:
        try:
            await client.send(data)
        except ConnectionError:
            return
        await closed(client)
    up(p, 0)


async def test_c04_dribbled_heads_are_cut_and_harm_nobody(p):
    p.upstream.script = whole(ANTHROPIC.whole())
    before = (await p.figures()).fds
    clients = [await p.connect() for _ in range(40)]
    head = b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nX-A: " + b"x" * 1000
    began = time.monotonic()

    async def dribble(client):
        try:
            for byte in head:
                await client.send(bytes([byte]))
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass

    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(dribble(client), name="dribble") for client in clients]
    waits = []
    while time.monotonic() - began < 0.8:
        asked = time.monotonic()
        assert (await p.chat(ANTHROPIC)).status == 200
        waits.append(time.monotonic() - asked)
    assert statistics.quantiles(waits, n=20)[-1] < 0.25
    for client in clients:
        assert await client.ended(2.5) == b""
    assert time.monotonic() - began < 2.5
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for client in clients:
        await client.close()
    await same_fds(p, before + 1)
    await p.settle()


async def test_c04_a_connection_that_says_nothing_is_cut_as_well(p):
    async with await p.connect() as silent, await p.connect() as served:
        await served.request("/health", method="GET")
        assert (await served.reply()).status == 200
        await served.send(b"POST /v1/me")
        assert await silent.ended(2.5) == b""
        assert await served.ended(2.5) == b""


@pytest.mark.parametrize("length", [33 * MIB, 32 * MIB + 1, 10**20, 2**63])
@pytest.mark.timed
async def test_c06_a_length_that_is_too_large_is_refused_before_a_byte_comes(p, wire, length):
    async with bounded(p, rss_mb=4), await p.connect() as client:
        began = time.monotonic()
        await client.request(wire.path, b"", AUTH, JSON, f"Content-Length: {length}", *wire.headers)
        reply = await client.reply()
        assert time.monotonic() - began < 0.3
        if length < 2**60:
            err(wire, reply, 413, "request_too_large" if wire.is_anthropic else "invalid_request_error")
        else:
            assert reply.status in (400, 413)
    up(p, 0)


def image_of(size):
    """A request of exactly so many bytes with one image in it."""
    image = base64.b64encode(os.urandom(3 * 1024)).decode() * (size // 4096)
    blocks = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "@"}}]
    frame = ANTHROPIC.request("A:model-a", messages=[{"role": "user", "content": blocks}])
    return frame.replace(b"@", image[: size - len(frame) + 1].encode())


@pytest.mark.timed
async def test_c08_the_largest_body_passes_unchanged(p):
    p.upstream.script = whole(ANTHROPIC.whole())
    body = image_of(32 * MIB).replace(b'"A:model-a"', b'"model-a"  ')
    assert len(body) == 32 * MIB
    async with bounded(p, rss_mb=130, lag_ms=300):
        assert (await p.ask(ANTHROPIC.path, body, *ANTHROPIC.headers)).status == 200
    row = await p.row()
    assert (row.state, row.request_bytes, row.provider) == (State.DONE, 32 * MIB, "A")
    assert hashlib.sha256(p.upstream.seen[0].body).digest() == hashlib.sha256(body).digest()


async def test_c08_one_byte_more_is_too_much(p, wire):
    async with await p.connect() as client:
        await client.request(wire.path, b"", AUTH, JSON, "Transfer-Encoding: chunked", *wire.headers)
        reading = asyncio.get_running_loop().create_task(client.reply(), name="reading")
        piece = b"%x\r\n%s\r\n" % (MIB, b" " * MIB)
        try:
            for _ in range(33):
                await client.send(piece)
        except ConnectionError:
            pass
        err(wire, await reading, 413)
    up(p, 0)


async def test_c09_nobody_is_told_to_go_on_who_will_be_refused(p, wire):
    p.upstream.script = whole(wire.whole())
    body = p.body(wire)
    cases = (
        ("x-api-key: pb_wrong", f"Content-Length: {len(body)}", "100-continue", 401),
        (AUTH, f"Content-Length: {33 * MIB}", "100-continue", 413),
        (AUTH, f"Content-Length: {len(body)}", "200-ok", 417),
        (AUTH, f"Content-Length: {len(body)}\r\nOrigin: https://x.example", "100-continue", 403),
    )
    for key, length, expectation, status in cases:
        async with await p.connect() as client:
            await client.request(wire.path, b"", key, JSON, length, f"Expect: {expectation}", *wire.headers)
            err(wire, await client.reply(), status)  # the very first thing that comes
    async with await p.connect() as client:
        await client.request(
            wire.path, b"", AUTH, JSON, f"Content-Length: {len(body)}", "Expect: 100-continue", *wire.headers
        )
        assert (await client.head()).status == 100
        await client.send(body)
        assert (await client.reply()).status == 200
    up(p, 1)


def bomb(coding):
    """A gibibyte of spaces in one content coding."""
    blank = b" " * MIB
    if coding == "zstd":
        squeeze = zstandard.ZstdCompressor(level=3).compressobj()
        return b"".join(squeeze.compress(blank) for _ in range(1024)) + squeeze.flush()
    if coding == "br":
        press = brotli.Compressor(quality=1, lgwin=22)
        return b"".join(press.process(blank) for _ in range(1024)) + press.finish()
    packer = zlib.compressobj(1, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    return b"".join(packer.compress(blank) for _ in range(1024)) + packer.flush()


@pytest.fixture(scope="module")
def bombs():
    return {coding: bomb(coding) for coding in ("gzip", "deflate", "br", "zstd")}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.timed
async def test_c10_a_bomb_is_refused_within_its_budget(p, wire, coding, bombs):
    async with bounded(p, rss_mb=64, lag_ms=200, within_s=2):
        err(wire, await p.ask(wire.path, bombs[coding], f"Content-Encoding: {coding}", *wire.headers), 413)
    up(p, 0)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.timed
async def test_c11_without_a_key_nothing_is_decoded(p, wire, coding, bombs):
    async with bounded(p, rss_mb=16, lag_ms=100, within_s=1):
        reply = await p.ask(wire.path, bombs[coding], f"Content-Encoding: {coding}", *wire.headers, key="pb_wrong")
        err(wire, reply, 401)
    await norow(p, "auth")


@pytest.mark.parametrize(
    ("coding", "status"),
    [("foo", 415), ("gzip, gzip", 415), ("br, gzip", 415), ("gzip", 400), ("zstd", 400), ("br", 400)],
)
async def test_c12_unknown_or_broken_codings(p, wire, coding, status):
    err(wire, await p.ask(wire.path, b"not compressed at all", f"Content-Encoding: {coding}", *wire.headers), status)
    for data in (gzip.compress(p.body(wire))[:-4], gzip.compress(p.body(wire)) + b"x"):
        err(wire, await p.ask(wire.path, data, "Content-Encoding: gzip", *wire.headers), 400)
    up(p, 0)


@pytest.mark.parametrize(
    ("coding", "press"),
    [("gzip", gzip.compress), ("zstd", zstandard.compress), ("br", brotli.compress), ("deflate", zlib.compress)],
)
async def test_c13_what_clients_compress_goes_on_plain(p, wire, coding, press):
    p.upstream.script = whole(wire.whole())
    body = p.body(wire)
    assert (await p.ask(wire.path, press(body), f"Content-Encoding: {coding}", *wire.headers)).status == 200
    (seen,) = p.upstream.seen
    assert json.loads(seen.body)["messages"] == json.loads(body)["messages"]
    assert seen.get("content-encoding") is None
    assert seen.get("content-length") == str(len(seen.body))


@pytest.mark.parametrize("depth", [200, 1_000, 100_000, 2_000_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.timed
async def test_c14_deep_nesting_is_refused_quickly(p, wire, depth, opening, closing):
    deep = opening * depth + b"1" + closing * depth
    body = p.body(wire)[:-1] + b',"x":' + deep + b"}"
    began = time.monotonic()
    async with bounded(p, lag_ms=200):
        err(wire, await p.ask(wire.path, body, *wire.headers), 400, "invalid_request_error")
    assert time.monotonic() - began < (0.4 if depth < 1_000_000 else 1.5)
    up(p, 0)
    await norow(p, "invalid")


async def test_c14_a_hundred_levels_are_fine(p, wire):
    p.upstream.script = whole(wire.whole())
    body = p.body(wire)[:-1] + b',"metadata":{"user_id":"' + b"[{" * 500 + b'"}}'
    assert (await p.ask(wire.path, body, *wire.headers)).status == 200


@pytest.mark.parametrize(
    "extra",
    [
        *(b'"x":' + b"1" * 5000, b'"x":NaN', b'"x":Infinity', b'"x":-Infinity', b'"x":1e999', b'"x":-1e400'),
        *(b'"model":"other"', b'"stream":true,"stream":false', b'"max_tokens":1', b'"x":1}{', b'"x":01', b"\"x\":'a'"),
    ],
)
async def test_c16_numbers_and_names_that_two_readers_read_differently(p, wire, extra):
    err(wire, await p.ask(wire.path, p.body(wire)[:-1] + b"," + extra + b"}", *wire.headers), 400)
    up(p, 0)


@pytest.mark.parametrize("coding", ["utf-16", "utf-32", "utf-8-sig", "latin-1"])
async def test_c16_only_utf_8_is_json(p, wire, coding):
    text = p.body(wire).decode().replace("Say hi", "Say h\u00ef")
    reply = await p.ask(wire.path, text.encode(coding), *wire.headers)
    err(wire, reply, 400)
    up(p, 0)


async def test_c16_digits_inside_a_string_are_left_alone(p, wire):
    p.upstream.script = whole(wire.whole())
    digits = '{"n":' + "7" * 4000 + "}"
    if wire.is_anthropic:
        use = {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": digits}}
        result = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}
        turns = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    else:
        call = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": digits}}
        turns = [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "t1", "content": "k"},
        ]
    messages = [{"role": "user", "content": "Say hi"}, *turns]
    assert (await p.chat(wire, messages=messages)).status == 200
    assert digits.replace('"', '\\"').encode() in p.upstream.seen[0].body


TYPES = [
    *((name, value) for name in ("model",) for value in ({}, [], None, "x" * 10_000, 5, True, "")),
    *(("stream", value) for value in ("yes", 1, {}, [])),
    *(("messages", value) for value in ("x", 5, {}, None, [5], [None], [[]])),
    *(("max_tokens", value) for value in (-1, True, "5", [], 2**70, 1.5)),
    *(("temperature", value) for value in ("hot", [], {})),
    *(("tools", value) for value in ("x", 5)),
]


@pytest.mark.parametrize(("name", "value"), TYPES)
async def test_c18_wrong_types_are_refused_by_name_and_never_a_failure_of_ours(p, pair, name, value):
    client, upstream = pair
    p.upstream.script = whole(upstream.whole())
    made = json.loads(p.body(client, upstream)) | {name: value}
    reply = await p.ask(client.path, json.dumps(made).encode(), *client.headers)
    if reply.status == 200:  # a pass-through leaves to the provider what only it knows
        assert client is upstream
        assert name not in ("model", "stream", "messages")
        return
    message = err(client, reply, (400, 404))
    assert name in message or reply.status == 404, message
    up(p, 0)


@pytest.mark.timed
async def test_c18_more_messages_than_anybody_has(p, pair):
    client, upstream = pair
    p.upstream.script = whole(upstream.whole())
    many = [{"role": "user", "content": "x"}] * 100_001
    async with bounded(p, lag_ms=1500):
        reply = await p.chat(client, upstream, messages=many)
    assert reply.status in (200, 400)


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PUT", "post", "M" * 4096, "DELETE", "PATCH", "HEAD", "PROPFIND"]
)
async def test_c20_other_methods(p, wire, method):
    async with await p.connect() as client:
        await client.request(wire.path, b"", AUTH, JSON, *wire.headers, method=method)
        try:
            reply = await client.reply(of_head=method == "HEAD")
        except asyncio.IncompleteReadError:
            return  # no HTTP at all
    assert reply.status in (400, 405, 501)
    if reply.status == 405:
        assert reply.get("allow") == "POST"
    assert method.encode() not in reply.body or method == "post"
    up(p, 0)
    await alive(p)


async def test_c22_pipelined_requests_are_answered_in_order_one_at_a_time(p):
    running = []
    most = 0

    async def script(line, seen):
        nonlocal most
        running.append(1)
        most = max(most, len(running))
        await asyncio.sleep(0)
        number = json.loads(seen.body)["metadata"]["user_id"]
        await whole(ANTHROPIC.whole(f"answer {number}"))(line, seen)
        running.pop()

    p.upstream.script = script
    async with bounded(p, rss_mb=16), await p.connect() as client:
        head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{p.port}\r\n{AUTH}\r\n{JSON}\r\nanthropic-version: 1\r\n"
        bodies = [p.body(ANTHROPIC, metadata={"user_id": str(number)}) for number in range(100)]
        raw = b"".join(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies)
        sending = asyncio.get_running_loop().create_task(client.send(raw), name="sending")
        for number in range(100):
            reply = await client.reply()
            assert reply.json()["content"][0]["text"] == f"answer {number}"
        await sending
    assert most == 1
    await p.rows(100)


async def test_c23_large_uploads_wait_for_memory_and_are_told(p):
    """40 MiB may be held here: four of 9 MiB, and each of those is held once."""
    release = asyncio.Event()

    async def script(line, seen):
        await release.wait()
        await whole(ANTHROPIC.whole())(line, seen)

    p.upstream.script = script
    body = image_of(9 * MIB)
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(p.ask(ANTHROPIC.path, body, *ANTHROPIC.headers), name="upload") for _ in range(8)]
    async with asyncio.timeout(20):
        while sum(task.done() for task in tasks) < 4:
            await asyncio.sleep(0.02)
    release.set()
    replies = await asyncio.gather(*tasks)
    refused = [reply for reply in replies if reply.status == 503]
    assert len(refused) == 4
    for reply in refused:
        err(ANTHROPIC, reply, 503)
        assert 1 <= int(reply.get("retry-after") or 0) <= 60
    assert [reply.status for reply in replies if reply not in refused] == [200] * 4
    # the model's name is all that was changed
    assert {hashlib.sha256(seen.body).digest() for seen in p.upstream.seen} == {
        hashlib.sha256(body.replace(b'"A:model-a"', b'"model-a"')).digest()
    }
    await p.settle()


@pytest.mark.parametrize("name", ["request-id", "x-request-id"])
async def test_c24_an_id_of_the_clients_making_is_replaced(p, wire, name):
    p.upstream.script = whole(wire.whole())
    for value in ("y" * 8000, "\x1b[31mred", "a\tb"):
        reply = await p.ask(wire.path, p.body(wire), f"{name}: {value}", *wire.headers)
        assert value not in str(reply.headers) + reply.body.decode()
    log = (p.data_dir / "logs" / "patchbay.log").read_text("utf-8")
    assert "yyyy" not in log
    assert "\x1b" not in log


@pytest.mark.parametrize("how", ["dribble", "stall"])
async def test_a_body_has_a_deadline(p, wire, how):
    """M2: with its head complete, aiohttp would wait for ever."""
    async with await p.connect() as client:
        began = time.monotonic()
        await client.request(wire.path, b"", AUTH, JSON, "Content-Length: 1000", *wire.headers)
        err(wire, await asyncio.wait_for(client.reply(), 4), 408)
        assert 0.8 < time.monotonic() - began < 3
    await norow(p, "body_timeout")
