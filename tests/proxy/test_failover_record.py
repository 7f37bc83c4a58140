"""One request and several providers: what the record, the charts and the credentials make of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import MappingProxyType

import pytest

from app.domain.exchange import UNFINISHED, State
from app.domain.provider import Credential, CredentialState, Secret
from app.domain.routing import ErrorRule, Meaning, Routing
from tests.fakes.rig import SECRET, TRYING
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT
from tests.proxy.test_failover import refusal, traced


async def test_the_users_rule_turns_a_refusal_into_overload(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    rule = ErrorRule(Meaning.OVERLOADED, 400, "no capacity", "A")
    rig.snapshot = replace(rig.snapshot, routing=Routing(error_rules=(rule,)))
    a.script = refusal(ANTHROPIC, 400, message="there is NO CAPACITY left")
    b.script = whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert rig.told.switched == [("A", "B")]


async def test_the_row_of_a_failed_switch_is_all_of_the_try_that_the_client_was_told_of(rig):
    a, b = await rig.spread(ANTHROPIC, CHAT, limits=replace(TRYING, attempts=2))
    a.script, b.script = refusal(ANTHROPIC, 500, message="out of order"), refusal(CHAT, 400, message="no such field")
    assert (await rig.chat(ANTHROPIC)).status == 500
    row = await rig.row()
    assert (row.state, row.provider, row.upstream_status) == (State.FAILED, "A", 500)
    assert (row.error_kind, row.upstream_dialect, row.sent_model) == ("upstream_error", ANTHROPIC.name, "the-model")
    assert [(one.provider, one.status) for one in row.attempts] == [("A", 500), ("B", 400)]
    assert b"out of order" in b"".join(row.sides.upstream_reply.body)
    assert row.sides.upstream_request.line.endswith(ANTHROPIC.path)
    assert row.reply_bytes == len(b"".join(row.sides.upstream_reply.body))
    assert traced(row) == [("A", "chosen"), ("A", "failed"), ("B", "chosen"), ("B", "failed")]


async def test_a_limit_among_other_failures_is_told_with_who_said_it(rig):
    a, b, c = await rig.spread(ANTHROPIC, ANTHROPIC, ANTHROPIC)
    a.script = refusal(ANTHROPIC, 429, "retry-after: 40", kind="rate_limit_error")
    b.script, c.script = refusal(ANTHROPIC, 500), refusal(ANTHROPIC, 503)
    assert (await rig.chat(ANTHROPIC)).status == 429
    row = await rig.row()
    assert (row.provider, row.upstream_status, row.error_kind) == ("A", 429, "rate_limited")
    assert rig.meter.latencies[-1].provider == "A"


async def test_the_row_names_who_is_asked_before_the_request_goes_there(rig):
    a, b = await rig.spread(ANTHROPIC, CHAT)
    told = []

    async def look(line, seen):
        told.extend(rig.recorder.moves)
        await whole(CHAT.whole())(line, seen)

    a.script, b.script = refusal(ANTHROPIC, 500), look
    assert (await rig.chat(ANTHROPIC)).status == 200
    ((move,), row) = (told, await rig.row())
    assert (move.provider, move.vendor, move.upstream_dialect) == ("B", "openai-compatible", CHAT.name)
    assert [(one.provider, one.status, one.error) for one in move.attempts] == [
        ("A", 500, "upstream_error"),
        ("B", 0, UNFINISHED),
    ]
    assert (row.provider, [one.provider for one in row.attempts]) == ("B", ["A", "B"])


async def test_the_flight_names_the_provider_that_is_asked_now(rig):
    a, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    seen_at = []

    async def look(line, seen):
        seen_at.extend(one.provider for one in rig.meter.flights.values())
        await whole(ANTHROPIC.whole())(line, seen)

    a.script, b.script = refusal(ANTHROPIC, 503), look
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert seen_at == ["B"]
    assert rig.meter.latencies[-1].provider == "B"


@pytest.mark.parametrize("good", [True, False])
async def test_a_login_that_is_renewed_when_its_token_is_refused_is_waited_for_and_asked_once_more(rig, good):
    (a,) = await rig.spread(ANTHROPIC)
    rejected = rig.told.credential_rejected

    def know(state, secret):
        held = {**rig.snapshot.credentials, "A": Credential(state, secret, "login, kept in the system keyring")}
        rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType(held))

    def renew(provider, message, account=""):
        rejected(provider, message, account)
        if len(rig.told.rejected) == 1:
            know(CredentialState.WAITING, None)
            fetched = (CredentialState.READY, Secret("second-0123456789"))
            asyncio.get_running_loop().call_later(0.02, know, *fetched)

    rig.told.credential_rejected = renew

    async def script(line, seen):
        mine = good and seen.get("x-api-key") == "second-0123456789"
        refused = refusal(ANTHROPIC, 401, kind="authentication_error")
        await (whole(ANTHROPIC.whole()) if mine else refused)(line, seen)

    a.script = script
    assert (await rig.chat(ANTHROPIC)).status == (200 if good else 502)
    assert [seen.get("x-api-key") for seen in a.seen] == [SECRET, "second-0123456789"]
    row = await rig.row()
    assert [one.status for one in row.attempts] == [401, 200 if good else 401]
