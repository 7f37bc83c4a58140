"""Answers that change their form, and a client that does not take them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from app.domain.exchange import State
from tests.fakes.rig import KEY, QUICK
from tests.fakes.scripted import stream, whole

LARGE = "x" * 8_000_000


async def asked(rig, client, *, streaming=False):
    connection = await rig.connect(receive_bytes=8192)
    body = client.request(stream=streaming)
    await connection.request(client.path, body, f"x-api-key: {KEY}", "Content-Type: application/json", *client.headers)
    return connection


async def given_up(rig, connection):
    """The row says so, the connection is gone, and nothing of the exchange is left."""
    row = await rig.row()
    assert (row.state, row.error_kind, row.client_status) == (State.CANCELLED, "client_stalled", 499)
    async with asyncio.timeout(1.0):
        while rig.server.in_flight or rig.server._listener.open_connections:
            await asyncio.sleep(0.01)
    got = await connection.ended()
    assert got.count(b"HTTP/1.1") <= 1
    assert len(got) < len(LARGE)
    await connection.close()


async def test_a_whole_answer_that_nobody_reads(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, write_stall_s=0.15, reply_total_s=10.0))
    rig.upstream.script = whole(upstream.whole(LARGE))
    await given_up(rig, await asked(rig, client))


async def test_a_replayed_answer_that_nobody_reads(rig, wire):
    rig.configure(wire, limits=replace(QUICK, write_stall_s=0.15, reply_total_s=10.0))
    rig.upstream.script = whole(wire.whole(LARGE))
    await given_up(rig, await asked(rig, wire, streaming=True))


async def test_a_gathered_answer_that_nobody_reads(rig, wire):
    rig.configure(wire, limits=replace(QUICK, write_stall_s=0.15, reply_total_s=10.0))
    rig.upstream.script = stream(*wire.events(LARGE))
    await given_up(rig, await asked(rig, wire))
