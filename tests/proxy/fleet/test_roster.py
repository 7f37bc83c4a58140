"""Who rests, who was heard of, and what is forgotten with a provider."""

from __future__ import annotations

from app.domain.provider import Account
from app.domain.route import Target
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.roster import Roster, trouble
from tests.fakes.clock import HandClock
from tests.proxy.fleet.parts import provider, snapshot

A = provider("A")
ONE = Candidate(Target(A, "opus"), Account())


def opened(roster):
    member = roster.join(ONE, None)
    for _ in range(5):
        member.breaker.fail(member.breaker.enter(roster.now_s()), roster.now_s(), limit=5, open_s=30.0)
    return member


def test_who_is_not_remembered_does_not_rest():
    roster = Roster(HandClock())
    assert roster.member(ONE.key) is None
    assert roster.rests(ONE) == ""
    assert roster.wait_s([ONE]) is None
    assert trouble(ONE, snapshot(A)) == ""


def test_what_was_heard_is_known_until_it_is_forgotten():
    clock = HandClock()
    roster = Roster(clock)
    roster.heard(ONE.key)
    assert roster.heard_s(ONE.key) == clock.ns / 1e9
    opened(roster)
    roster.forget("A", "work")
    assert roster.rests(ONE) != ""
    roster.forget("A", "")
    assert (roster.heard_s(ONE.key), roster.rests(ONE)) == (0.0, "")


def test_a_limit_is_told_from_a_failure():
    clock = HandClock()
    roster = Roster(clock)
    member = opened(roster)
    assert not roster.is_limited(ONE.key)
    member.cooldown.begin(roster.now_s(), roster.now_us(), asked_s=0.0, told_s=5.0, why="rate limited")
    assert roster.is_limited(ONE.key)
    clock.forward(5)
    assert not roster.is_limited(ONE.key)


def test_the_longer_of_two_rests_is_waited_for():
    roster = Roster(HandClock())
    member = opened(roster)
    member.cooldown.begin(roster.now_s(), roster.now_us(), asked_s=0.0, told_s=90.0, why="rate limited")
    assert round(roster.wait_s([ONE])) == 90
    assert "rate limited" in roster.rests(ONE)


def test_a_provider_that_is_gone_is_forgotten():
    roster = Roster(HandClock())
    roster.heard(ONE.key)
    opened(roster)
    roster.adopt(snapshot())
    assert (roster.member(ONE.key), roster.heard_s(ONE.key), roster.breakers()) == (None, 0.0, {})
