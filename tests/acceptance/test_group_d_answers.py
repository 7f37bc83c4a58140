"""Group D, the rest: statuses, headers, codings and counts of upstreams that are not what they should be."""

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
from tests.acceptance.contract import bounded, err, failed, kinds, up
from tests.acceptance.program import elapsed
from tests.e2e.program import PROVIDER_KEY
from tests.fakes.scripted import LAST, chunk, head, stream, whole

MIB = 1024 * 1024
LIMITS = {"max_reply_bytes": 8 * MIB}
UPSTREAMS = 2
BROKE = ("api_error", "server_error")

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
@pytest.mark.timed
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


DENSE = {"blank": b"\n", "comment": b":\n\n", "event": b"data: {}\n\n"}


@pytest.mark.parametrize("what", DENSE)
@pytest.mark.parametrize("coding", ["zstd"])
@pytest.mark.timed
async def test_d20_a_stream_of_nothing_much_does_not_hold_the_loop(p, pair, what, coding):
    """Compressed a thousandfold, and each of its lines wants to be looked at."""
    client, upstream = pair
    data = PRESSES[coding](DENSE[what] * (MIB // len(DENSE[what])))

    async def script(line, seen):
        await line.send(head(200, "text/event-stream", f"Content-Encoding: {coding}"), chunk(data), LAST)

    p.upstream.script = script
    async with bounded(p, rss_mb=80, lag_ms=250):
        reply = await p.chat(client, upstream, stream=True)
        assert not client.ended_well(reply.body)
    assert (await p.row()).state is State.FAILED


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
