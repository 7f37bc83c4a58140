"""Group D: what an upstream can do wrong. A cut answer is never shown or returned as a complete one."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.acceptance.contract import bounded, closed_soon, err, failed, kinds, sse_err, up
from tests.acceptance.program import elapsed
from tests.fakes.scripted import LAST, chunk, cut, head, stream, whole

MIB = 1024 * 1024
LIMITS = {"first_byte_s": 0.6, "idle_s": 0.6, "reply_total_s": 0.9, "max_stream_s": 1.5}
LIMITS |= {"max_reply_bytes": 2 * MIB, "max_stream_bytes": 2 * MIB, "max_event_bytes": MIB // 4}
UPSTREAMS = 2
TIMED = ("timeout_error", "server_error")
BROKE = ("api_error", "server_error")
TEXTS = ["é", "漢", "😀", "👩‍👩‍👧", "a\u2028b", "\\\"'", "end"]


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("how", ["nothing", "head"])
async def test_d01_silence_from_the_start(p, pair, streaming, how):
    client, upstream = pair
    p.upstream.script = cut(how="stall") if how == "head" else (lambda line, seen: line.stall())
    began = time.monotonic()
    reply = await p.chat(client, upstream, stream=streaming)
    assert 0.5 < elapsed(began) < 2
    err(client, reply, 504, kinds(client, *TIMED))
    await closed_soon(p, 0.5)
    row = await failed(p, "upstream_timeout")
    assert (row.client_status, row.usage.output_tokens, row.attempts) == (504, 0, 1)


async def test_d02_a_stall_in_the_middle(p, pair):
    client, upstream = pair
    p.upstream.script = cut(*upstream.events("one ", "two ", "three", ended=False), how="stall")
    began = time.monotonic()
    reply = await p.chat(client, upstream, stream=True)
    assert 0.5 < elapsed(began) < 2
    sse_err(client, reply, kinds(client, *TIMED))
    assert client.text_of(reply.body) == "one two three"
    await closed_soon(p)
    row = await failed(p, "upstream_stalled")
    assert row.usage.source is UsageSource.ESTIMATED
    assert row.usage.output_tokens > 0


async def test_d02_a_ping_is_a_sign_of_life(p, pair):
    client, upstream = pair
    ping = b'event: ping\ndata: {"type":"ping"}\n\n' if upstream.is_anthropic else b": ping\n\n"

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"))
        for _ in range(4):
            await line.delay(0.25, chunk(ping))
        await line.send(*map(chunk, upstream.events("late")), LAST)

    p.upstream.script = script
    reply = await p.chat(client, upstream, stream=True)
    assert client.ended_well(reply.body)
    assert client.text_of(reply.body) == "late"
    assert (await p.row()).state is State.DONE


@pytest.mark.parametrize("how", ["reset", "close", "end"])
async def test_d03_d04_d05_every_way_to_break_off(p, pair, how):
    client, upstream = pair
    p.upstream.script = cut(*upstream.events("one ", "two ", "three", ended=False), how=how)
    began = time.monotonic()
    reply = await p.chat(client, upstream, stream=True)
    assert elapsed(began) < 0.6
    sse_err(client, reply, kinds(client, *BROKE))
    assert client.text_of(reply.body) == "one two three"
    row = await failed(p, "upstream_stream_cut")
    detail = await p.detail(row)
    assert detail.answer == "one two three"
    assert row.usage.output_tokens > 0
    assert row.attempts == 1
    up(p, 1)


async def test_d04_a_cut_in_the_middle_of_an_event(p, pair):
    client, upstream = pair
    events = upstream.events("one ", "two ", ended=False)

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, events[:-1]), chunk(events[-1][:-9]))
        await asyncio.sleep(0.05)
        line.close()

    p.upstream.script = script
    reply = await p.chat(client, upstream, stream=True)
    sse_err(client, reply, kinds(client, *BROKE))
    await failed(p, "upstream_stream_cut")


async def test_d05_without_chunks_the_end_of_the_connection_is_no_terminator(p, pair):
    client, upstream = pair

    async def script(line, seen):
        await line.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        await line.send(*upstream.events("one", ended=False))
        await asyncio.sleep(0.05)
        line.close()

    p.upstream.script = script
    sse_err(client, await p.chat(client, upstream, stream=True), kinds(client, *BROKE))
    await failed(p, "upstream_stream_cut")


@pytest.mark.parametrize("how", ["short", "close", "reset", "half", "empty"])
async def test_d06_a_whole_answer_that_is_not_whole(p, pair, how):
    client, upstream = pair
    body = upstream.whole()

    async def script(line, seen):
        if how == "half":  # complete by its framing, not by its JSON
            await whole(body[:-20])(line, seen)
        elif how == "empty":
            await whole(b"")(line, seen)
        elif how == "close":
            await line.limit(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body, 90)
        else:
            await line.send(head(200, "application/json", length=len(body)) + body[:-20])
            await asyncio.sleep(0.05)
            line.reset() if how == "reset" else line.close()

    p.upstream.script = script
    reply = await p.chat(client, upstream)
    message = err(client, reply, 502, kinds(client, *BROKE))
    assert "Hello" not in message
    assert (await p.row()).state is State.FAILED


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_d07_the_smallest_slices_change_nothing(p, pair, size):
    client, upstream = pair

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"))
        await line.slices(b"".join(upstream.events(*TEXTS)), size)
        await line.send(LAST)

    p.upstream.script = script
    reply = await p.chat(client, upstream, stream=True)
    assert client.text_of(reply.body) == "".join(TEXTS)
    assert "\ufffd".encode() not in reply.body
    assert client.ended_well(reply.body)
    if client is upstream:
        assert reply.body == b"".join(upstream.events(*TEXTS))
    row = await p.row()
    assert row.state is State.DONE
    assert (await p.detail(row)).answer == "".join(TEXTS)


def spelled(events, how):  # noqa: PLR0911 (one return a spelling)
    """The same stream in another spelling."""
    raw = b"".join(events)
    match how:
        case "crlf":
            return raw.replace(b"\n", b"\r\n")
        case "cr":
            return raw.replace(b"\n", b"\r")
        case "bom":
            return b"\xef\xbb\xbf" + raw
        case "comments":
            return b": hello\n\n" + raw.replace(b"\n\n", b"\n\n: between\n\n")
        case "no-space":
            return raw.replace(b"data: ", b"data:").replace(b"event: ", b"event:")
        case "extras":
            return raw.replace(b"data: ", b"id: 1\nretry: 5\ndata: ")
        case "blank":
            return raw.replace(b"\n\n", b"\n\n\n\n")
        case "no-last-blank":
            return raw.removesuffix(b"\n\n") + b"\n"
        case "swapped":
            return b"".join(b"\n".join(reversed(event.strip().split(b"\n"))) + b"\n\n" for event in events)
    raise AssertionError(how)


SPELLINGS = ("crlf", "cr", "bom", "comments", "no-space", "extras", "blank", "no-last-blank", "swapped")


@pytest.mark.parametrize("how", SPELLINGS)
async def test_d09_every_spelling_of_a_stream(p, pair, how):
    client, upstream = pair
    data = spelled(upstream.events("one ", "two"), how)

    async def script(line, seen):
        half = len(data) // 2
        await line.send(head(200, "text/event-stream"))
        await line.send(
            b"%x;name=value\r\n%s\r\n" % (half, data[:half]), chunk(data[half:]), b"0\r\nX-Trailer: 1\r\n\r\n"
        )

    p.upstream.script = script
    reply = await p.chat(client, upstream, stream=True)
    if client is upstream:
        assert reply.body == data
    else:
        assert client.text_of(reply.body) == "one two"
        assert client.ended_well(reply.body)
    row = await p.row()
    assert row.state is State.DONE
    assert (await p.detail(row)).answer == "one two"
    assert row.usage.output_tokens == 7


async def test_d11_what_is_unknown_passes(p, pair):
    client, upstream = pair
    events = upstream.events("one ", "two")
    if upstream.is_anthropic:
        block = {"type": "redacted_thinking", "data": "AAAA"}
        odd = [{"type": "new_event", "x": 1}, {"type": "content_block_start", "index": 7, "content_block": block}]
        odd += [{"type": "content_block_stop", "index": 7}]
        unknown = [b"event: %s\ndata: %s\n\n" % (one["type"].encode(), json.dumps(one).encode()) for one in odd]
    else:
        base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "new": {"a": [1]}}
        unknown = [b"data: " + json.dumps({**base, "choices": []}).encode() + b"\n\n"]
    events[1:1] = unknown
    p.upstream.script = stream(*events)
    reply = await p.chat(client, upstream, stream=True)
    if client is upstream:
        assert reply.body == b"".join(events)
    assert client.text_of(reply.body) == "one two"
    assert client.ended_well(reply.body)
    assert (await p.row()).state is State.DONE


async def test_d12_a_damaged_event_is_not_skipped(p, pair):
    client, upstream = pair
    events = upstream.events("one ", "two ", "three")
    events[3] = events[3].replace(b'"}', b'"', 1).replace(b"}}", b"}", 1)
    p.upstream.script = stream(*events)
    reply = await p.chat(client, upstream, stream=True)
    if client is upstream:
        # A pass-through keeps every byte; the client reads the damage itself.
        assert reply.body.startswith(b"".join(events[:3]))
    else:
        sse_err(client, reply, kinds(client, *BROKE))
        assert "three" not in client.text_of(reply.body)
    row = await p.row()
    assert row.state is State.FAILED, row


async def test_d14_an_error_in_place_of_a_stream(p, pair):
    client, upstream = pair
    for status, wanted in ((200, (400, 500, 502, 503, 529)), (429, (429,))):
        kind = "rate_limit_error" if status == 429 else "api_error"
        p.upstream.script = whole(upstream.error("slow down", kind), "Retry-After: 7", status=status)
        reply = await p.chat(client, upstream, stream=True)
        assert reply.status in wanted
        assert json.loads(reply.body)["error"]["message"]
        if status == 429:
            assert reply.get("retry-after") == "7"
        assert (await p.row()).state is State.FAILED


async def test_d14_a_whole_message_in_place_of_a_stream(p, pair):
    client, upstream = pair
    p.upstream.script = whole(upstream.whole())
    reply = await p.chat(client, upstream, stream=True)
    assert client.text_of(reply.body) == "Hello there"
    assert client.ended_well(reply.body)
    assert (await p.row()).state is State.DONE


async def test_d24_pings_for_ever_are_no_answer(p, pair):
    client, upstream = pair
    ping = b'event: ping\ndata: {"type":"ping"}\n\n' if upstream.is_anthropic else b": ping\n\n"

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("x", ended=False)))
        while True:
            await line.delay(0.2, chunk(ping))

    p.upstream.script = script
    began = time.monotonic()
    reply = await p.chat(client, upstream, stream=True)
    assert 1.2 < elapsed(began) < 3
    sse_err(client, reply, kinds(client, *TIMED))
    await closed_soon(p)
    await failed(p, "upstream_stalled")


@pytest.mark.parametrize("what", ["event", "stream", "whole"])
@pytest.mark.timed
async def test_d23_an_answer_larger_than_allowed(p, pair, what):
    client, upstream = pair

    async def script(line, seen):
        if what == "whole":
            await whole(upstream.whole("x" * 3 * MIB))(line, seen)
            return
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("x", ended=False)))
        await asyncio.sleep(0.05)
        if what == "stream":
            for _ in range(20):
                await line.send(chunk(upstream.events("y" * 150_000, ended=False)[-1]))
        else:
            await line.send(chunk(b": "), *[chunk(b"z" * 60_000)] * 6)
        await line.stall()

    p.upstream.script = script
    async with bounded(p, rss_mb=80, lag_ms=200):
        reply = await p.chat(client, upstream, stream=what != "whole")
    if what == "whole":
        err(client, reply, 502)
    else:
        assert not client.ended_well(reply.body)
        if reply.complete:
            sse_err(client, reply, kinds(client, *BROKE))
    await closed_soon(p)
    await failed(p, "bad_upstream_reply")
