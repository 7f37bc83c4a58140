"""One request and several providers: who is asked, who is not, and what the client is told in the end."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from types import MappingProxyType

import pytest

from app.domain.exchange import State
from app.domain.provider import Account, Credential, CredentialState, Secret, credential_id
from app.domain.routing import Routing
from tests.fakes.rig import KEY, QUICK, SECRET, TRYING, error_type
from tests.fakes.scripted import chunk, cut, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

PAIRS = [
    (ANTHROPIC, ANTHROPIC, ANTHROPIC),
    (ANTHROPIC, CHAT, ANTHROPIC),
    (CHAT, CHAT, ANTHROPIC),
    (CHAT, ANTHROPIC, CHAT),
]


def refusal(wire, status, *more, kind="api_error", message="not now"):
    return whole(wire.error(message, kind), *more, status=status)


def traced(row):
    return [(one.provider, one.verdict) for one in row.trace]


@pytest.fixture(params=PAIRS, ids=lambda one: "-".join(wire.name.value.split("_")[1] for wire in one))
def three(request):
    """The dialects of the client and of the two providers."""
    return request.param


@pytest.mark.parametrize("streaming", [True, False])
async def test_another_provider_answers_what_the_first_one_could_not(rig, three, streaming):
    client, first, second = three
    a, b = await rig.spread(first, second)
    a.script = refusal(first, 529, kind="overloaded_error")
    b.script = stream(*second.events("Hel", "lo")) if streaming else whole(second.whole("Hello"))
    reply = await rig.chat(client, stream=streaming)
    assert reply.status == 200
    assert b"Hel" in reply.body
    row = await rig.row()
    assert (row.state, row.provider, row.vendor) == (State.DONE, "B", rig.snapshot.providers[1].vendor)
    assert [(one.provider, one.status, one.error) for one in row.attempts] == [("A", 529, "overloaded"), ("B", 200, "")]
    assert traced(row) == [("A", "chosen"), ("A", "failed"), ("B", "chosen")]
    assert row.upstream_status == 200
    assert row.sides.upstream_reply.line == "200 OK"
    assert rig.told.switched == [("A", "B")]
    assert rig.told.failed == [("A", "overloaded")]
    assert rig.told.answered == ["B"]
    assert rig.recorder.starts[0].provider == "A"
    assert row.usage.input_tokens == 11


async def test_who_never_answers_costs_one_request_and_the_next_goes_elsewhere(rig):
    """It may still be working on the one it got, so nobody else is asked for that (and no other waits as long)."""
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script, b.script = (lambda line, seen: line.stall()), whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 504
    assert [(await rig.chat(ANTHROPIC)).status for _ in range(3)] == [200] * 3
    assert (len(a.seen), len(b.seen)) == (1, 3)


async def test_nobody_listens_at_the_first_one(rig):
    _, b = await rig.spread(CHAT, ANTHROPIC)
    await rig.upstream.stop()
    b.script = whole(ANTHROPIC.whole())
    began = time.monotonic()
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert time.monotonic() - began < 1.0
    row = await rig.row()
    assert [one.error for one in row.attempts] == ["upstream_unreachable", ""]
    await rig.upstream.start()


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
async def test_a_request_at_fault_goes_nowhere_else(rig, status, pair):
    client, upstream = pair
    a, b = await rig.spread(upstream, upstream)
    a.script = refusal(upstream, status, kind="invalid_request_error")
    assert (await rig.chat(client)).status in (400, status)
    assert (len(a.seen), len(b.seen)) == (1, 0)
    assert rig.told.switched == []


async def test_a_key_that_is_no_good_leads_to_another_provider(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    a.script = refusal(ANTHROPIC, 401, kind="authentication_error")
    b.script = whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert rig.told.rejected == ["A"]


async def test_a_limit_leads_to_the_next_account_at_once_and_only_then_to_another_provider(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    spare = Account("spare", priority=1)
    first = replace(rig.snapshot.providers[0], accounts=(spare,))
    keys = {
        **rig.snapshot.credentials,
        credential_id("A", "spare"): Credential(CredentialState.READY, Secret("second")),
    }
    rig.snapshot = replace(
        rig.snapshot, providers=(first, rig.snapshot.providers[1]), credentials=MappingProxyType(keys)
    )

    async def script(line, seen):
        mine = seen.get("x-api-key") == "second"
        await (whole(ANTHROPIC.whole()) if mine else refusal(ANTHROPIC, 429, "Retry-After: 60"))(line, seen)

    a.script = script
    assert (await rig.chat(ANTHROPIC)).status == 200
    row = await rig.row()
    assert [(one.provider, one.account, one.status) for one in row.attempts] == [("A", "", 429), ("A", "spare", 200)]
    assert (row.provider, row.account) == ("", "spare")
    assert (await rig.chat(ANTHROPIC)).status == 200
    row = await rig.row(2)
    assert [one.account for one in row.attempts] == ["spare"]
    assert traced(row) == [("A", "skipped"), ("A", "chosen")]
    assert "rate limited" in row.trace[0].why
    assert b.seen == []


async def test_a_limit_without_anybody_else_is_waited_for_once(rig):
    (a,) = await rig.spread(ANTHROPIC)
    a.script = refusal(ANTHROPIC, 429, "Retry-After: 0.3")
    began = time.monotonic()
    reply = await rig.chat(ANTHROPIC)
    assert 0.3 <= time.monotonic() - began < 1.5
    assert reply.status == 429
    assert reply.get("retry-after") is not None
    assert reply.get("x-patchbay-attempts") == "2"
    assert len(a.seen) == 2


async def test_a_limit_that_lasts_is_told_at_once(rig):
    (a,) = await rig.spread(ANTHROPIC)
    a.script = refusal(ANTHROPIC, 429, "Retry-After: 40")
    began = time.monotonic()
    reply = await rig.chat(ANTHROPIC)
    assert time.monotonic() - began < 1.0
    assert (reply.status, reply.get("retry-after"), reply.get("x-patchbay-attempts")) == (429, "40", None)
    assert len(a.seen) == 1


async def test_while_all_rest_the_client_is_told_until_when(rig):
    a, b = await rig.spread(ANTHROPIC, CHAT)
    a.script = refusal(ANTHROPIC, 429, "Retry-After: 40")
    b.script = refusal(CHAT, 429, "Retry-After: 20")
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, reply.get("retry-after")) == (429, "20")
    assert "Patchbay tried 2 times: A, B." in reply.json()["error"]["message"]
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 503
    assert error_type(ANTHROPIC, reply)
    assert 18 <= int(reply.get("retry-after")) <= 20
    assert reply.get("x-should-retry") == "true"
    row = await rig.row(2)
    assert (row.error_kind, row.attempts) == ("all_targets_resting", ())
    assert traced(row) == [("A", "skipped"), ("B", "skipped")]
    assert (len(a.seen), len(b.seen)) == (1, 1)


async def test_who_rests_for_long_is_not_asked_again_soon(rig):
    (a,) = await rig.spread(ANTHROPIC)
    a.script = refusal(ANTHROPIC, 429, "Retry-After: 3600")
    assert (await rig.chat(ANTHROPIC)).status == 429
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, reply.get("x-should-retry")) == (503, "false")


async def test_trouble_that_passes_is_tried_again_at_the_same_provider(rig, pair):
    client, upstream = pair
    (a,) = await rig.spread(upstream)

    async def script(line, seen):
        script = whole(upstream.whole()) if len(a.seen) == 3 else refusal(upstream, 503)
        await script(line, seen)

    a.script = script
    assert (await rig.chat(client)).status == 200
    row = await rig.row()
    assert [one.status for one in row.attempts] == [503, 503, 200]
    assert row.provider == ""


async def test_the_number_of_tries_is_bounded(rig):
    ups = await rig.spread(ANTHROPIC, ANTHROPIC, ANTHROPIC, ANTHROPIC)
    for one in ups:
        one.script = refusal(ANTHROPIC, 500)
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 500
    assert reply.json()["error"]["message"] == "not now. Patchbay tried 3 times: A, B, C."
    assert [len(one.seen) for one in ups] == [1, 1, 1, 0]


async def test_the_providers_own_words_stay_where_it_alone_was_asked(rig, wire):
    a, _ = await rig.spread(wire, wire)
    rig.snapshot = replace(rig.snapshot, routing=Routing(only=True))
    a.script = refusal(wire, 500, message="inner trouble")
    reply = await rig.chat(wire)
    assert (reply.status, reply.body) == (500, wire.error("inner trouble", "api_error"))
    assert reply.get("x-patchbay-attempts") == "3"


async def test_no_second_try_where_the_first_may_have_been_billed(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)

    async def hang_up(line, seen):
        line.close()

    a.script = hang_up
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, len(a.seen), len(b.seen)) == (502, 1, 0)

    async def say_nothing(line, seen):
        await line.stall()

    a.script = say_nothing
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, len(a.seen), len(b.seen)) == (504, 2, 0)


@pytest.mark.parametrize("how", ["web page", "redirect", "nothing", "no terminator", "error event"])
async def test_what_is_no_answer_leads_elsewhere_while_the_client_has_nothing(rig, pair, how):
    client, upstream = pair
    a, b = await rig.spread(upstream, upstream)
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    scripts = {
        "web page": whole(b"<html>", media_type="text/html"),
        "redirect": whole(b"", "Location: http://127.0.0.1/", status=302),
        "nothing": stream(),
        "no terminator": stream(*upstream.events(ended=False)),
        "error event": stream(
            *upstream.events(ended=False), b"event: error\ndata: %s\n\n" % json.dumps(error).encode()
        ),
    }
    a.script = scripts[how]
    b.script = stream(*upstream.events("Hel", "lo"))
    reply = await rig.chat(client, stream=True)
    assert reply.status == 200
    assert client.text_of(reply.body) == "Hello"
    assert client.ended_well(reply.body)
    row = await rig.row()
    assert (row.state, row.provider, row.answer) == (State.DONE, "B", "Hello")
    assert (row.usage.input_tokens, row.usage.output_tokens) == (11, 7)


async def test_an_error_event_leads_elsewhere_also_where_the_connection_stays_open(rig, pair):
    client, upstream = pair
    a, b = await rig.spread(upstream, upstream)
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    a.script = cut(
        *upstream.events(ended=False), b"event: error\ndata: %s\n\n" % json.dumps(error).encode(), how="stall"
    )
    b.script = stream(*upstream.events("Hello"))
    began = time.monotonic()
    reply = await rig.chat(client, stream=True)
    assert time.monotonic() - began < rig.snapshot.settings.limits.idle_s
    assert client.text_of(reply.body) == "Hello"


async def test_an_error_before_anything_useful_has_its_own_status(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    rig.upstream.script = stream(
        *upstream.events(ended=False), b"event: error\ndata: %s\n\n" % json.dumps(error).encode()
    )
    reply = await rig.chat(client, stream=True)
    assert reply.status in (503, 529)
    assert error_type(client, reply) in ("overloaded_error", "server_error")


async def test_thinking_that_the_client_is_not_shown_is_no_beginning(rig):
    a, b = await rig.spread(CHAT, ANTHROPIC)
    first = CHAT.events("Hel", ended=False)[0]
    hidden = b'data: {"id":"c","choices":[{"index":0,"delta":{"reasoning_content":"hmm"}}]}\n\n'
    a.script, b.script = cut(first, hidden, how="close"), stream(*ANTHROPIC.events("Hello"))
    reply = await rig.chat(ANTHROPIC, stream=True)
    assert (len(a.seen), len(b.seen)) == (1, 1)
    assert ANTHROPIC.text_of(reply.body) == "Hello"
    body = ANTHROPIC.request(stream=True, thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2048)
    reply = await rig.chat(ANTHROPIC, body)
    assert (len(a.seen), len(b.seen)) == (2, 1)
    assert b"hmm" in reply.body


async def test_nothing_is_repeated_once_the_client_has_a_word(rig, pair):
    client, upstream = pair
    a, b = await rig.spread(upstream, upstream)

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("Hel", ended=False)))
        await asyncio.sleep(0.05)
        line.reset()

    a.script = script
    reply = await rig.chat(client, stream=True)
    assert reply.status == 200
    assert client.stream_error(reply.body)["message"]
    assert (len(a.seen), len(b.seen)) == (1, 0)
    assert (await rig.row()).state is State.FAILED


async def test_what_a_client_gets_is_the_same_to_the_byte(rig, wire):
    rig.configure(wire)
    events = wire.events("Hel", "lo")
    for pieces in (events, [b"".join(events)], [events[0] + b": ping\n\n", *events[1:]]):
        rig.upstream.script = stream(*pieces)
        reply = await rig.chat(wire, stream=True)
        assert reply.body == b"".join(pieces)
    for end in rig.recorder.ends:
        assert end.sides.client_reply.body is end.sides.upstream_reply.body, "stored once"


async def test_a_model_that_thinks_in_silence_is_heard_of_in_time(rig, pair):
    client, upstream = pair
    rig.configure(upstream, replace(QUICK, keep_alive_s=0.2, idle_s=3.0))
    first, *rest = upstream.events("Hello")
    done = asyncio.Event()

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), chunk(first))
        await done.wait()
        await line.send(*map(chunk, rest), b"0\r\n\r\n")

    rig.upstream.script = script
    async with await rig.connect() as tool:
        more = ("x-api-key: " + KEY, "Content-Type: application/json", *client.headers)
        await tool.request(client.path, client.request(stream=True), *more)
        began = time.monotonic()
        reply = await tool.head()
        assert await tool.chunk()
        assert 0.15 <= time.monotonic() - began < 1.5
        done.set()
        while (data := await tool.chunk()) is not None:
            reply.body += data
    assert client.ended_well(reply.body)


async def test_pings_hold_an_answer_back_no_longer_than_silence_does(rig, wire):
    rig.configure(wire, replace(QUICK, keep_alive_s=0.2))

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), chunk(wire.events()[0]))
        for _ in range(40):
            await line.delay(0.05, chunk(b": ping\n\n"))
        line.reset()

    rig.upstream.script = script
    reply = await rig.chat(wire, stream=True)
    assert reply.status == 200
    assert reply.body.count(b": ping") > 20


async def test_a_key_that_is_still_looked_for_is_waited_for_only_where_nobody_else_is_ready(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    keys = {**rig.snapshot.credentials, "A": Credential(CredentialState.WAITING)}
    rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType(keys))
    b.script = whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 200
    row = await rig.row()
    assert traced(row) == [("A", "skipped"), ("B", "chosen")]
    assert row.trace[0].why == "its key is not read yet"
    assert rig.told.switched == []

    keys["B"] = Credential(CredentialState.MISSING)
    rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType(dict(keys)))
    a.script = whole(ANTHROPIC.whole())
    asking = asyncio.get_running_loop().create_task(rig.chat(ANTHROPIC), name="ask")
    await asyncio.sleep(0.1)
    keys["A"] = Credential(CredentialState.READY, Secret(SECRET))
    rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType(dict(keys)))
    assert (await asking).status == 200


async def test_without_any_key_the_client_is_told_what_to_do(rig):
    await rig.spread(ANTHROPIC, ANTHROPIC)
    keys = {"A": Credential(CredentialState.MISSING), "B": Credential(CredentialState.LOCKED)}
    rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType(keys))
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 503
    assert reply.json()["error"]["message"].startswith("Provider A has no key yet.")
    assert traced(await rig.row()) == [("A", "skipped"), ("B", "skipped")]


async def test_a_provider_without_a_place_is_passed_over_at_once(rig):
    limits = replace(TRYING, max_in_flight_per_provider=1, first_byte_s=3.0, reply_total_s=3.0)
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC, limits=limits)
    go = asyncio.Event()

    async def slow(line, seen):
        await go.wait()
        await whole(ANTHROPIC.whole())(line, seen)

    a.script, b.script = slow, whole(ANTHROPIC.whole())
    first = asyncio.get_running_loop().create_task(rig.chat(ANTHROPIC), name="first")
    while not a.seen:
        await asyncio.sleep(0.005)
    began = time.monotonic()
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert time.monotonic() - began < limits.queue_wait_s
    assert (len(a.seen), len(b.seen)) == (1, 1)
    assert rig.recorder.ends[0].trace[0].why == "all its places are taken"

    b.script = slow
    asking = [asyncio.get_running_loop().create_task(rig.chat(ANTHROPIC), name="ask") for _ in range(2)]
    done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    [reply] = [one.result() for one in done]  # one is at B, and the other one has waited in vain
    assert (reply.status, reply.get("retry-after")) == (503, "2")
    go.set()
    assert {(await one).status for one in (first, *asking)} == {200, 503}
