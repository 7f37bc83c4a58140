"""What an upstream can do wrong, in all four pairs of dialects: no cut answer is ever shown as a whole one."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from dataclasses import replace

import brotli
import pytest
import zstandard

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.fakes.rig import QUICK, SECRET, error_type
from tests.fakes.scripted import LAST, chunk, cut, head, stream, whole
from tests.fakes.wires import ANTHROPIC


def types(client, anthropic, chat):
    return anthropic if client is ANTHROPIC else chat


async def closed_soon(rig):
    async with asyncio.timeout(1):
        await rig.upstream.lines[-1].closed.wait()


@pytest.mark.parametrize("streaming", [True, False])
async def test_silence_from_the_start(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(how="stall") if streaming else (lambda line, seen: line.stall())
    began = time.monotonic()
    reply = await rig.chat(client, stream=streaming)
    limit = QUICK.first_byte_s if streaming else QUICK.reply_total_s
    assert limit * 0.9 < time.monotonic() - began < limit + 2
    assert reply.status == 504
    assert error_type(client, reply) == types(client, "timeout_error", "server_error")
    assert reply.json()["error"]["message"] == f"Provider Up did not answer within {limit:g} s."
    await closed_soon(rig)
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, "upstream_timeout")
    assert (row.usage.output_tokens, row.usage.source) == (0, UsageSource.NONE)
    assert rig.told.failed == [("Up", "upstream_timeout")]


async def test_silence_before_even_the_head(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = lambda line, seen: line.stall()
    reply = await rig.chat(client, stream=True)
    assert reply.status == 504
    await closed_soon(rig)


async def test_a_stall_in_the_middle(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("one ", "two ", "three", ended=False), how="stall")
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body) == "one two three"
    error = client.stream_error(reply.body)
    assert error["type"] == types(client, "timeout_error", "server_error")
    assert error["message"] == f"Provider Up sent nothing more for {QUICK.idle_s:g} s."
    await closed_soon(rig)
    row = await rig.row()
    assert (row.state, row.error_kind, row.answer) == (State.FAILED, "upstream_stalled", "one two three")
    assert row.usage.output_tokens > 0
    assert row.usage.source is UsageSource.ESTIMATED
    assert rig.told.failed == [("Up", "upstream_stalled")]


async def test_signs_of_life_count(rig, pair):
    """Comments and pings are no answer, but they are no stall either."""
    client, upstream = pair
    rig.configure(upstream)
    events = upstream.events("late")

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"))
        for _ in range(8):
            await line.send(chunk(b": busy\n\n"))
            await asyncio.sleep(0.1)
        await line.send(*map(chunk, events), LAST)

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body) == "late"
    assert client.ended_well(reply.body)


async def test_a_stream_that_never_ends(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, max_stream_s=0.6))

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("x", ended=False)))
        while True:
            await line.send(chunk(b": busy\n\n"))
            await asyncio.sleep(0.05)

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert client.stream_error(reply.body)["message"] == "Provider Up still answered after 0.6 s; the answer was cut."
    await closed_soon(rig)


@pytest.mark.parametrize("how", ["reset", "close", "end"])
async def test_every_way_to_break_off(rig, pair, how):
    """RST, FIN without the last chunk, and a body that ends properly but without its terminator."""
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("one ", "two ", "three", ended=False), how=how)
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body) == "one two three"
    assert not client.ended_well(reply.body)
    assert client.stream_error(reply.body)["type"] == types(client, "api_error", "server_error")
    row = await rig.row()
    assert (row.state, row.error_kind, row.answer) == (State.FAILED, "upstream_stream_cut", "one two three")
    assert row.usage.source is UsageSource.ESTIMATED


async def test_a_break_inside_an_event(rig, pair):
    """Half an event is not shown; the error that follows is an event of its own."""
    client, upstream = pair
    rig.configure(upstream)
    events = upstream.events("one ", "two", ended=False)
    rig.upstream.script = cut(*events[:-1], events[-1][:-20], how="close")
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body) == "one "
    assert client.stream_error(reply.body)["message"]


async def test_a_break_before_the_first_event_is_an_http_error(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(how="close")
    reply = await rig.chat(client, stream=True)
    assert reply.status == 502
    assert error_type(client, reply) == types(client, "api_error", "server_error")
    assert (await rig.row()).state is State.FAILED


async def test_a_chunked_body_framed_wrongly(rig, pair):
    client, upstream = pair
    rig.configure(upstream)

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("one", ended=False)), b"zz\r\n")
        await line.stall()

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert not client.ended_well(reply.body)
    assert (await rig.row()).state is State.FAILED


CUT_JSON = {
    "short": lambda body: head(200, "application/json", length=len(body) + 10) + body,
    "until close": lambda body: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body[:-8],
    "chunked": lambda body: head(200, "application/json") + chunk(body),
}


@pytest.mark.parametrize("how", CUT_JSON)
async def test_a_whole_answer_that_is_not_whole(rig, pair, how):
    client, upstream = pair
    rig.configure(upstream)

    async def script(line, seen):
        await line.send(CUT_JSON[how](upstream.whole()))
        line.close()

    rig.upstream.script = script
    reply = await rig.chat(client)
    assert reply.status == 502
    assert error_type(client, reply) == types(client, "api_error", "server_error")
    assert b"Hello there" not in reply.body
    assert (await rig.row()).state is State.FAILED


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_a_stream_in_the_smallest_pieces(rig, pair, size):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, idle_s=5.0))
    text = 'é 漢 \U0001f600 \U0001f469‍\U0001f469‍\U0001f467 \\n " end'

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"))
        await line.slices(b"".join(upstream.events(text, text)), size)
        await line.send(LAST)

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body) == text * 2
    assert "\ufffd" not in reply.body.decode()
    row = await rig.row()
    assert (row.state, row.answer) == (State.DONE, text * 2)
    if client is upstream:
        assert reply.body == b"".join(upstream.events(text, text))


async def test_a_damaged_event(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    events = upstream.events("one ", "two")
    damaged = b'event: content_block_delta\ndata: {"type": "content_block_delta", "ind\n\n'
    rig.upstream.script = stream(*events[:3], damaged, *events[3:])
    reply = await rig.chat(client, stream=True)
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, "bad_upstream_reply")
    if client is upstream:
        assert damaged in reply.body  # the bytes are the client's to judge
    else:
        assert client.stream_error(reply.body)["type"] == types(client, "api_error", "server_error")


async def test_an_error_inside_the_stream(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    error = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "too busy"}}).encode()
    rig.upstream.script = stream(*upstream.events("one", ended=False), b"event: error\ndata: " + error + b"\n\n")
    reply = await rig.chat(client, stream=True)
    assert client.stream_error(reply.body)["message"] == "too busy"
    assert reply.body.count(b"too busy") == 1
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, "overloaded")


async def test_an_error_in_place_of_a_stream(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.error("slow down", "rate_limit_error"), "retry-after: 7", status=429)
    reply = await rig.chat(client, stream=True)
    assert reply.status == 429
    assert error_type(client, reply) == "rate_limit_error" if client is not upstream else True
    assert reply.get("retry-after") == "7"
    assert (await rig.row()).error_kind == "rate_limited"


async def test_an_error_inside_a_200(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(json.dumps({"error": {"message": "too fast", "code": 429}}).encode())
    for streaming in (True, False):
        rig.forgive()
        reply = await rig.chat(client, stream=streaming)
        assert reply.status == 429
        assert error_type(client, reply) == "rate_limit_error"


async def test_a_whole_answer_to_a_client_that_streams(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.whole("Hello there"))
    reply = await rig.chat(client, stream=True)
    assert (reply.get("content-type") or "").startswith("text/event-stream")
    assert client.text_of(reply.body) == "Hello there"
    assert client.ended_well(reply.body)
    row = await rig.row()
    assert (row.state, row.usage.output_tokens, row.answer) == (State.DONE, 7, "Hello there")


async def test_a_stream_to_a_client_that_does_not(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = stream(*upstream.events("Hel", "lo"))
    reply = await rig.chat(client)
    assert reply.status == 200
    assert b'"Hello"' in reply.body
    row = await rig.row()
    assert (row.state, row.usage.output_tokens, row.answer) == (State.DONE, 7, "Hello")


async def test_a_cut_stream_to_a_client_that_does_not_stream(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("Hel", ended=False), how="end")
    reply = await rig.chat(client)
    assert reply.status == 502
    assert b"Hel" not in reply.body
    assert (await rig.row()).error_kind == "upstream_stream_cut"


CODINGS = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "gzip unsaid": gzip.compress,
    "zstd unsaid": zstandard.compress,
}


@pytest.mark.parametrize("coding", CODINGS)
async def test_a_compressed_answer_that_nobody_asked_for(rig, pair, coding):
    client, upstream = pair
    rig.configure(upstream)
    headers = () if "unsaid" in coding else (f"Content-Encoding: {coding}",)
    rig.upstream.script = whole(CODINGS[coding](upstream.whole("Hello there")), *headers)
    reply = await rig.chat(client)
    assert reply.status == 200
    assert b"Hello there" in reply.body
    assert "content-encoding" not in reply.names()
    assert rig.upstream.seen[0].get("accept-encoding") == "identity"
    assert (await rig.row()).answer == "Hello there"


async def test_a_compressed_stream(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    data = gzip.compress(b"".join(upstream.events("Hel", "lo")))

    async def script(line, seen):
        await line.send(head(200, "text/event-stream", "Content-Encoding: gzip"))
        await line.slices(data, 20)
        await line.send(LAST)

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body) == "Hello"
    assert client.ended_well(reply.body)


async def test_a_compressed_answer_cut_short(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(gzip.compress(upstream.whole())[:-9], "Content-Encoding: gzip")
    reply = await rig.chat(client)
    assert reply.status == 502
    assert (await rig.row()).error_kind == "upstream_stream_cut"


async def test_a_bomb_in_an_answer(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, max_reply_bytes=2**20, max_stream_bytes=2**20))
    rig.upstream.script = whole(gzip.compress(b"\0" * 2**25, 1), "Content-Encoding: gzip")
    reply = await rig.chat(client)
    assert reply.status == 502
    assert reply.json()["error"]["message"] == "Provider Up sent a larger answer than Patchbay takes."


async def test_a_larger_stream_than_allowed(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, max_stream_bytes=50_000))
    rig.upstream.script = stream(*upstream.events(*["x" * 1000] * 100))
    reply = await rig.chat(client, stream=True)
    assert "larger answer" in client.stream_error(reply.body)["message"]
    assert (await rig.row()).state is State.FAILED


@pytest.mark.parametrize("media_type", ["text/html", "text/html; charset=utf-8", "image/png"])
async def test_a_page_is_no_answer(rig, pair, media_type):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(b"<html>Sign in to the hotel's network</html>", media_type=media_type)
    for streaming in (True, False):
        reply = await rig.chat(client, stream=streaming)
        assert reply.status == 502
        assert "hotel" not in reply.body.decode()
        assert "Check its base URL" in reply.json()["error"]["message"]


async def test_no_media_type_is_judged_by_the_bytes(rig, pair):
    client, upstream = pair
    rig.configure(upstream)

    async def script(line, seen):
        body = b"".join(upstream.events("Hello")) if b"stream" in seen.body else upstream.whole("Hello")
        await line.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    rig.upstream.script = script
    assert client.text_of((await rig.chat(client, stream=True)).body) == "Hello"
    assert b'"Hello"' in (await rig.chat(client)).body


@pytest.mark.parametrize("status", [101, 204, 205, 304, 600, 999])
async def test_statuses_that_are_no_answers(rig, pair, status):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(b"", status=status)
    reply = await rig.chat(client)
    assert reply.status == 502
    assert (await rig.row()).error_kind == "bad_upstream_reply"


STATUSES = (400, 402, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529)


@pytest.mark.parametrize("status", STATUSES)
async def test_refusals_of_every_kind(rig, pair, status):
    client, upstream = pair
    rig.configure(upstream)
    body = upstream.error(f"said {status}")
    rig.upstream.script = whole(body, "retry-after: 3", status=status)
    reply = await rig.chat(client)
    if client is upstream:
        assert (reply.status, reply.body) == (status, body)
    else:
        assert error_type(client, reply)
        assert f"said {status}" in reply.json()["error"]["message"]
        assert 400 <= reply.status <= 529
    assert reply.get("retry-after") == "3"
    row = await rig.row()
    assert (row.state, row.upstream_status, row.client_status) == (State.FAILED, status, reply.status)
    assert row.usage.source is UsageSource.NONE


async def test_a_refusal_that_is_a_page_is_put_in_words(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    page = b"<html><head><style>x{}</style></head><body>Bad gateway at the edge</body></html>"
    rig.upstream.script = whole(page, status=502, media_type="text/html")
    reply = await rig.chat(client)
    assert error_type(client, reply)
    assert "Bad gateway at the edge" in reply.json()["error"]["message"]
    assert "<html>" not in reply.body.decode()


async def test_no_refusal_repeats_our_key(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.error(f"quota of {SECRET} is used up"), status=429)
    reply = await rig.chat(client)
    assert reply.status == 429
    assert SECRET not in reply.body.decode()
    assert SECRET not in (await rig.row()).error


async def test_an_early_refusal_of_a_large_body(rig, pair):
    """The upstream answers and closes before it has read the request."""
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, reply_total_s=5.0))
    rig.upstream.script = None
    refusal = upstream.error("too large", "request_too_large")
    server = await asyncio.start_server(lambda r, w: _refuse(r, w, refusal), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rig.configure(upstream, base_url=f"http://127.0.0.1:{port}")
    body = client.request(messages=[{"role": "user", "content": "x" * 4_000_000}])
    began = time.monotonic()
    reply = await rig.chat(client, body)
    assert time.monotonic() - began < 2
    assert reply.status == 413
    server.close()


async def _refuse(reader, writer, body):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(head(413, "application/json", "Connection: close", length=len(body)) + body)
    await writer.drain()
    writer.close()
