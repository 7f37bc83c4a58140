"""Group F, failover: what goes wrong at one provider is served by another, or told; nothing is asked twice in vain.

Each case has providers of its own, so that what rests after one is not missed by the next.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from app.domain.exchange import State
from tests.acceptance.contract import alive, err, kinds, sse_err
from tests.fakes.scripted import LAST, chunk, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

UPSTREAMS = 16
LIMITS = {"attempts": 3, "max_in_flight_per_provider": 4, "queue_length": 4}
PLACES = {
    "f01": ("A1", "A2"),
    "f01-three": ("A3", "C4", "A5"),
    "f02-alone": ("A6",),
    "f02-both": ("A7", "A8"),
    "f04": ("A9", "A10"),
    "f08": ("A11", "A12"),
    "f08-key": ("A13", "A14"),
    "f12": ("A15", "C15"),
}
MORE = '[config]\nprovider = "A"\n' + "".join(
    f'[[route]]\nmodels = ["{case}"]\nto = [{", ".join(f"{chr(34)}{one}:its-model{chr(34)}" for one in names)}]\n'
    "only = true\n"
    for case, names in PLACES.items()
)


def up(p, number):
    return (p.upstream, *p.others)[number]


def refusal(wire, status, *more, kind="api_error"):
    return whole(wire.error("not now", kind), *more, status=status)


async def attempts(p, row):
    return [(one.provider, one.status, one.error) for one in (await p.detail(row)).attempts]


@pytest.mark.parametrize("streaming", [False, True])
async def test_f01_nobody_listens_at_the_first_and_the_second_answers(p, streaming):
    await up(p, 1).stop()
    up(p, 2).script = stream(*ANTHROPIC.events("Hel", "lo")) if streaming else whole(ANTHROPIC.whole())
    began = time.monotonic()
    reply = await p.chat(ANTHROPIC, model="f01", stream=streaming)
    assert reply.status == 200
    assert time.monotonic() - began < 1.0
    row = await p.row()
    assert (row.state, row.provider, row.sent_model, row.attempts) == (State.DONE, "A2", "its-model", 2)
    assert row.usage.output_tokens == 7
    assert await attempts(p, row) == [("A1", 0, "upstream_unreachable"), ("A2", 200, "")]
    trace = (await p.detail(row)).trace
    assert [(one.provider, one.verdict) for one in trace] == [("A1", "chosen"), ("A1", "failed"), ("A2", "chosen")]
    assert "f01" in trace[0].why
    await up(p, 1).start(up(p, 1).port)
    await alive(p)


async def test_f01_also_over_another_dialect_and_past_two_that_fail(p, wire):
    up(p, 3).script = refusal(ANTHROPIC, 529, kind="overloaded_error")
    up(p, 4).script = refusal(CHAT, 500)
    up(p, 5).script = whole(ANTHROPIC.whole())
    assert (await p.chat(wire, model="f01-three")).status == 200
    row = await p.row()
    assert (row.provider, row.upstream_dialect, row.attempts) == ("A5", "anthropic_messages", 3)
    assert [status for _, status, _ in await attempts(p, row)] == [529, 500, 200]


async def test_f02_a_limit_is_waited_for_once_where_nobody_else_is(p):
    up(p, 6).script = refusal(ANTHROPIC, 429, "Retry-After: 2", kind="rate_limit_error")
    began = time.monotonic()
    reply = await p.chat(ANTHROPIC, model="f02-alone")
    assert 2.0 <= time.monotonic() - began < 3.5
    assert (reply.status, reply.get("retry-after"), reply.get("x-patchbay-attempts")) == (429, "2", "2")
    assert len(up(p, 6).seen) == 2
    assert (await p.row()).attempts == 2

    reply = await p.chat(ANTHROPIC, model="f02-alone")  # it rests, and nobody asks it
    message = err(ANTHROPIC, reply, 503)
    assert "rate limited" in message
    assert int(reply.get("retry-after")) in (1, 2)
    assert len(up(p, 6).seen) == 2
    assert (await p.row()).error_kind == "all_targets_resting"

    up(p, 6).script = whole(ANTHROPIC.whole())
    await asyncio.sleep(2.1)
    assert (await p.chat(ANTHROPIC, model="f02-alone")).status == 200
    await p.row()


async def test_f02_a_limit_is_no_wait_where_somebody_else_is(p):
    up(p, 7).script = refusal(ANTHROPIC, 429, "Retry-After: 2", kind="rate_limit_error")
    up(p, 8).script = whole(ANTHROPIC.whole())
    for count in (1, 2):
        began = time.monotonic()
        assert (await p.chat(ANTHROPIC, model="f02-both")).status == 200
        assert time.monotonic() - began < 1.0
        assert (len(up(p, 7).seen), len(up(p, 8).seen)) == (1, count)
        row = await p.row()
        assert (row.provider, row.attempts) == ("A8", 3 - count)


@pytest.mark.parametrize("how", ["reset", "cut", "silence"])
async def test_f04_nothing_is_asked_again_once_there_is_a_word(p, wire, how):
    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, ANTHROPIC.events("Hel", ended=False)))
        await asyncio.sleep(0.05)
        if how == "cut":
            await line.send(LAST)
        elif how == "silence":
            await line.stall()
        else:
            line.reset()

    up(p, 9).script, up(p, 10).script = script, whole(ANTHROPIC.whole())
    reply = await p.chat(wire, model="f04", stream=True)
    sse_err(wire, reply, kinds(wire, "timeout_error" if how == "silence" else "api_error", "server_error"))
    assert (len(up(p, 9).seen), len(up(p, 10).seen)) == (1, 0)
    row = await p.row()
    assert (row.state, row.provider, row.attempts) == (State.FAILED, "A9", 1)
    up(p, 9).script = whole(ANTHROPIC.whole())
    assert (await p.chat(wire, model="f04")).status == 200, "one failure opens no breaker"
    await p.row()


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
async def test_f08_a_request_at_fault_neither_trips_nor_goes_elsewhere(p, status):
    up(p, 11).script = refusal(ANTHROPIC, status, kind="invalid_request_error")
    up(p, 12).script = whole(ANTHROPIC.whole())
    for _ in range(6):
        assert (await p.chat(ANTHROPIC, model="f08")).status == status
    assert (len(up(p, 11).seen), len(up(p, 12).seen)) == (6, 0)
    await p.rows(6)
    assert "A11" not in (await p.figures()).breakers
    up(p, 11).script = whole(ANTHROPIC.whole())
    assert (await p.chat(ANTHROPIC, model="f08")).status == 200
    await p.row()


async def test_f08_a_key_that_is_no_good_is_tried_once_and_told_once(p):
    up(p, 13).script = refusal(ANTHROPIC, 401, kind="authentication_error")
    up(p, 14).script = whole(ANTHROPIC.whole())
    for _ in range(20):
        assert (await p.chat(ANTHROPIC, model="f08-key")).status == 200
    assert (len(up(p, 13).seen), len(up(p, 14).seen)) == (1, 20)
    rows = await p.rows(20)
    assert {row.provider for row in rows} == {"A14"}
    assert [row.attempts for row in rows] == [1] * 19 + [2]
    trace = (await p.detail(rows[0])).trace
    assert [(one.provider, one.verdict) for one in trace] == [("A13", "skipped"), ("A14", "chosen")]
    assert "reject" in trace[0].why
    status = await p.running.status()
    told = [one for one in status["notices"] if "A13" in one["text"] and "key" in one["text"]]
    assert len(told) == 1


async def test_f12_who_finds_no_place_goes_to_another_provider_at_once(p):
    release = asyncio.Event()

    async def held(line, seen):
        await release.wait()
        await whole((ANTHROPIC if "messages" in seen.line else CHAT).whole())(line, seen)

    up(p, 15).script = held
    loop = asyncio.get_running_loop()
    began = time.monotonic()
    asking = [loop.create_task(p.chat(ANTHROPIC, model="f12"), name=f"ask {number}") for number in range(16)]
    async with asyncio.timeout(5):
        while len(up(p, 15).seen) < 8:
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < 1.0, "nobody waited for a place while there was one elsewhere"
        while sum(one.done() for one in asking) < 8:
            await asyncio.sleep(0.01)
    at_c = sum("chat/completions" in one.line for one in up(p, 15).seen)
    assert (len(up(p, 15).seen), at_c) == (8, 4)
    refused = [one.result() for one in asking if one.done()]
    for reply in refused:
        err(ANTHROPIC, reply, 503, "overloaded_error")
        assert reply.get("retry-after")
    release.set()
    assert [reply.status for reply in await asyncio.gather(*asking)].count(200) == 8
    rows = await p.rows(16)
    assert sorted(row.provider for row in rows if row.state is State.DONE) == ["A15"] * 4 + ["C15"] * 4
    await alive(p)


async def test_f11_a_provider_that_is_removed_under_a_stream(p):
    go = asyncio.Event()
    first, *rest = ANTHROPIC.events("Hel", "lo")

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), chunk(first), chunk(rest[0]), chunk(rest[1]))
        while not go.is_set():  # alive, for as long as it takes
            await line.delay(0.1, chunk(b": ping\n\n"))
        await line.send(*map(chunk, rest[2:]), LAST)

    up(p, 2).script = script
    body = p.body(ANTHROPIC, model="A2:m", stream=True)
    async with await p.open(ANTHROPIC, body) as client:
        reply = await client.head()
        assert await client.chunk()
        assert (await p.running.command("provider", "remove", "A2")).code == 0
        async with asyncio.timeout(10):
            while (await p.chat(ANTHROPIC, model="A2:m")).status == 200:
                await asyncio.sleep(0.05)
        go.set()
        while (data := await client.chunk()) is not None:
            reply.body += data
    assert ANTHROPIC.ended_well(reply.body)
    assert ANTHROPIC.text_of(reply.body).endswith("lo")
    async with asyncio.timeout(5):
        while not (rows := [one for one in await asyncio.to_thread(p.page) if one.sent_model == "m"]):
            await asyncio.sleep(0.02)
        while rows[-1].state is State.STARTED:
            rows = [one for one in await asyncio.to_thread(p.page) if one.sent_model == "m"]
    assert (rows[-1].state, rows[-1].provider) == (State.DONE, "A2")
    assert not any("Traceback" in line for line in p.running.said)
