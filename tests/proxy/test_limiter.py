"""How much may run at once, and what happens to the rest."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from types import MappingProxyType

import pytest

from app.domain.client_key import KeyPolicy
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import Limits
from app.proxy.limiter import Limiter
from tests.fakes.rig import QUICK, error_type
from tests.fakes.scripted import cut, whole

LIMITS = Limits(max_in_flight=2, queue_length=2, queue_wait_s=0.2, max_buffered_bytes=100)


async def busy(awaited):
    with pytest.raises(PatchbayError) as caught:
        await awaited
    assert caught.value.kind is ErrorKind.BUSY
    assert caught.value.retry_after_s
    return caught.value.message


async def test_places_are_given_in_their_order():
    limiter = Limiter()
    order = []

    async def one(name):
        async with limiter.place(LIMITS):
            order.append(name)
            await asyncio.sleep(0.01)

    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(one(name), name=f"place {name}") for name in range(4)]
    await asyncio.wait(tasks)
    assert order == [0, 1, 2, 3]
    assert limiter.in_flight == 0


async def test_who_waits_too_long_is_told_to_come_back():
    limiter = Limiter()
    async with limiter.place(LIMITS), limiter.place(LIMITS):
        began = time.monotonic()
        assert "2 requests are running" in await busy(limiter.place(LIMITS).__aenter__())
        assert 0.15 < time.monotonic() - began < 1
        assert limiter.in_flight == 2
    assert limiter.in_flight == 0
    async with limiter.place(LIMITS):
        assert limiter.in_flight == 1


@pytest.mark.timed
async def test_a_full_line_is_refused_at_once():
    limiter = Limiter()
    loop = asyncio.get_running_loop()
    async with limiter.place(LIMITS), limiter.place(LIMITS):
        waiting = [loop.create_task(busy(limiter.enter(LIMITS)), name="waiting") for _ in range(2)]
        await asyncio.sleep(0)
        began = time.monotonic()
        assert "waiting already" in await busy(limiter.enter(LIMITS))
        assert time.monotonic() - began < 0.1
        await asyncio.wait(waiting)


async def test_who_leaves_the_line_takes_no_place():
    limiter = Limiter()
    loop = asyncio.get_running_loop()
    async with limiter.place(LIMITS), limiter.place(LIMITS):
        waiting = loop.create_task(limiter.enter(LIMITS), name="waiting")
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait((waiting,))
    assert limiter.in_flight == 0


async def test_who_leaves_as_the_turn_comes_gives_it_on():
    limiter = Limiter()
    loop = asyncio.get_running_loop()
    async with limiter.place(replace(LIMITS, max_in_flight=1)):
        first = loop.create_task(limiter.enter(replace(LIMITS, max_in_flight=1)), name="first")
        await asyncio.sleep(0)
    first.cancel()  # its turn has come, but it has not run yet
    await asyncio.wait((first,))
    assert limiter.in_flight == 0


async def test_bytes_are_held_to_the_end():
    limiter = Limiter()
    async with limiter.place(LIMITS) as first:
        await first.reserve(60)
        await first.reserve(50)  # holds them already
        assert limiter.buffered_bytes == 60
        async with limiter.place(LIMITS) as second:
            assert "large requests" in await busy(second.reserve(60))
            await second.reserve(40)
            assert limiter.buffered_bytes == 100
    assert limiter.buffered_bytes == 0


async def test_bytes_that_come_free_are_given_to_who_waits():
    limiter = Limiter()
    loop = asyncio.get_running_loop()
    async with limiter.place(LIMITS) as second:
        async with limiter.place(LIMITS) as first:
            await first.reserve(80)
            waiting = loop.create_task(second.reserve(60), name="waiting")
            await asyncio.sleep(0)
            assert not waiting.done()
        await waiting
        assert limiter.buffered_bytes == 60


async def test_twelve_requests_and_four_places(rig, wire):
    """Four run, four wait and are told after the wait, four are told at once."""
    limits = replace(QUICK, max_in_flight=4, queue_length=4, queue_wait_s=0.3, reply_total_s=0.8)
    rig.configure(wire, limits=limits)
    rig.upstream.script = cut(how="stall")
    began = time.monotonic()

    async def one():
        reply = await rig.chat(wire)
        return reply, time.monotonic() - began

    done = await asyncio.gather(*(one() for _ in range(12)))
    refused = [(reply, after) for reply, after in done if reply.status == 503]
    assert len(refused) == 8
    assert sum(after < 0.25 for _, after in refused) == 4
    for reply, _ in refused:
        assert reply.get("retry-after") == "2"
        assert "busy" in reply.json()["error"]["message"]
    assert {reply.status for reply, _ in done if reply.status != 503} == {504}
    assert rig.server.in_flight == 0


async def test_bodies_wait_for_memory(rig, wire):
    limits = replace(QUICK, max_buffered_bytes=1_000_000, queue_wait_s=0.3, reply_total_s=5.0)
    rig.configure(wire, limits=limits)
    release = asyncio.Event()

    async def script(line, seen):
        await release.wait()
        await whole(wire.whole())(line, seen)

    rig.upstream.script = script
    body = wire.request(messages=[{"role": "user", "content": "x" * 700_000}])
    loop = asyncio.get_running_loop()
    first = loop.create_task(rig.chat(wire, body), name="first")
    while not rig.upstream.seen:
        await asyncio.sleep(0.01)
    reply = await rig.chat(wire, body)
    assert reply.status == 503
    assert error_type(wire, reply)
    release.set()
    assert (await first).status == 200
    assert (await rig.chat(wire, body)).status == 200


async def test_a_place_given_as_time_runs_out_is_not_lost():
    limiter, loop = Limiter(), asyncio.get_running_loop()
    one = Limits(max_in_flight=1, queue_wait_s=0.02)
    await limiter.enter(one)
    # Both are due when the loop looks again, the place first: the turn is given, then the waiting is called off.
    loop.call_later(0.01, limiter.leave)
    loop.call_soon(time.sleep, 0.05)
    try:
        await limiter.enter(one)
    except PatchbayError:
        assert limiter.in_flight == 0, "the place is taken by nobody"
    else:
        assert limiter.in_flight == 1
        limiter.leave()
    await limiter.enter(one)
    assert limiter.in_flight == 1


async def test_a_key_takes_no_more_places_than_its_own():
    limiter, loop = Limiter(), asyncio.get_running_loop()
    limits = replace(LIMITS, max_in_flight=4, max_in_flight_per_key=1)
    async with limiter.place(limits, "a"):
        waiting = loop.create_task(limiter.enter(limits, "a"), name="a again")
        await asyncio.sleep(0)
        async with limiter.place(limits, "b"):
            assert limiter.in_flight == 2
        assert not waiting.done()
        assert limiter.waiting == 1
    await waiting
    limiter.leave("a")


async def test_a_provider_takes_no_more_requests_than_it_may():
    limiter, loop = Limiter(), asyncio.get_running_loop()
    limits = replace(LIMITS, max_in_flight=4, max_in_flight_per_provider=1)
    async with limiter.place(limits) as first, limiter.place(limits) as second, limiter.place(limits) as third:
        await first.toward("one")
        await first.toward("one")
        await second.toward("two")
        waiting = loop.create_task(third.toward("one"), name="third")
        await asyncio.sleep(0)
        assert not waiting.done()
        assert "1 requests are running" in await busy(second.toward("one"))
    with pytest.raises(PatchbayError):
        await waiting
    assert limiter.in_flight == 0
    async with limiter.place(limits) as again:
        await again.toward("one")


async def test_a_place_at_a_provider_passes_to_who_waits_for_it():
    limiter, loop = Limiter(), asyncio.get_running_loop()
    limits = replace(LIMITS, max_in_flight_per_provider=1)
    async with limiter.place(limits, "b") as second:
        async with limiter.place(limits, "a") as first:
            await first.toward("one")
            waiting = loop.create_task(second.toward("one"), name="second")
            await asyncio.sleep(0)
            assert limiter.waiting == 1
        await waiting
        assert limiter.waiting == 0


@pytest.mark.parametrize("depth", [20, 256])
async def test_how_deep_json_may_be_nested_is_a_limit(rig, pair, depth):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, json_depth=depth))
    rig.upstream.script = whole(upstream.whole())

    def schema(levels):
        """A tool whose input has so many levels; the body has five round it."""
        inside = {"type": "string"}
        for _ in range(levels // 2):
            inside = {"type": "object", "properties": {"a": inside}}
        tool = {"name": "t", "input_schema": inside}
        return tool if client.is_anthropic else {"type": "function", "function": {"name": "t", "parameters": inside}}

    room = depth - (4 if client.is_anthropic else 5)
    assert (await rig.chat(client, client.request(tools=[schema(room - 2)]))).status == 200
    refused = await rig.chat(client, client.request(tools=[schema(room + 2)]))
    assert refused.status == 400
    assert f"deeper than {depth} levels" in refused.json()["error"]["message"]


async def test_a_key_runs_as_many_at_once_as_its_own_bound_allows(rig, wire):
    rig.configure(wire, limits=replace(QUICK, queue_wait_s=0.2))
    keys = {digest: replace(one, policy=KeyPolicy(concurrent=1)) for digest, one in rig.snapshot.client_keys.items()}
    rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType(keys))
    rig.upstream.script = lambda line, _: line.stall()
    running = asyncio.get_running_loop().create_task(rig.chat(wire), name="one that runs")
    while not rig.upstream.seen:
        await asyncio.sleep(0.01)
    refusal = await rig.chat(wire)
    assert refusal.status == 429
    assert error_type(wire, refusal) == "rate_limit_error"
    assert "may run 1 request at once" in refusal.json()["error"]["message"]
    assert int(refusal.get("retry-after")) >= 1
    assert len(rig.upstream.seen) == 1
    await rig.upstream.hang_up()
    await running


async def test_a_place_at_a_provider_is_taken_at_once_or_not_at_all():
    limiter = Limiter()
    limits = replace(LIMITS, max_in_flight_per_provider=1)
    async with limiter.place(limits, "a") as one, limiter.place(limits, "b") as other:
        assert one.near("X")
        assert one.near("X"), "it has that one"
        assert not other.near("X")
        assert other.near("Y")
        assert not one.near("Y"), "what it has it keeps, as long as there is no other"
        assert not other.near("X")
        await busy(one.toward("Y"))
        assert other.near("X"), "who waits elsewhere has given up its place"
    async with limiter.place(limits, "a") as one:
        assert one.near("X")
        assert one.near("Y")
        async with limiter.place(limits, "b") as other:
            assert other.near("X"), "who moves on gives back what it had"
