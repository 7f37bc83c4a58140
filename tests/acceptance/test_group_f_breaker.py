"""Group F, the breaker: who fails again and again is left alone for a while, and tried anew one request at a time."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.acceptance.contract import alive, bounded, err, up
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

OPEN_S = 2.0
LIMITS = {"breaker_failures": 5, "breaker_open_s": OPEN_S}
UPSTREAMS = 3
FAILING = whole(ANTHROPIC.error("out of order", "api_error"), status=500)
GOOD = whole(ANTHROPIC.whole())


async def breakers(p):
    return (await p.figures()).breakers


async def opened(p, upstream, name):
    """Five requests fail; when the last of them did."""
    upstream.script = FAILING
    for _ in range(5):
        assert name not in await breakers(p)
        assert (await p.chat(ANTHROPIC, model=f"{name}:model-a")).status == 500
    await p.rows(5)
    return time.monotonic()


@pytest.mark.timed
async def test_f06_five_failures_open_it_one_probe_at_a_time_and_two_answers_close_it(p):
    opened_s = await opened(p, p.upstream, "A")
    up(p, 5)
    assert await breakers(p) == {"A": "open"}

    async with bounded(p, within_s=0.05):
        reply = await p.chat(ANTHROPIC)
    message = err(ANTHROPIC, reply, 503)
    assert "A rests for" in message
    assert "5 failures in a row: server error" in message
    assert 1 <= int(reply.get("retry-after")) <= 2
    assert reply.get("x-should-retry") == "true"
    assert (await p.row()).error_kind == "all_targets_resting"
    up(p, 5)
    told = await p.running.status(lambda told: told["resting"])
    [rest] = told["resting"]
    assert (rest["provider"], rest["account"], rest["why"]) == ("A", "", "5 failures in a row: server error")
    assert rest["breaker"] in ("open", "half-open")

    gate = asyncio.get_running_loop().create_future()

    async def slowly(line, seen):
        await gate
        await GOOD(line, seen)

    p.upstream.script = slowly
    await asyncio.sleep(max(0.0, opened_s + OPEN_S - time.monotonic()))
    assert await breakers(p) == {"A": "half-open"}
    probe = await p.open(ANTHROPIC, p.body(ANTHROPIC))
    async with asyncio.timeout(2):
        while len(p.upstream.seen) < 6:
            await asyncio.sleep(0.005)
    assert "another request is trying it" in err(ANTHROPIC, await p.chat(ANTHROPIC), 503)
    up(p, 6)
    gate.set_result(None)
    assert (await probe.reply()).status == 200
    await probe.close()
    assert await breakers(p) == {"A": "half-open"}
    assert (await p.chat(ANTHROPIC)).status == 200
    up(p, 7)
    assert await breakers(p) == {}
    await p.running.status(lambda told: not told["resting"])
    await p.rows(3)
    await alive(p)


async def test_f06_a_probe_that_fails_opens_it_for_longer(p):
    failing = p.others[0]
    opened_s = await opened(p, failing, "A1")
    await asyncio.sleep(max(0.0, opened_s + OPEN_S - time.monotonic()))
    assert (await p.chat(ANTHROPIC, model="A1:model-a")).status == 500
    reply = await p.chat(ANTHROPIC, model="A1:model-a")
    assert "6 failures in a row" in err(ANTHROPIC, reply, 503)
    assert OPEN_S < int(reply.get("retry-after")) <= 2 * OPEN_S
    assert (await breakers(p))["A1"] == "open"
    assert len(failing.seen) == 6
    await p.rows(2)
    await alive(p)  # the other providers' business is none of this one's


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_f08_what_the_client_did_wrong_opens_no_breaker(p, status):
    refusing = p.others[1]
    refusing.script = whole(ANTHROPIC.error("not so", "invalid_request_error"), status=status)
    for count in range(1, 8):
        assert (await p.chat(ANTHROPIC, model="A2:model-a")).status == status
        assert len(refusing.seen) == count
    assert "A2" not in await breakers(p)
    await p.rows(7)
