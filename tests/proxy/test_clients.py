"""What a client can do to a request that runs: leave, stop reading, close half the connection, talk in between."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.fakes.rig import KEY, QUICK
from tests.fakes.scripted import LAST, chunk, cut, head, stream, whole

JSON = "Content-Type: application/json"


async def upstream_closed(rig, limit_s=1.0):
    async with asyncio.timeout(limit_s):
        await rig.upstream.lines[-1].closed.wait()


async def begin(rig, client, wire, *, streaming=True):
    await client.request(wire.path, wire.request(stream=streaming), f"x-api-key: {KEY}", JSON, *wire.headers)


async def read_until(client, text):
    got = b""
    while text not in got:
        got += await client.chunk() or b""
    return got


async def test_leaving_in_the_middle(rig, pair):
    client_wire, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, idle_s=10.0))
    rig.upstream.script = cut(*upstream.events("one ", "two ", "three", ended=False), how="stall")
    client = await rig.connect()
    await begin(rig, client, client_wire)
    await client.head()
    await read_until(client, b"three")
    began = time.monotonic()
    await client.close()
    await upstream_closed(rig)
    row = await rig.row()
    assert time.monotonic() - began < 1
    assert (row.state, row.error_kind, row.client_status) == (State.CANCELLED, "client_disconnect", 499)
    assert row.answer == "one two three"
    assert row.usage.source is UsageSource.ESTIMATED
    assert row.usage.input_tokens > 0
    assert row.usage.output_tokens > 0
    assert rig.server.in_flight == 0
    assert rig.told.failed == []


async def test_leaving_before_the_answer(rig, pair):
    client_wire, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, reply_total_s=10.0))
    rig.upstream.script = lambda line, seen: line.stall()
    client = await rig.connect()
    await begin(rig, client, client_wire, streaming=False)
    while not rig.upstream.seen:
        await asyncio.sleep(0.005)
    await client.close()
    await upstream_closed(rig)
    row = await rig.row()
    assert (row.state, row.client_status) == (State.CANCELLED, 499)
    assert row.usage.source is UsageSource.NONE
    assert [one.error for one in row.attempts] == ["cancelled"]


async def test_leaving_with_the_whole_answer_is_no_cancellation(rig, pair):
    """SDKs close as soon as they have the terminator; the upstream may still hold its connection open."""
    client_wire, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("Hello"), how="stall")
    client = await rig.connect()
    await begin(rig, client, client_wire)
    await client.head()
    last = b"message_stop" if client_wire.is_anthropic else b"[DONE]"
    await read_until(client, last)
    await client.close()
    row = await rig.row()
    assert (row.state, row.client_status, row.answer) == (State.DONE, 200, "Hello")
    assert row.usage.source is UsageSource.REPORTED


async def test_half_a_connection_is_none(rig, wire):
    """A client that shuts its sending side after the request is taken for gone, as aiohttp's transport does."""
    rig.configure(wire, limits=replace(QUICK, idle_s=10.0))
    rig.upstream.script = cut(*wire.events("one", ended=False), how="stall")
    async with await rig.connect() as client:
        await begin(rig, client, wire)
        await client.head()
        client.writer.write_eof()
        await upstream_closed(rig)
    assert (await rig.row()).state is State.CANCELLED


async def test_who_does_not_read_is_cut_off(rig, wire):
    """The upstream is held back meanwhile: what nobody reads is not fetched."""
    rig.configure(wire, limits=replace(QUICK, write_stall_s=0.5, idle_s=10.0))
    event = wire.events("x" * 50_000, ended=False)[-1]

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, wire.events("begin", ended=False)))
        for _ in range(6000):
            await line.send(chunk(event))

    rig.upstream.script = script
    client = await rig.connect(receive_bytes=8192)
    await begin(rig, client, wire)
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.CANCELLED, "client_stalled")
    await upstream_closed(rig)
    assert rig.upstream.lines[-1].sent_bytes < 30_000_000
    await client.close()


async def test_a_slow_reader_gets_everything(rig, wire):
    rig.configure(wire, limits=replace(QUICK, write_stall_s=5.0))
    events = wire.events(*["y" * 20_000] * 100)
    rig.upstream.script = stream(*events)
    client = await rig.connect(receive_bytes=8192)
    await begin(rig, client, wire)
    reply = await client.reply()
    assert reply.body == b"".join(events)
    assert reply.complete
    await client.close()


async def test_words_in_between_do_not_disturb_a_stream(rig, wire):
    rig.configure(wire)
    events = wire.events("one ", "two")

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, events[:3]))
        await asyncio.sleep(0.1)
        await line.send(*map(chunk, events[3:]), LAST)

    rig.upstream.script = script
    async with await rig.connect() as client:
        await begin(rig, client, wire)
        while not rig.upstream.seen:
            await asyncio.sleep(0.005)
        await client.send(b"\x00\x01garbage\r\n\r\n")
        reply = await client.reply()
        assert reply.body == b"".join(events)
        after = await client.ended()
        assert b" 400 " in after[:20]
        assert b"garbage" not in after
    assert (await rig.row()).state is State.DONE


async def test_many_requests_on_one_connection_leave_nothing_behind(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    loop_tasks = len(asyncio.all_tasks())
    async with await rig.connect() as client:
        for _ in range(300):
            await begin(rig, client, wire, streaming=False)
            assert (await client.reply()).status == 200
    assert len(rig.recorder.ends) == 300
    assert len(rig.upstream.lines) == 1
    assert len(asyncio.all_tasks()) <= loop_tasks + 3
    assert rig.meter.flights == {}
    assert rig.server._watchdog._watches == set()


@pytest.mark.parametrize("number", [0, 1])
async def test_an_id_of_the_clients_making_is_replaced(rig, wire, number):
    rig.configure(wire)
    rig.upstream.script = whole(wire.error(), status=400) if number else whole(wire.whole())
    reply = await rig.ask("/nothing" if number else wire.path, wire.request(), "request-id: mine", "x-request-id: mine")
    assert "mine" not in (reply.get("request-id") or "") + (reply.get("x-request-id") or "")


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
async def test_an_old_client_gets_a_body_without_chunks(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = stream(*upstream.events("Hi")) if streaming else whole(upstream.whole("Hi"))
    body = client.request(stream=streaming)
    lines = (
        f"POST {client.path} HTTP/1.0",
        f"Host: 127.0.0.1:{rig.port}",
        f"x-api-key: {KEY}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    async with await rig.connect() as connection:
        await connection.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        got = await connection.ended()
    assert got.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"chunked" not in got
    assert b"Hi" in got
    assert (await rig.row()).state is State.DONE
