"""Every limit of [limits] at work in the running program, with numbers so small that a test can meet them."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.acceptance.contract import err, kinds, up
from tests.acceptance.program import KEY, elapsed
from tests.e2e.program import START_S
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

LIMITS = {
    "max_connections": 24,
    "max_connections_per_ip": 20,
    "max_in_flight": 4,
    "max_in_flight_per_key": 4,
    "max_in_flight_per_provider": 2,
    "queue_length": 4,
    "queue_wait_s": 1,
    "reply_total_s": 20,
    "json_depth": 20,
    "body_total_s": 1,
    "body_idle_s": 5,
    "max_body_bytes": 100_000,
    "max_buffered_bytes": 200_000,
    "first_byte_s": 10,
}


async def gathered(p, requests):
    """The replies of requests sent at once, each with the seconds that it took."""
    began = time.monotonic()

    async def one(asked):
        reply = await asked
        return reply, elapsed(began)

    return await asyncio.gather(*map(one, requests))


async def test_f12_four_run_four_wait_and_four_are_told_at_once(p):
    """Two at each provider fill the four places; the line holds four more."""
    p.upstream.script = lambda line, seen: line.stall()
    loop = asyncio.get_running_loop()
    asked = [p.chat(wire) for wire in (ANTHROPIC, CHAT) for _ in range(2)]
    running = [loop.create_task(one, name="running") for one in asked]
    async with asyncio.timeout(5):
        while len(p.upstream.seen) < 4:
            await asyncio.sleep(0.01)
    replies = await gathered(p, [p.chat(ANTHROPIC) for _ in range(8)])
    assert {reply.status for reply, _ in replies} == {503}
    at_once = [reply for reply, after_s in replies if after_s < 0.6]
    assert len(at_once) == 4
    for reply, after_s in replies:
        err(ANTHROPIC, reply, 503, "overloaded_error")
        assert 1 <= int(reply.get("retry-after") or 0) <= 60
        assert after_s < 2
    up(p, 4)
    await p.hang_up()
    await asyncio.wait(running)


async def test_a_provider_takes_no_more_than_its_share(p):
    release = asyncio.Event()

    async def script(line, seen):
        await release.wait()
        await whole((ANTHROPIC if "messages" in seen.line else CHAT).whole())(line, seen)

    p.upstream.script = script
    loop = asyncio.get_running_loop()
    first = [loop.create_task(p.chat(ANTHROPIC), name="first") for _ in range(2)]
    async with asyncio.timeout(5):
        while len(p.upstream.seen) < 2:
            await asyncio.sleep(0.01)
    third = loop.create_task(p.chat(ANTHROPIC), name="third")
    async with asyncio.timeout(5):
        while (await p.figures()).queue < 1:
            await asyncio.sleep(0.01)
    other = loop.create_task(p.chat(CHAT), name="other")
    async with asyncio.timeout(5):
        while len(p.upstream.seen) < 3:
            await asyncio.sleep(0.01)
    assert "chat/completions" in p.upstream.seen[2].line, "the other provider's request went past"
    release.set()
    assert [(await one).status for one in (*first, third, other)] == [200] * 4


async def test_an_address_takes_no_more_connections_than_its_share(p):
    clients = [await p.connect() for _ in range(20)]
    try:
        for client in clients[:3]:
            await client.request("/health", method="GET")
            assert (await client.reply()).status == 200
        async with await p.connect() as late:
            assert (await late.ended()).startswith(b"HTTP/1.1 503 ")
        # another address of this machine is another client
        async with await p.connect(host="::1") as other:
            await other.request("/health", method="GET")
            assert (await other.reply()).status == 200
    finally:
        for client in clients:
            await client.close()
    async with asyncio.timeout(3):
        while (await p.figures()).connections:
            await asyncio.sleep(0.01)
    assert (await p.figures()).rejected["connections_per_ip"] == 1
    assert (await p.ask("/health", method="GET")).status == 200


async def test_all_connections_together_have_a_limit(p):
    clients = [await p.connect(host=host) for host in ["127.0.0.1"] * 20 + ["::1"] * 4]
    try:
        async with asyncio.timeout(3):
            while (await p.figures()).connections < 24:
                await asyncio.sleep(0.01)
        async with await p.connect(host="::1") as late:
            assert (await late.ended()).startswith(b"HTTP/1.1 503 ")
    finally:
        for client in clients:
            await client.close()
    async with asyncio.timeout(3):
        while (await p.figures()).connections:
            await asyncio.sleep(0.01)


async def test_depth_and_size_of_a_body(p, wire):
    p.upstream.script = whole(wire.whole())
    for depth, status in ((12, 200), (30, 400)):
        deep = b"[" * depth + b"]" * depth
        body = p.body(wire)[:-1] + b',"metadata":{"x":' + deep + b"}}"
        assert (await p.ask(wire.path, body, *wire.headers)).status == status
    large = p.body(wire, messages=[{"role": "user", "content": "x" * 100_000}])
    err(wire, await p.ask(wire.path, large, *wire.headers), 413)


async def test_a_body_that_dribbles_has_its_time(p, wire):
    began = time.monotonic()
    async with await p.connect() as client:
        json = "Content-Type: application/json"
        await client.request(wire.path, b"", f"x-api-key: {KEY}", json, "Content-Length: 9000", *wire.headers)
        reading = asyncio.get_running_loop().create_task(client.reply(), name="reading")
        while not reading.done():
            await client.send(b" ")
            await asyncio.sleep(0.1)
        err(wire, await reading, 408, kinds(wire, "timeout_error", "invalid_request_error"))
    assert 0.9 < elapsed(began) < 2.5


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("max_connections = 0", "whole number from 1 to 2048"),
        ("max_body_bytes = 67108865", "whole number from 1 to 67108864"),
        ('idle_s = "soon"', "number from 0.1 to 3600"),
        ("retry_budget = 2", "number from 0 to 1"),
        ("queue_length = 1.5", "whole number from 0 to 2048"),
    ],
)
async def test_a_value_out_of_range_is_refused_by_file_line_key_and_range(tmp_path, line, words):
    from tests.e2e.program import base_environment, command, configure

    configure(tmp_path / "data", f"[limits]\n{line}\n")
    done = await command(tmp_path / "data", "provider", "list", environment=base_environment(), limit_s=START_S)
    said = done.out + done.err
    assert "patchbay.toml, line 2, limits." in said, said
    assert words in said


async def test_limits_follow_the_file_while_it_runs(p):
    """A changed limit holds for the next request, without a new start."""
    file = p.data_dir / "patchbay.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("json_depth = 20", "json_depth = 40"), "utf-8")
    p.upstream.script = whole(ANTHROPIC.whole())
    body = p.body(ANTHROPIC)[:-1] + b',"metadata":{"x":' + b"[" * 30 + b"]" * 30 + b"}}"
    async with asyncio.timeout(8):
        while (await p.ask(ANTHROPIC.path, body, *ANTHROPIC.headers)).status != 200:
            await asyncio.sleep(0.1)
    file.write_text(text, "utf-8")
