"""Conversations stay where they were answered, accounts come by priority and weight, and the unable are passed over."""

from __future__ import annotations

from collections import Counter

import pytest

from app.domain.provider import Account, CredentialState, Profile
from app.domain.routing import Strategy
from app.proxy.fleet.affinity import KEPT_S
from app.proxy.fleet.fleet import Outcome
from tests.proxy.fleet.parts import Rig, asked, named, plan, provider, snapshot

A, B, C = provider("A"), provider("B"), provider("C")
BLIND = provider("Blind", profile=Profile(images="none"))
NARROW = provider("Narrow", context=(("*", 1_000),))
TURNS = plan([A, B, C], strategy=Strategy.ROUND_ROBIN)


def test_a_conversation_stays_where_it_was_answered():
    rig = Rig(A, B, C)
    talk = asked(session="talk")
    assert rig.serve(TURNS) == "A"
    assert [rig.serve(TURNS, facts=talk) for _ in range(4)] == ["B", "B", "B", "B"]
    assert Counter(rig.serve(TURNS) for _ in range(6)) == {"A": 2, "B": 2, "C": 2}


def test_another_model_of_the_conversation_goes_its_own_way():
    rig = Rig(A, B, C)
    rig.serve(TURNS, facts=asked(session="talk", model="opus"))
    assert rig.serve(TURNS, facts=asked(session="talk", model="haiku")) == "B"
    assert rig.serve(TURNS, facts=asked(session="talk", model="opus")) == "A"


def test_it_is_forgotten_after_an_hour_and_where_the_user_does_not_want_it():
    rig = Rig(A, B, C)
    talk = asked(session="talk")
    rig.serve(TURNS, facts=talk)
    assert rig.serve(plan([A, B, C], strategy=Strategy.ROUND_ROBIN, affinity=False), facts=talk) == "B"
    rig.clock.forward(KEPT_S + 1)
    assert rig.serve(TURNS, facts=talk) == "C"


def test_a_conversation_leaves_who_rests_and_goes_on_with_who_answered():
    rig = Rig(A, B, C)
    talk = asked(session="talk")
    first = rig.arrange(TURNS, talk)[0]
    rig.ask(first, Outcome.ANSWERED, talk)
    rig.ask(first, Outcome.LIMITED, talk, retry_after_s=60)
    second = rig.serve(TURNS, facts=talk)
    assert second != named(first)
    rig.clock.forward(61)
    assert {rig.serve(TURNS, facts=talk) for _ in range(4)} == {second}


def test_it_returns_to_the_preferred_provider_when_that_is_healthy_again():
    rig = Rig(A, B, C)
    talk, ways = asked(session="talk"), plan([A], [B, C])
    rig.ask(rig.arrange(ways, talk)[0], Outcome.LIMITED, talk, retry_after_s=60)
    assert rig.serve(ways, facts=talk) == "B"
    rig.clock.forward(61)
    assert rig.serve(ways, facts=talk) == "A"


def test_accounts_of_a_priority_take_turns_by_weight_and_the_next_priority_waits():
    many = provider("A", accounts=[Account("two", weight=2), Account("spare", priority=5)])
    rig = Rig(many)
    assert Counter(rig.serve(plan([many])) for _ in range(30)) == {"A": 10, "A/two": 20}
    for one in rig.arrange(plan([many]))[:2]:
        rig.ask(one, Outcome.LIMITED, retry_after_s=60)
    assert rig.serve(plan([many])) == "A/spare"
    rig.clock.forward(61)
    assert rig.serve(plan([many])) in ("A", "A/two")


def test_a_conversation_keeps_its_account_but_not_below_its_priority():
    many = provider("A", accounts=[Account("two"), Account("spare", priority=5)])
    rig = Rig(many)
    talk = asked(session="talk")
    assert len({rig.serve(plan([many]), facts=talk) for _ in range(4)}) == 1
    for one in rig.arrange(plan([many]))[:2]:
        rig.ask(one, Outcome.LIMITED, retry_after_s=60)
    assert rig.serve(plan([many]), facts=talk) == "A/spare"
    rig.clock.forward(61)
    assert rig.serve(plan([many]), facts=talk) != "A/spare"


def test_who_cannot_is_skipped_with_the_reason():
    rig = Rig(BLIND, A)
    first, second = rig.arrange(plan([BLIND, A]), asked(image=True))
    assert rig.unfit(first) == "cannot take images"
    assert rig.unfit(second) == ""
    assert [rig.unfit(one) for one in rig.arrange(plan([BLIND, A]))] == ["", ""]


def test_who_cannot_takes_no_turn():
    rig = Rig(BLIND, A, B)
    turns = plan([BLIND, A, B], strategy=Strategy.ROUND_ROBIN)
    assert Counter(rig.serve(turns, facts=asked(image=True)) for _ in range(10)) == {"A": 5, "B": 5}


@pytest.mark.parametrize("other", [provider("Too", profile=Profile(images="none")), provider("Keyless")])
def test_a_guess_refuses_nothing_that_nobody_else_could_do(other):
    rig = Rig(BLIND, other)
    rig.snapshot = snapshot(BLIND, other, states={"Keyless": CredentialState.MISSING})
    assert rig.serve(plan([BLIND], [other]), facts=asked(image=True)) == "Blind"


def test_who_could_but_rests_is_waited_for():
    rig = Rig(NARROW, A)
    ways, long = plan([NARROW], [A]), asked(prompt_tokens=5_000)
    rig.ask(rig.arrange(ways)[1], Outcome.LIMITED, retry_after_s=5)
    assert rig.serve(ways, facts=long) is None
    assert rig.fleet.wait_s(rig.arrange(ways, long)) == pytest.approx(5.0)


def test_nothing_is_asked_of_a_request_that_could_go_nowhere_else():
    rig = Rig(NARROW)
    facts = asked(prompt_tokens=5_000, session="talk")
    assert rig.serve(plan([NARROW]), facts=facts) == "Narrow"
    assert facts.asked == []


def test_later_groups_are_put_in_order_only_when_the_first_did_not_do():
    rig = Rig(A, NARROW, BLIND)
    facts = asked(prompt_tokens=5_000, image=True)
    ways = plan([A], [NARROW, BLIND], strategy=Strategy.CHEAPEST)
    assert named(next(iter(rig.arrange(ways, facts)))) == "A"
    assert facts.asked == []
    assert len(rig.arrange(ways, facts)) == 3
    assert facts.asked == []
    assert len(list(rig.arrange(ways, facts))) == 3
    assert facts.asked != []


def test_an_arrangement_is_a_sequence():
    rig = Rig(A, B, C)
    found = rig.arrange(plan([A], [B, C]))
    assert [named(one) for one in (found[-1], found[0], *found[1:])] == ["C", "A", "B", "C"]
    assert len(found) == 3
    with pytest.raises(IndexError):
        _ = found[3]
    assert list(rig.arrange(plan())) == []


def test_a_window_that_a_refusal_named_is_known_from_then_on():
    rig = Rig(A, B)
    ways, long = plan([A], [B]), asked(prompt_tokens=150_000)
    rig.fleet.prompt_too_long(rig.arrange(ways)[0], "maximum context length is 131072 tokens")
    assert rig.unfit(rig.arrange(ways, long)[0]) == "takes 131,072 tokens, this prompt has about 150,000"
    assert rig.serve(ways, facts=long) == "B"
    rig.snapshot = snapshot(provider("A", context=(("*", 1_000_000),)), B)
    assert rig.serve(ways, facts=long) == "A"


def test_a_conversation_is_asked_for_only_where_there_is_a_choice():
    rig = Rig(A, B)
    for ways, choice in ((plan([A]), False), (plan([A], [B]), False), (plan([A, B]), True)):
        assert rig.arrange(ways)[0].choice is choice
    many = provider("A", accounts=["work"])
    assert rig.arrange(plan([many], [B]))[0].choice
