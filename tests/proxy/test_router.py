from __future__ import annotations

import asyncio
import timeit
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.facts import KnownFacts
from app.domain.provider import Credential, CredentialState, Secret
from app.domain.routing import Choice, Pin, Routing, Rule
from app.proxy import router
from tests.fakes.rig import provider, snapshot
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT


def call(snap, model, pin="", **facts):
    """As much of a call as routes are made of."""
    asked = KnownFacts(model, pin=pin, **facts)
    return SimpleNamespace(snapshot=snap, peek=SimpleNamespace(model=model), pin=pin, facts=asked)


def test_an_alias_leads_to_its_provider():
    up = provider(CHAT, "http://127.0.0.1:1")
    other = replace(up, name="Other")
    (target,) = router.Routes().plan(call(snapshot(up, other), "claude-via/Other:some/model")).targets
    assert (target.provider, target.model) == (other, "some/model")


def test_paused():
    with pytest.raises(PatchbayError) as caught:
        router.Routes().plan(call(replace(snapshot(), paused=True), "x"))
    assert caught.value.kind is ErrorKind.PAUSED


def test_a_plan_is_made_once_as_long_as_the_configuration_stays():
    up = provider(CHAT, "http://127.0.0.1:1")
    routes, snap = router.Routes(), snapshot(up)
    first = routes.plan(call(snap, "a"))
    assert routes.plan(call(snap, "a")) is first
    assert routes.plan(call(snap, "b")) is not first
    assert routes.plan(call(replace(snap, version=2), "a")) is not first


def test_each_rule_and_each_pin_has_its_own_plan():
    up = provider(CHAT, "http://127.0.0.1:1")
    long = Rule(min_tokens=100, to=(Choice("Up", "long"),), only=True)
    routing = Routing(rules=(long,), pins=(Pin("p", Choice("Up", "pinned")),))
    routes, snap = router.Routes(), replace(snapshot(up), routing=routing)
    for _ in range(2):
        assert routes.plan(call(snap, "the-model")).targets[0].model == "the-model"
        assert routes.plan(call(snap, "the-model", prompt_tokens=100)).targets[0].model == "long"
        assert routes.plan(call(snap, "the-model", pin="p", prompt_tokens=100)).targets[0].model == "pinned"
    with pytest.raises(PatchbayError, match="no pin 'q'"):
        routes.plan(call(snap, "the-model", pin="q"))


def test_a_plan_that_is_known_costs_next_to_nothing():
    routes, known = router.Routes(), call(snapshot(provider(CHAT, "http://127.0.0.1:1")), "a")
    routes.plan(known)
    count = 2000
    assert min(timeit.repeat(lambda: routes.plan(known), number=count, repeat=5)) / count < 5e-6


async def test_a_keyring_that_answers_late_is_waited_for(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    rig.credential(CredentialState.WAITING)
    asked = asyncio.get_running_loop().create_task(rig.chat(wire), name="asked")
    await asyncio.sleep(0.1)
    assert not asked.done()
    assert rig.upstream.lines == []
    ready = Credential(CredentialState.READY, Secret("late-key"))
    rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType({"Up": ready}))
    assert (await asked).status == 200
    assert "late-key" in str(rig.upstream.seen[0].headers)


async def test_but_not_for_ever(rig, monkeypatch):
    monkeypatch.setattr(router, "_WAIT_S", 0.1)
    rig.configure(ANTHROPIC)
    rig.credential(CredentialState.WAITING)
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 503
    assert "has not answered yet" in reply.json()["error"]["message"]


async def test_a_provider_without_a_key(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    rig.credential(CredentialState.NOT_NEEDED)
    assert (await rig.chat(wire)).status == 200
    assert not {"authorization", "x-api-key"} & rig.upstream.seen[0].names()


def test_there_is_a_word_for_every_state():
    for state in set(CredentialState) - {CredentialState.READY, CredentialState.NOT_NEEDED}:
        assert "Up" in router._what_to_do(state, provider(CHAT, "http://x"))


def test_a_client_that_invents_models_does_not_fill_the_memory():
    routes, given = router.Routes(), snapshot(provider(CHAT, "http://127.0.0.1:1", models=()))
    for number in range(1000):
        routes.plan(call(given, f"model-{number}"))
    assert len(routes._plans) <= 256
