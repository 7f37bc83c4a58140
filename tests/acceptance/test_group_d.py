"""Group D: what an upstream can do wrong. A cut answer is never shown or returned as a complete one."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import zlib

import brotli
import pytest
import zstandard

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.acceptance.contract import bounded, closed_soon, err, failed, kinds, sse_err, up
from tests.acceptance.program import elapsed
from tests.e2e.program import PROVIDER_KEY
from tests.fakes.scripted import LAST, chunk, cut, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

MIB = 1024 * 1024
LIMITS = {"max_stream_s": 3, "max_reply_bytes": 8 * MIB, "max_stream_bytes": 8 * MIB, "max_event_bytes": MIB}
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
    assert 0.9 < elapsed(began) < 2.5
    err(client, reply, 504, kinds(client, *TIMED))
    await closed_soon(p, 0.5)
    row = await failed(p, "upstream_timeout")
    assert (row.client_status, row.usage.output_tokens, row.attempts) == (504, 0, 1)


async def test_d02_a_stall_in_the_middle(p, pair):
    client, upstream = pair
    p.upstream.script = cut(*upstream.events("one ", "two ", "three", ended=False), how="stall")
    began = time.monotonic()
    reply = await p.chat(client, upstream, stream=True)
    assert 0.9 < elapsed(began) < 2.5
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
            await line.delay(0.4, chunk(ping))
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
    assert elapsed(began) < 0.9
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


def spelled(events, how):
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


STATUSES = (400, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529)
CONVERTED = {
    True: {402: 402, 403: 502, 408: 504, 409: 400, 422: 400, 502: 529, 503: 529},
    False: {402: 402, 403: 502, 408: 504, 409: 400, 422: 400, 502: 503, 529: 503},
}


@pytest.mark.parametrize("status", STATUSES)
async def test_d15_every_status_is_told_in_the_clients_words(p, pair, status):
    client, upstream = pair
    p.upstream.script = whole(upstream.error(f"no {PROVIDER_KEY}"), "Retry-After: 3", status=status)
    reply = await p.chat(client, upstream)
    wanted = (
        {403: 502}.get(status, status) if client is upstream else CONVERTED[client.is_anthropic].get(status, status)
    )
    assert reply.status == wanted
    assert PROVIDER_KEY not in reply.body.decode()
    assert json.loads(reply.body)["error"]["message"]
    if status == 403:
        assert reply.get("x-patchbay-upstream-status") == "403"
    else:
        assert reply.get("retry-after") == "3"
    row = await p.row()
    assert (row.state, row.upstream_status, row.client_status) == (State.FAILED, status, wanted)


async def test_d15_our_own_key_refused_is_never_the_clients_401(p, wire):
    """The second provider loses its key by this, and is not asked again."""
    p.others[0].script = whole(wire.error("invalid x-api-key", "authentication_error"), status=401)
    model = "A1:model-a" if wire.is_anthropic else "C1:model-c"
    reply = await p.chat(wire, model=model)
    message = err(wire, reply, 502)
    assert reply.get("x-patchbay-upstream-status") == "401"
    assert model[:2] in message
    for _ in range(5):
        err(wire, await p.chat(wire, model=model), 503)
    assert len(p.others[0].seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["http://127.0.0.1:{}/x", "https://127.0.0.1:{}/x", "/elsewhere", "//evil.example/x"])
async def test_d17_no_redirect_is_followed(p, wire, status, where):
    location = f"Location: {where.format(p.others[0].port)}"
    p.upstream.script = whole(b"{}", location, status=status)
    err(wire, await p.chat(wire), 502, kinds(wire, *BROKE))
    assert p.others[0].lines == []
    assert (await failed(p, "upstream_redirect_refused")).upstream_status == status
    up(p, 1)


async def test_d19_what_an_upstream_sends_along_stays_behind(p, pair):
    client, upstream = pair
    bad = ("Set-Cookie: a=b", "Access-Control-Allow-Origin: *", "Strict-Transport-Security: max-age=1", "Server: x/1")
    bad += (
        "X-Powered-By: y",
        "Location: http://evil",
        "Keep-Alive: timeout=5",
        "Proxy-Authenticate: Basic",
        "Via: 1.1 x",
    )
    good = ("retry-after: 3", "x-should-retry: false")
    ids = "request-id: up-1" if upstream.is_anthropic else "x-request-id: up-1"
    own = "anthropic-ratelimit-x: 1" if upstream.is_anthropic else "x-ratelimit-x: 1"
    for script in (
        whole(upstream.whole(), *bad, *good, ids, own),
        stream(*upstream.events("x"), more=(*bad, *good, ids, own)),
    ):
        p.upstream.script = script
        reply = await p.chat(client, upstream, stream=script.__qualname__.startswith("stream"))
        assert reply.status == 200
        names = reply.names()
        assert not names & {
            "set-cookie",
            "strict-transport-security",
            "x-powered-by",
            "location",
            "proxy-authenticate",
            "via",
        }
        assert not any(name.startswith("access-control-") for name in names)
        assert reply.get("server") == "patchbay"
        assert reply.get("retry-after") == "3"
        assert reply.get("request-id" if client.is_anthropic else "x-request-id") == "up-1"
        if client is upstream:
            assert own.split(":", maxsplit=1)[0] in names


PRESSES = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", PRESSES)
async def test_d20_what_nobody_asked_to_be_compressed_is_read_all_the_same(p, pair, coding):
    client, upstream = pair
    p.upstream.script = whole(PRESSES[coding](upstream.whole()), f"Content-Encoding: {coding}")
    reply = await p.chat(client, upstream)
    assert reply.status == 200
    assert "content-encoding" not in reply.names()
    assert b"Hello there" in reply.body
    assert p.upstream.seen[0].get("accept-encoding") == "identity"
    p.upstream.script = whole(PRESSES[coding](upstream.whole())[:-6], f"Content-Encoding: {coding}")
    err(client, await p.chat(client, upstream), 502)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_d20_a_bomb_in_an_answer(p, pair, coding):
    client, upstream = pair
    data = {
        "gzip": lambda raw: gzip.compress(raw, 1),
        "br": lambda raw: brotli.compress(raw, quality=1),
        "zstd": zstandard.compress,
    }[coding](b" " * 128 * MIB)
    p.upstream.script = whole(data, f"Content-Encoding: {coding}")
    async with bounded(p, rss_mb=80, lag_ms=200, within_s=1.5):
        err(client, await p.chat(client, upstream), 502)
    assert p.upstream.lines[-1].sent_bytes < 5 * MIB
    await failed(p, "bad_upstream_reply")


@pytest.mark.parametrize("value", [-5, "12", 1.5, 1e30, 2**63, None, True, []])
async def test_d22_usage_that_cannot_be(p, wire, value):
    fields = ("input_tokens", "output_tokens") if wire.is_anthropic else ("prompt_tokens", "completion_tokens")
    body = json.loads(wire.whole()) | {"usage": dict.fromkeys(fields, value)}
    p.upstream.script = whole(json.dumps(body).encode())
    assert (await p.chat(wire)).status == 200
    row = await p.row()
    assert row.state is State.DONE
    assert 0 <= row.usage.input_tokens < 2**53
    assert 0 <= row.usage.output_tokens < 2**53
    assert row.usage.source is not UsageSource.REPORTED or value in (None, 1.5, "12")
    assert row.cost is None or 0 <= row.cost.nusd < 2**62


async def test_d22_usage_that_is_no_number_at_all(p, wire):
    name = b'"output_tokens":7' if wire.is_anthropic else b'"completion_tokens":7'
    p.upstream.script = whole(wire.whole().replace(name, name.replace(b"7", b"NaN")))
    reply = await p.chat(wire)
    assert reply.status in (200, 502)
    row = await p.row()
    assert 0 <= row.usage.output_tokens < 2**53


async def test_d24_pings_for_ever_are_no_answer(p, pair):
    client, upstream = pair
    ping = b'event: ping\ndata: {"type":"ping"}\n\n' if upstream.is_anthropic else b": ping\n\n"

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("x", ended=False)))
        while True:
            await line.delay(0.3, chunk(ping))

    p.upstream.script = script
    began = time.monotonic()
    reply = await p.chat(client, upstream, stream=True)
    assert 2.5 < elapsed(began) < 4.5
    sse_err(client, reply, kinds(client, *TIMED))
    await closed_soon(p)
    await failed(p, "upstream_stalled")


@pytest.mark.parametrize("what", ["event", "stream", "whole"])
async def test_d23_an_answer_larger_than_allowed(p, pair, what):
    client, upstream = pair

    async def script(line, seen):
        if what == "whole":
            await whole(upstream.whole("x" * 9 * MIB))(line, seen)
            return
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("x", ended=False)))
        await asyncio.sleep(0.05)
        for _ in range(40):
            if what == "stream":
                await line.send(chunk(upstream.events("y" * 500_000, ended=False)[-1]))
            else:
                await line.send(chunk(b"z" * 250_000))

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


@pytest.mark.parametrize("status", [413, 403])
async def test_d26_an_early_refusal_of_a_large_upload(p, pair, status):
    client, upstream = pair
    p.upstream.script = whole(upstream.error("too much"), "Connection: close", status=status)
    body = p.body(client, upstream, messages=[{"role": "user", "content": "x" * 4 * MIB}])
    began = time.monotonic()
    reply = await p.ask(client.path, body, *client.headers)
    assert elapsed(began) < 2
    assert reply.status == (502 if status == 403 else 413)
    assert json.loads(reply.body)["error"]["message"]


async def test_d27_usage_is_counted_once(p, pair):
    client, upstream = pair
    p.upstream.script = stream(*upstream.events("one", "two"))
    assert (await p.chat(client, upstream, stream=True)).status == 200
    usage = (await p.row()).usage
    assert (usage.input_tokens, usage.output_tokens, usage.source) == (11, 7, UsageSource.REPORTED)


async def test_d27_usage_that_nobody_told_is_estimated(p, pair):
    client, upstream = pair
    events = [event.replace(b'"usage"', b'"unused"') for event in upstream.events("one two three four")]
    p.upstream.script = stream(*events)
    assert (await p.chat(client, upstream, stream=True)).status == 200
    row = await p.row()
    assert row.usage.source is UsageSource.ESTIMATED
    assert row.usage.output_tokens > 0
    assert row.usage.input_tokens > 0


async def test_d28_a_connection_that_died_in_the_pool_is_replaced_once(p, wire):
    p.upstream.script = whole(wire.whole())
    assert (await p.chat(wire)).status == 200
    (line,) = p.upstream.lines
    answered = []

    async def script(one, seen):
        if one is line:
            one.close()  # closed just as the next request comes, without a byte back
            return
        answered.append(one)
        await whole(wire.whole())(one, seen)

    p.upstream.script = script
    assert (await p.chat(wire)).status == 200
    assert len(answered) == 1
    rows = await p.rows(2)
    assert [(row.state, row.attempts) for row in rows] == [(State.DONE, 2), (State.DONE, 1)]


async def test_d28_a_fresh_connection_that_closes_is_not_tried_again(p, wire):
    await p.upstream.hang_up()

    async def script(line, seen):
        line.close()

    p.upstream.script = script
    await asyncio.sleep(0.1)  # so that the program has seen its pooled connections close
    reply = await p.chat(wire)
    err(wire, reply, 502)
    up(p, 1)
    assert (await failed(p, "upstream_unreachable")).attempts == 1


__all__ = ["ANTHROPIC", "CHAT"]
