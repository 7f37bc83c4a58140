from __future__ import annotations

import timeit
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.facts import KnownFacts
from app.domain.routing import Choice, Pin, Routing, Rule
from app.proxy import router
from tests.fakes.rig import provider, snapshot
from tests.fakes.wires import CHAT


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


def test_a_client_that_invents_models_does_not_fill_the_memory():
    routes, given = router.Routes(), snapshot(provider(CHAT, "http://127.0.0.1:1", models=()))
    for number in range(1000):
        routes.plan(call(given, f"model-{number}"))
    assert len(routes._plans) <= 256
