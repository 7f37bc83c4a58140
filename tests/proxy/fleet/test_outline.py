"""What is said of a plan is said once, and anew after every change of the configuration."""

from __future__ import annotations

from app.domain.provider import Account, CredentialState, Provider
from app.proxy.fleet.outline import _PLANS, Outlines
from tests.proxy.fleet.parts import plan, provider, snapshot

A, B = provider("A"), provider("B", accounts=[Account("second")])


def test_it_counts_candidates_and_keeps_the_order_of_targets():
    outline = Outlines(Provider.credentials).of(plan([A], [B]), snapshot(A, B))
    assert [one.provider.name for one in outline.targets] == ["A", "B"]
    assert (outline.size, outline.sole, outline.alone) == (3, None, ())


def test_a_plan_with_one_candidate_has_it_ready():
    outline = Outlines(Provider.credentials).of(plan([A]), snapshot(A))
    assert [(one.provider, one.sole, one.choice) for one in outline.alone] == [(A, True, False)]
    assert outline.size == 1


def test_who_alone_has_a_key_is_the_sole_one_until_the_configuration_says_otherwise():
    outlines, ways = Outlines(Provider.credentials), plan([A], [B])
    missing = {"B": CredentialState.MISSING, ("B", "second"): CredentialState.MISSING}
    alone = outlines.of(ways, snapshot(A, B, states=missing))
    assert alone.sole is not None
    assert alone.sole[0].provider is A
    assert outlines.of(ways, snapshot(A, B)).sole is None


def test_the_same_plan_is_not_outlined_twice_and_many_plans_are_not_kept_for_ever():
    outlines, ways, now = Outlines(Provider.credentials), plan([A], [B]), snapshot(A, B)
    first = outlines.of(ways, now)
    assert outlines.of(ways, now) is first
    for _ in range(_PLANS):
        outlines.of(plan([A]), now)
    assert outlines.of(ways, now) is not first
