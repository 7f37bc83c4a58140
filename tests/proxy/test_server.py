"""Starting and stopping: both loopback addresses, a taken port, the grace of what runs."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from dataclasses import replace

import pytest

from app.domain.exchange import State
from app.domain.facts import KnownFacts
from app.domain.plan import plan
from app.domain.provider import AuthStyle
from app.domain.route import Target
from app.domain.routing import Group, ModelWindow, Plan
from app.proxy import server as room
from app.proxy.server import PortTaken, ProxyServer
from tests.fakes.rawclient import RawClient
from tests.fakes.rig import QUICK
from tests.fakes.scripted import LAST, chunk, head, whole
from tests.fakes.wires import ANTHROPIC


def listening(family, host, port=0):
    made = socket.socket(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind((host, port))
    made.listen()
    return made


async def test_it_listens_on_loopback_only(rig):
    addresses = {one.getsockname()[:2] for server in rig.server._sockets for one in server.sockets}
    assert addresses == {("127.0.0.1", rig.port), ("::1", rig.port)}


async def test_it_starts_again_on_the_same_port(rig):
    await rig.server.stop(0)
    with pytest.raises(OSError, match="refused|Connect call failed"):
        await RawClient.connect(rig.port)
    assert await rig.server.start(rig.port) == rig.port
    assert (await rig.ask("/health", method="GET")).status == 200


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
async def test_a_port_of_another_program_is_taken_on_either_address(rig, family, host):
    with listening(family, host) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            await rig.server.start(port)
        assert caught.value.port == port
    assert (await rig.ask("/health", method="GET")).status == 200


async def test_a_machine_without_ipv6(rig, monkeypatch):
    real = room._listening

    def without_six(family, host, port):
        if family is socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, host, port)

    monkeypatch.setattr(room, "_listening", without_six)
    await rig.server.stop(0)
    rig.port = await rig.server.start(0)
    assert (await rig.ask("/health", method="GET")).status == 200


async def test_stopping_gives_what_runs_its_time(rig, wire):
    rig.configure(wire, limits=replace(QUICK, idle_s=5.0))
    events = wire.events("one ", "two")
    go_on = asyncio.Event()

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, events[:3]))
        await go_on.wait()
        await line.send(*map(chunk, events[3:]), LAST)

    rig.upstream.script = script
    loop = asyncio.get_running_loop()
    running = loop.create_task(rig.chat(wire, stream=True), name="running")
    while not rig.upstream.seen:
        await asyncio.sleep(0.005)
    stopping = loop.create_task(rig.server.stop(5.0), name="stopping")
    await asyncio.sleep(0.05)
    with pytest.raises(OSError, match="refused|Connect call failed"):
        await RawClient.connect(rig.port)
    assert not stopping.done()
    go_on.set()
    assert (await running).body == b"".join(events)
    await stopping
    assert (await rig.row()).state is State.DONE


@pytest.mark.parametrize("hurried", [False, True])
async def test_the_grace_has_an_end(rig, wire, hurried):
    rig.configure(wire, limits=replace(QUICK, reply_total_s=30.0))
    rig.upstream.script = lambda line, seen: line.stall()
    loop = asyncio.get_running_loop()
    running = loop.create_task(rig.chat(wire), name="running")
    while not rig.upstream.seen:
        await asyncio.sleep(0.005)
    began = time.monotonic()
    stopping = loop.create_task(rig.server.stop(20.0 if hurried else 0.2), name="stopping")
    await asyncio.sleep(0.05)
    if hurried:
        rig.server.hurry()
    await stopping
    assert time.monotonic() - began < 2
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await running
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.CANCELLED, "stopped")
    assert rig.server.in_flight == 0


async def test_stopping_closes_idle_connections(rig):
    async with await rig.connect() as client:
        await client.request("/health", method="GET")
        assert (await client.reply()).status == 200
        await rig.server.stop(5.0)
        assert await client.ended(1.0) == b""


async def test_stopping_twice_and_closing_twice_is_harmless(rig):
    await rig.server.stop(0)
    await rig.server.stop(0)
    await rig.server.close()
    await rig.server.close()
    assert rig.server.in_flight == 0


async def test_one_that_never_started_can_be_closed(rig):
    other = ProxyServer(
        snapshot=lambda: rig.snapshot,
        recorder=rig.recorder,
        meter=rig.meter,
        clock=rig.server._desk.clock,
        events=rig.told,
        version="0",
        instance="x",
    )
    await other.stop(0)
    await other.close()


async def test_breakers_are_told_and_another_network_has_them_tried_at_once(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.error("out of order", "api_error"), status=500)
    for _ in range(2 * rig.snapshot.settings.limits.breaker_failures):
        await rig.chat(wire)
    assert list(rig.server.standing.breakers.values()) == ["open"]
    assert [one.breaker for one in rig.server.resting] == ["open"]
    rig.server.reconnect()
    assert list(rig.server.standing.breakers.values()) == ["half-open"]


async def test_what_a_provider_said_of_its_window_is_known_before_the_next_request(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(
        wire.error("maximum context length is 8192 tokens", "invalid_request_error"), status=400
    )
    facts = KnownFacts("the-model", prompt_tokens=9_000)
    here = plan(rig.snapshot, facts).targets[0]
    other = replace(here.provider, name="Other", auth=AuthStyle.NONE)
    ways = Plan((Group((here, Target(other, "m"))),), "a test")
    assert rig.server.lacking(ways, facts) == ("", "")
    await rig.chat(wire)
    assert "8,192" in rig.server.lacking(ways, facts)[0]
    assert rig.server.windows == (ModelWindow(here.provider.name, here.model, 8_192),)


async def test_in_flight_is_counted(rig, wire):
    rig.configure(wire)
    release = asyncio.Event()

    async def script(line, seen):
        await release.wait()
        await whole(wire.whole())(line, seen)

    rig.upstream.script = script
    loop = asyncio.get_running_loop()
    running = [loop.create_task(rig.chat(wire), name=f"running {number}") for number in range(3)]
    while len(rig.upstream.seen) < 3:
        await asyncio.sleep(0.005)
    assert rig.server.in_flight == 3
    assert len(rig.meter.flights) == 3
    release.set()
    await asyncio.wait(running)
    assert rig.server.in_flight == 0


async def test_switching_providers_under_load_mixes_nothing(rig):
    """Every answer comes whole from one provider; what is chosen last is what counts next."""
    from tests.fakes.rig import provider, snapshot
    from tests.fakes.scripted import Scripted

    other = await Scripted().start()
    ups = {"Up": rig.upstream, "Other": other}
    for name, upstream in ups.items():
        events = ANTHROPIC.events(*[f"{name} "] * 5)

        async def script(line, seen, events=events):
            await line.send(head(200, "text/event-stream"))
            for event in events:
                await line.send(chunk(event))
                await asyncio.sleep(0.002)
            await line.send(LAST)

        upstream.script = script
    both = [provider(ANTHROPIC, upstream.url, name=name) for name, upstream in ups.items()]
    base = snapshot(*both)
    choices = [replace(base, settings=replace(base.settings, provider=one.name)) for one in both]
    rig.snapshot = choices[0]
    loop = asyncio.get_running_loop()
    running = []
    for number in range(60):
        rig.snapshot = choices[number % 2]
        running.append(loop.create_task(rig.chat(ANTHROPIC, stream=True), name=f"stream {number}"))
        await asyncio.sleep(0.002)
    for task in running:
        assert ANTHROPIC.text_of((await task).body) in ("Up " * 5, "Other " * 5)
    reply = await rig.chat(ANTHROPIC, stream=True)
    assert ANTHROPIC.text_of(reply.body) == "Other " * 5
    assert {end.state for end in rig.recorder.ends} == {State.DONE}
    await other.stop()


async def test_who_waits_on_the_former_port_is_not_left_with_a_deaf_connection(rig):
    rig.configure(ANTHROPIC)
    kept = await rig.connect()
    await kept.request("/health", b"", method="GET")
    assert (await kept.reply()).status == 200
    await rig.server.start(0)
    assert await kept.ended() == b""
    await kept.close()
