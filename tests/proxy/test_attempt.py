"""Whatever happens to a request, what it reserved is settled or released, and once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from app.dialects.prompt_size import OPENAI_IMAGE_MOST_TOKENS
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.exchange import State
from app.domain.usage import UsageSource
from app.proxy.lanes import passthrough as lane
from tests.fakes.ledger import CountingLedger
from tests.fakes.more_wires import RESPONSES
from tests.fakes.rig import KEY, TRYING, Rig
from tests.fakes.scripted import chunk, cut, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    """A proxy whose ledger counts, and that every hold of it has ended once when the test is over."""
    ledger = CountingLedger()
    made = await Rig(ledger).start()
    made.ledger = ledger
    yield made
    await made.stop()
    assert [one.ends for one in ledger.holds] == [1] * len(ledger.holds)


def refusal(wire, status, *more):
    return whole(wire.error("not now"), *more, status=status)


async def silent(line, seen):
    await line.stall()


def settled(rig):
    return [[(one.input_tokens, one.output_tokens, one.source) for one in hold.settled] for hold in rig.ledger.holds]


REPORTED, ESTIMATED = UsageSource.REPORTED, UsageSource.ESTIMATED


@pytest.mark.parametrize("streaming", [True, False])
async def test_an_answer_is_settled_with_its_counts(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = stream(*upstream.events("Hello")) if streaming else whole(upstream.whole())
    assert (await rig.chat(client, stream=streaming)).status == 200
    await rig.row()
    assert settled(rig) == [[(11, 7, REPORTED)]]
    [claim] = [one.claim for one in rig.ledger.holds]
    assert (claim.provider, claim.model, claim.free, claim.output_tokens) == ("Up", "the-model", False, 64)
    assert claim.prompt_tokens > 0
    assert claim.exchange_id == rig.recorder.ends[0].id


@pytest.mark.parametrize(
    "script",
    [
        *(refusal(ANTHROPIC, status) for status in (400, 401, 403, 404, 413, 429, 500, 529)),
        whole(b"", "Location: http://127.0.0.1/", status=302),
    ],
)
async def test_what_a_provider_refused_is_released_at_every_provider(rig, script):
    ups = await rig.spread(ANTHROPIC, ANTHROPIC)
    for one in ups:
        one.script = script
    for streaming in (True, False):
        rig.forgive()
        assert (await rig.chat(ANTHROPIC, stream=streaming)).status >= 400
    await rig.row(2)
    assert len(rig.ledger.holds) == sum(len(one.seen) for one in ups)
    assert {one.released for one in rig.ledger.holds} == {1}


@pytest.mark.parametrize("script", [whole(b"<html>", media_type="text/html"), stream(), whole(b'{"half":'), silent])
async def test_what_a_provider_has_and_does_not_answer_counts_its_prompt_at_least(rig, script):
    rig.configure(ANTHROPIC)
    rig.upstream.script = script
    for streaming in (True, False):
        rig.forgive()
        assert (await rig.chat(ANTHROPIC, stream=streaming)).status >= 400
    await rig.row(2)
    assert all(one.assumed or one.settled[0].source is ESTIMATED for one in rig.ledger.holds)
    whole_hold = [one.assumed_output is None for one in rig.ledger.holds if one.assumed]
    assert whole_hold in ([], [False, True])  # nobody knows how far an answer went that is not streamed


async def test_a_provider_that_is_not_reached_is_owed_nothing(rig):
    (a,) = await rig.spread(ANTHROPIC)
    await a.stop()
    assert (await rig.chat(ANTHROPIC)).status == 502
    await rig.row()
    assert {one.released for one in rig.ledger.holds} == {1}


async def test_each_try_has_a_hold_of_its_own(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script, b.script = refusal(ANTHROPIC, 503), whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 200
    await rig.row()
    assert [one.claim.provider for one in rig.ledger.holds] == ["A", "B"]
    assert settled(rig) == [[], [(11, 7, REPORTED)]]


@pytest.mark.parametrize("how", ["reset", "close", "end", "stall"])
async def test_a_cut_answer_is_settled_with_an_estimate(rig, pair, how):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("Hello there", ended=False), how=how)
    await rig.chat(client, stream=True)
    row = await rig.row()
    assert row.state is State.FAILED
    [[(prompt, output, source)]] = settled(rig)
    assert prompt > 0
    assert output > 0
    assert source is ESTIMATED
    assert rig.ledger.holds[0].settled[0] == row.usage


@pytest.mark.parametrize("said", [0, 3])
async def test_a_client_that_leaves(rig, pair, said):
    client, upstream = pair
    rig.configure(upstream)

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events(*["Hello"] * said, ended=False)))
        await line.stall()

    rig.upstream.script = script
    tool = await rig.connect()
    more = (f"x-api-key: {KEY}", "Content-Type: application/json", *client.headers)
    await tool.request(client.path, client.request(stream=True), *more)
    if said:
        await tool.head()
        await tool.chunk()
    while not rig.ledger.holds or not rig.upstream.seen:
        await asyncio.sleep(0.005)
    await tool.close()
    assert (await rig.row()).state in (State.CANCELLED, State.FAILED)
    [hold] = rig.ledger.holds
    assert hold.assumed or hold.settled[0].input_tokens > 0


async def test_the_program_stops(rig):
    rig.configure(ANTHROPIC, replace(TRYING, first_byte_s=10.0, reply_total_s=10.0))
    rig.upstream.script = silent
    asking = asyncio.get_running_loop().create_task(rig.chat(ANTHROPIC), name="ask")
    while not rig.upstream.seen:
        await asyncio.sleep(0.005)
    await rig.server.stop(0.0)
    assert (await rig.row()).state is State.CANCELLED
    await asyncio.wait([asking])
    assert asking.exception() is not None
    assert rig.ledger.holds[0].assumed == 1


async def test_the_client_leaves_while_a_retry_is_waited_for(rig):
    (a,) = await rig.spread(ANTHROPIC)
    a.script = refusal(ANTHROPIC, 429, "Retry-After: 9")
    tool = await rig.connect()
    await tool.request("/v1/messages", ANTHROPIC.request(), f"x-api-key: {KEY}", "Content-Type: application/json")
    while not rig.ledger.holds or not rig.ledger.holds[0].ends:
        await asyncio.sleep(0.005)
    await tool.close()
    assert (await rig.row()).state is State.CANCELLED
    assert len(a.seen) == 1


async def test_a_defect_of_ours(rig, monkeypatch):
    rig.configure(ANTHROPIC)

    async def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(lane, "_attempt", broken)
    monkeypatch.setattr(lane, "_REPAIRS", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.proxy.pipeline.log.exception", lambda *_: None)
        assert (await rig.chat(ANTHROPIC)).status == 500
    await rig.row()
    assert rig.ledger.holds[0].released == 1


async def test_counting_tokens_is_free_and_so_is_what_patchbay_answers_itself(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(b'{"input_tokens":5}')
    body = json.dumps({"model": "the-model", "messages": [{"role": "user", "content": "hi"}]}).encode()
    assert (await rig.ask("/v1/messages/count_tokens", body, *ANTHROPIC.headers)).status == 200
    assert rig.ledger.holds == []
    rig.configure(CHAT)
    assert (await rig.chat(ANTHROPIC, ANTHROPIC.request(max_tokens=0))).status == 200
    await rig.row(2)
    assert [one.released for one in rig.ledger.holds] == [1]


async def test_a_budget_that_is_used_up_for_one_provider_leads_to_another(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    b.script = whole(ANTHROPIC.whole())
    rig.ledger.refuses["A"] = PatchbayError(ErrorKind.QUOTA_EXCEEDED, "The budget of A is used up.", retry_after_s=60)
    assert (await rig.chat(ANTHROPIC)).status == 200
    row = await rig.row()
    assert [(one.provider, one.verdict) for one in row.trace] == [("A", "skipped"), ("B", "chosen")]
    assert a.seen == []
    rig.ledger.refuses["B"] = PatchbayError(ErrorKind.QUOTA_EXCEEDED, "The budget of B is used up.")
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, reply.get("retry-after")) == (429, "60")
    assert (await rig.row(2)).error == "The budget of A is used up."


QUEUED = b'{"id":"resp_1","object":"response","status":"queued","output":[],"usage":null,"background":true}'


async def test_an_answer_in_the_background_is_refused_where_a_budget_counts_it(rig):
    rig.configure(RESPONSES)
    for streaming in (False, True):
        said = await rig.chat(RESPONSES, RESPONSES.request(background=True, stream=streaming))
        error = json.loads(said.body)["error"]
        assert (said.status, error["param"], "background" in error["message"]) == (400, "background", True)
    assert rig.ledger.holds == rig.upstream.seen == []
    rig.ledger.counted = False
    rig.upstream.script = whole(QUEUED)
    said = await rig.chat(RESPONSES, RESPONSES.request(background=True))
    assert (said.status, said.body) == (200, QUEUED)
    assert rig.upstream.seen[0].body == RESPONSES.request(background=True)


@pytest.mark.parametrize("status", ["queued", "in_progress"])
async def test_a_reply_whose_answer_is_still_made_settles_nothing(rig, status):
    rig.configure(RESPONSES)
    queued = QUEUED.replace(b"queued", status.encode())
    rig.upstream.script = whole(queued)
    assert (await rig.chat(RESPONSES)).body == queued
    rig.forgive()
    assert (await rig.chat(ANTHROPIC)).status >= 400  # no answer in the client's own form
    await rig.row(2)
    assert [(one.assumed, one.assumed_output) for one in rig.ledger.holds] == [(1, None)] * 2


async def test_what_a_provider_garbles_is_settled_as_the_record_has_it(rig):
    rig.configure(ANTHROPIC)
    garbled = ANTHROPIC.whole().replace(b'"input_tokens":11', b'"input_tokens":-1000')
    garbled = garbled.replace(b'"output_tokens":7', b'"output_tokens":"5"')
    rig.upstream.script = whole(garbled)
    assert (await rig.chat(ANTHROPIC)).body == garbled
    row = await rig.row()
    [[(prompt, output, source)]] = settled(rig)
    assert (prompt > 0, output > 0, source) == (True, True, ESTIMATED)
    assert rig.ledger.holds[0].settled[0] == row.usage


async def test_a_claim_reckons_with_the_dearest_picture(rig):
    rig.configure(CHAT)
    rig.upstream.script = whole(CHAT.whole())
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "QUJD" * 500}}
    asked = {"model": "the-model", "n": 2, "max_completion_tokens": 1, "max_tokens": 9}
    asked["messages"] = [{"role": "user", "content": [picture]}]
    assert (await rig.chat(CHAT, json.dumps(asked).encode())).status == 200
    await rig.row()
    [claim] = [one.claim for one in rig.ledger.holds]
    assert claim.prompt_tokens > OPENAI_IMAGE_MOST_TOKENS
    assert (claim.output_tokens, claim.answers) == (9, 2)


async def test_an_answer_that_a_budget_has_no_room_for_ends_with_an_error_and_is_counted(rig, pair):
    client, upstream = pair
    provider = rig.configure(upstream, limits=replace(TRYING, idle_s=20, max_stream_s=30))
    rig.ledger.most_tokens = 20

    async def script(line, seen):
        events = [chunk(event) for event in upstream.events("word " * 40, "and more", ended=False)]
        await line.send(head(200, "text/event-stream"), *events)
        await line.stall()

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert not client.ended_well(reply.body)
    assert client.stream_error(reply.body)["message"] == "The answer was ended here."
    row = await rig.row()
    assert (row.state, row.error_kind, row.client_status) == (State.FAILED, "quota_exceeded", 200)
    assert rig.ledger.holds[0].settled == [row.usage]
    assert row.usage.output_tokens > 20
    async with asyncio.timeout(1):
        await rig.upstream.lines[-1].closed.wait()
    assert len(rig.upstream.seen) == 1, "nobody else is asked"
    assert not rig.told.failed, f"{provider.name} is not at fault"
