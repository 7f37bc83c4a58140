"""A key that is revoked, disabled or expired while requests run under it: they end within a second and say why."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from types import MappingProxyType

import pytest

from app.domain.client_key import KeyPolicy
from app.domain.exchange import State
from app.proxy.watchdog import Watchdog
from tests.fakes.rig import KEY, QUICK, SystemClock, error_type
from tests.fakes.scripted import chunk, head
from tests.fakes.wires import ANTHROPIC

PATIENT = replace(QUICK, idle_s=30, first_byte_s=30, reply_total_s=30, max_stream_s=60, keep_alive_s=20)


def revoked(rig):
    rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType({}))


def disabled(rig):
    narrowed(rig, KeyPolicy(enabled=False))


def expired(rig):
    narrowed(rig, KeyPolicy(expires_us=1))


def narrowed(rig, policy):
    keys = {digest: replace(one, policy=policy) for digest, one in rig.snapshot.client_keys.items()}
    rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType(keys))


WAYS = {
    "revoked": (revoked, "key_disabled"),
    "disabled": (disabled, "key_disabled"),
    "expired": (expired, "key_expired"),
}


def endless(wire):
    """An upstream that says something and then nothing more."""

    async def script(line, _seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, wire.events("Hel", "lo", ended=False)))
        await line.stall()

    return script


async def begun(client):
    """The beginning of a streamed answer."""
    got = b""
    async with asyncio.timeout(5):
        assert (await client.head()).status == 200
        while b"Hel" not in got:
            got += await client.chunk() or b""
    return got


@pytest.mark.parametrize("way", WAYS)
async def test_a_running_stream_ends_within_a_second_with_the_dialect_s_error(rig, pair, way):
    client_wire, upstream = pair
    end, kind = WAYS[way]
    rig.configure(upstream, limits=PATIENT)
    rig.upstream.script = endless(upstream)
    async with await rig.connect() as client:
        body = client_wire.request(stream=True)
        await client.request(client_wire.path, body, f"x-api-key: {KEY}", "Content-Type: application/json")
        got = await begun(client)
        began = time.monotonic()
        end(rig)
        async with asyncio.timeout(3):
            while (data := await client.chunk()) is not None:
                got += data
        assert time.monotonic() - began < 1.0
    assert client_wire.stream_error(got)["message"]
    assert not client_wire.ended_well(got)
    row = await rig.row()
    assert (row.state, row.error_kind, row.client_status) == (State.FAILED, kind, 200)
    async with asyncio.timeout(1):
        await rig.upstream.lines[-1].closed.wait()
    assert (await rig.chat(client_wire)).status == 401


async def test_a_request_that_has_nothing_yet_gets_an_answer(rig, wire):
    rig.configure(wire, limits=PATIENT)
    rig.upstream.script = lambda line, _: line.stall()
    asking = asyncio.get_running_loop().create_task(rig.chat(wire), name="a request that waits")
    async with asyncio.timeout(3):
        while not rig.upstream.seen:
            await asyncio.sleep(0.01)
        began = time.monotonic()
        disabled(rig)
        reply = await asking
    assert time.monotonic() - began < 1.0
    assert reply.status == 401
    assert error_type(wire, reply) == ("authentication_error" if wire.is_anthropic else "invalid_request_error")
    row = await rig.row()
    assert (row.state, row.error_kind, row.client_status) == (State.FAILED, "key_disabled", 401)
    assert len(rig.upstream.seen) == 1, "nobody else is asked for a key that is closed"


async def test_a_request_in_line_for_a_place_leaves_it(rig, wire):
    rig.configure(wire, limits=replace(PATIENT, max_in_flight=1, queue_wait_s=20))
    rig.upstream.script = lambda line, _: line.stall()
    tasks = [asyncio.get_running_loop().create_task(rig.chat(wire), name=f"request {n}") for n in range(2)]
    async with asyncio.timeout(3):
        while not (rig.upstream.seen and rig.server.standing.waiting):
            await asyncio.sleep(0.01)
        revoked(rig)
        replies = await asyncio.gather(*tasks)
    assert {one.status for one in replies} == {401}
    await rig.row(1)
    assert (rig.server.in_flight, rig.server.standing.waiting) == (0, 0)


async def test_a_client_that_does_not_read_is_cut_and_the_row_says_why(rig):
    wire = ANTHROPIC
    rig.configure(wire, limits=replace(PATIENT, write_stall_s=30))

    async def flood(line, _seen):
        first, *_ = wire.events("x", ended=False)
        text = wire.events("y" * 60_000, ended=False)[-1]
        await line.send(head(200, "text/event-stream"), chunk(first))
        while True:
            await line.send(chunk(text))

    rig.upstream.script = flood
    async with await rig.connect(receive_bytes=4_096) as client:
        body = wire.request(stream=True)
        await client.request(wire.path, body, f"x-api-key: {KEY}", "Content-Type: application/json", *wire.headers)
        before = -1
        async with asyncio.timeout(10):
            while not rig.upstream.lines or rig.upstream.lines[-1].sent_bytes != before:
                before = rig.upstream.lines[-1].sent_bytes if rig.upstream.lines else -1
                await asyncio.sleep(0.3)
        began = time.monotonic()
        revoked(rig)
        row = await rig.row()
        assert time.monotonic() - began < 1.5
    assert (row.state, row.error_kind) == (State.FAILED, "key_disabled")


async def test_a_rotated_key_keeps_its_running_requests(rig, wire):
    rig.configure(wire, limits=PATIENT)
    rig.upstream.script = endless(wire)
    async with await rig.connect() as client:
        body = wire.request(stream=True)
        await client.request(wire.path, body, f"x-api-key: {KEY}", "Content-Type: application/json", *wire.headers)
        await begun(client)
        ((digest, key),) = rig.snapshot.client_keys.items()
        keys = {digest: replace(key, ends_us=1, expired=True), b"n" * 32: key}
        rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType(keys))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.reader.read(1)
        assert (await rig.chat(wire)).status == 401
    await rig.row(1)


async def test_a_task_that_does_not_end_when_told_is_ended_for_good():
    dog = Watchdog(SystemClock(), asyncio.get_running_loop())
    dog.tick_s = 0.01
    told = []

    async def stubborn():
        watch = dog.watch(lambda: ValueError("closed"))
        try:
            while True:
                try:
                    await asyncio.sleep(10)
                except asyncio.CancelledError:
                    told.append(watch.last_word())
                    if told[-1] is None:
                        raise
        finally:
            dog.forget(watch)

    task = asyncio.get_running_loop().create_task(stubborn(), name="stubborn")
    await asyncio.wait((task,), timeout=3)
    assert task.cancelled()
    assert [type(one) for one in told] == [ValueError, type(None)]
    dog.close()
