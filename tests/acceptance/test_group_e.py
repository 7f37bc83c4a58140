"""Group E: what a client can do in the middle. Whatever it is, the upstream is let go and the cost is on record."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.acceptance.contract import alive, bounded, closed_soon, same_fds
from tests.acceptance.program import KEY, elapsed
from tests.fakes.scripted import LAST, chunk, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

LIMITS = {"idle_s": 10, "first_byte_s": 10, "reply_total_s": 10, "write_stall_s": 1}


def endless(upstream):
    """Three deltas, then silence."""

    async def script(line, seen):
        await line.send(
            head(200, "text/event-stream"), *map(chunk, upstream.events("one ", "two ", "three", ended=False))
        )
        await line.stall()

    return script


async def until(client, words):
    """Read until the client has these bytes."""
    got = b""
    async with asyncio.timeout(3):
        while words not in got:
            got += await client.reader.read(65536)
    return got


async def test_e01_leaving_in_the_middle_lets_the_upstream_go(p, pair):
    client, upstream = pair
    p.upstream.script = endless(upstream)
    async with await p.open(client, p.body(client, upstream, stream=True)) as raw:
        await until(raw, b"three")
    await closed_soon(p)
    row = await p.row()
    assert (row.state, row.error_kind, row.client_status) == (State.CANCELLED, "client_disconnect", 499)
    assert row.usage.source is UsageSource.ESTIMATED
    assert row.usage.output_tokens > 0
    if upstream.is_anthropic:
        assert row.usage.input_tokens == 11
    assert (await p.detail(row)).answer == "one two three"


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
async def test_e03_leaving_before_the_answer_cancels_the_request(p, pair, streaming):
    client, upstream = pair
    p.upstream.script = lambda line, seen: line.stall()
    async with await p.open(client, p.body(client, upstream, stream=streaming)):
        async with asyncio.timeout(3):
            while not p.upstream.seen:
                await asyncio.sleep(0.01)
    await closed_soon(p)
    row = await p.row()
    assert (row.state, row.error_kind, row.usage.output_tokens) == (State.CANCELLED, "client_disconnect", 0)


@pytest.mark.timed
async def test_e05_who_does_not_read_holds_up_only_itself(p, pair):
    client, upstream = pair
    event = upstream.events("x" * 60_000, ended=False)[-1]
    went = []

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("x", ended=False)))
        for _ in range(5000):
            await line.send(chunk(event))
            went.append(len(event))

    p.upstream.script = script
    began = time.monotonic()
    async with bounded(p, rss_mb=24, lag_ms=150):
        raw = await p.open(client, p.body(client, upstream, stream=True), receive_bytes=8192)
        async with asyncio.timeout(3):
            while not p.upstream.lines:
                await asyncio.sleep(0.01)
        await closed_soon(p, 8)
        assert elapsed(began) > 0.9
    assert sum(went) < 40_000_000, "the upstream was read although nobody took it"
    row = await p.row()
    assert (row.state, row.error_kind) == (State.CANCELLED, "client_stalled")
    await raw.close()


async def test_e05_a_slow_reader_gets_everything(p, wire):
    texts = ["y" * 20_000] * 60
    p.upstream.script = stream(*wire.events(*texts))
    raw = await p.open(wire, p.body(wire, stream=True), receive_bytes=8192)
    reply = await raw.head()
    body = b""
    while (piece := await raw.chunk()) is not None:
        body += piece
        await asyncio.sleep(0.005)
    assert reply.status == 200
    assert wire.ended_well(body)
    assert wire.text_of(body) == "".join(texts)
    assert (await p.row()).state is State.DONE
    await raw.close()


async def test_e07_half_a_connection_is_none(p, pair):
    """Documented: who ends its side after the request has left."""
    client, upstream = pair
    p.upstream.script = endless(upstream)
    before = (await p.figures()).fds
    raw = await p.open(client, p.body(client, upstream, stream=True))
    async with asyncio.timeout(3):
        while not p.upstream.seen:
            await asyncio.sleep(0.01)
    raw.writer.write_eof()
    await closed_soon(p)
    assert (await p.row()).state is State.CANCELLED
    await raw.close()
    await same_fds(p, before)


async def test_e08_words_in_between_do_not_disturb_a_stream(p, pair):
    client, upstream = pair
    go_on = asyncio.Event()
    events = upstream.events("one ", "two ", "three")

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, events[:3]))
        await go_on.wait()
        await line.send(*map(chunk, events[3:]), LAST)

    p.upstream.script = script
    raw = await p.open(client, p.body(client, upstream, stream=True))
    reply = await raw.head()
    body = await raw.chunk() or b""
    await raw.send(b"\x00\x01garbage that is no request\r\n\r\n" * 20)
    go_on.set()
    while (piece := await raw.chunk()) is not None:
        body += piece
    assert reply.status == 200
    assert client.text_of(body) == "one two three"
    assert client.ended_well(body)
    rest = await raw.ended()
    assert rest == b"" or rest.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert (await p.row()).state is State.DONE
    await raw.close()
    await alive(p)


async def sequence(p, count, size):
    """`count` requests of `size` bytes on one connection; how much memory grew after the first half."""
    p.upstream.script = whole(ANTHROPIC.whole())
    body = p.body(ANTHROPIC, messages=[{"role": "user", "content": "z" * size}])
    middle = None
    async with await p.connect() as client:
        for number in range(count):
            await client.request(
                ANTHROPIC.path, body, f"x-api-key: {KEY}", "Content-Type: application/json", *ANTHROPIC.headers
            )
            assert (await client.reply()).status == 200
            if number == count // 2:
                middle = await p.figures()
    return middle, await p.figures()


async def test_e09_many_requests_on_one_connection_leave_nothing_behind(p):
    middle, after = await sequence(p, 200, 1_000_000)
    assert after.rss_mb - middle.rss_mb < 16
    assert abs(after.fds - middle.fds) <= 2
    assert abs(after.tasks - middle.tasks) <= 3


@pytest.mark.slow
@pytest.mark.time_limit(300)
async def test_e09_a_thousand_of_them(p):
    middle, after = await sequence(p, 1000, 1_000_000)
    assert after.rss_mb - middle.rss_mb < 5
    assert abs(after.fds - middle.fds) <= 2


async def test_f12_places_are_given_in_turn_and_the_rest_is_told(p):
    """Belongs to group F; here because it is about clients that come at once."""
    release = asyncio.Event()

    async def script(line, seen):
        await release.wait()
        await whole(ANTHROPIC.whole())(line, seen)

    p.upstream.script = script
    figures = await p.figures()
    assert figures.queue == 0
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(p.chat(CHAT, ANTHROPIC), name="one of many") for _ in range(20)]
    async with asyncio.timeout(5):
        while len(p.upstream.seen) < 20:
            await asyncio.sleep(0.01)
    release.set()
    for reply in await asyncio.gather(*tasks):
        assert json.loads(reply.body)["choices"][0]["message"]["content"]
    await p.rows(20)
