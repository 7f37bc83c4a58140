"""What a stand-in refuses, what rests after a refusal and for how long, and what the client is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.exchange import State
from tests.fakes.rig import TRYING
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT
from tests.proxy.test_failover import refusal


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
async def test_what_a_stand_in_alone_refuses_another_may_answer(rig, status):
    a, b, c = await rig.spread(ANTHROPIC, CHAT, ANTHROPIC)
    a.script, c.script = refusal(ANTHROPIC, 500), whole(ANTHROPIC.whole())
    b.script = refusal(CHAT, status, message="The model b does not exist")
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert [len(one.seen) for one in (a, b, c)] == [1, 1, 1]


async def test_the_first_asked_is_right_about_the_request_also_the_second_time(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC, limits=replace(TRYING, attempts=5))

    async def script(line, seen):
        await (refusal(ANTHROPIC, 500) if len(a.seen) == 1 else refusal(ANTHROPIC, 400, message="no"))(line, seen)

    a.script, b.script = script, refusal(ANTHROPIC, 422)
    reply = await rig.chat(ANTHROPIC)
    assert (len(a.seen), len(b.seen)) == (2, 1)
    assert (reply.status, reply.get("x-should-retry")) == (400, "false")


async def test_a_limit_for_hours_hides_no_real_answer(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script = refusal(ANTHROPIC, 429, "Retry-After: 7200", kind="rate_limit_error")
    b.script = refusal(ANTHROPIC, 400, kind="invalid_request_error")
    for _ in range(2):
        reply = await rig.chat(ANTHROPIC)
        assert (reply.status, reply.get("retry-after")) == (400, None)


async def test_one_limit_that_is_over_locks_nobody_out(rig, pair):
    client, upstream = pair
    (a,) = await rig.spread(upstream)
    for more in ((), ("Retry-After: 0",)):
        seen = len(a.seen)

        async def script(line, _seen, more=more, seen=seen):
            script = refusal(upstream, 429, *more) if len(a.seen) == seen + 1 else whole(upstream.whole())
            await script(line, _seen)

        a.script = script
        assert [(await rig.chat(client)).status for _ in range(3)] == [200, 200, 200]
        assert len(a.seen) == seen + 4


async def test_what_one_model_is_refused_for_locks_no_other_out(rig):
    a, _ = await rig.spread(ANTHROPIC, ANTHROPIC)

    async def script(line, seen):
        big = b'"big"' in seen.body
        await (refusal(ANTHROPIC, 403, message="model big is not allowed") if big else whole(ANTHROPIC.whole()))(
            line, seen
        )

    a.script = script
    for _ in range(6):
        reply = await rig.chat(ANTHROPIC, ANTHROPIC.request("A:big"))
        assert reply.status == 502
        assert "model big is not allowed" in reply.json()["error"]["message"]
    assert len(a.seen) == 6
    assert (await rig.chat(ANTHROPIC, ANTHROPIC.request("A:small"))).status == 200


@pytest.mark.parametrize("stand_in", [ANTHROPIC, CHAT])
async def test_what_everybody_forbade_is_told_again_and_not_to_be_waited_for(rig, wire, stand_in):
    a, b = await rig.spread(ANTHROPIC, stand_in)
    a.script = refusal(ANTHROPIC, 403, message="Your plan has no such model")
    b.script = refusal(stand_in, 403, message="Your country has no such model")
    for count in (1, 2, 3):
        reply = await rig.chat(wire)
        assert (reply.status, reply.get("x-patchbay-upstream-status"), reply.get("retry-after")) == (502, "403", None)
        assert reply.get("x-should-retry") == "false"
        assert "Your plan has no such model" in reply.json()["error"]["message"]
        row = await rig.row(count)
        assert (row.state, row.error_kind) == (State.FAILED, "credential_rejected")
    assert "B the-model rests for 30 s (not allowed)" in reply.json()["error"]["message"]
    assert [len(one.seen) for one in (a, b)] == [1, 1]


async def test_while_one_of_them_may_come_back_it_is_worth_waiting_for(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script = refusal(ANTHROPIC, 403, message="Your plan has no such model")
    b.script = refusal(ANTHROPIC, 429, "Retry-After: 20", kind="rate_limit_error")
    assert (await rig.chat(ANTHROPIC)).status == 429
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, reply.get("x-should-retry"), reply.get("retry-after")) == (503, "true", "20")


async def test_a_limit_over_a_minute_is_passed_on_with_the_word_not_to_try_again(rig, wire):
    (a,) = await rig.spread(wire)
    a.script = refusal(wire, 429, "Retry-After: 3000", "X-Should-Retry: true")
    reply = await rig.chat(wire)
    assert (reply.status, reply.get("retry-after"), reply.get("x-should-retry")) == (429, "3000", "false")


async def test_why_a_stand_in_was_chosen_is_told(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script, b.script = refusal(ANTHROPIC, 500), whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 200
    chosen = [one.why for one in (await rig.row()).trace if one.verdict == "chosen"]
    assert chosen == ["A is preferred", "in place of A"]


@pytest.mark.parametrize("status", [408, 524])
async def test_what_a_gateway_gave_up_waiting_for_is_sent_once(rig, status):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script = refusal(ANTHROPIC, status)
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status >= 400, len(a.seen), len(b.seen)) == (True, 1, 0)
