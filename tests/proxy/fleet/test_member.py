"""What is remembered of one credential: a rest of all of it, of one model, and its breaker."""

from __future__ import annotations

from app.proxy.fleet.cooldown import Cooldown
from app.proxy.fleet.member import Member
from tests.fakes.clock import NOON_US
from tests.proxy.fleet.parts import provider


def rest(cooldown, seconds):
    cooldown.begin(0.0, NOON_US, asked_s=0.0, told_s=seconds, why="rate limited")


def fail(member, times):
    for _ in range(times):
        member.breaker.fail(member.breaker.enter(0.0), 0.0, limit=times, open_s=30.0)
    member.noted(0.0, NOON_US)


def test_a_rest_of_one_model_leaves_the_others():
    member = Member(provider("A"), "work", None)
    member.models["opus"] = Cooldown()
    rest(member.models["opus"], 5)
    assert member.rest("opus", 0.0, NOON_US) is member.models["opus"]
    assert member.rest("haiku", 0.0, NOON_US) is None
    rest(member.cooldown, 9)
    assert member.rest("haiku", 0.0, NOON_US) is member.rest("opus", 0.0, NOON_US) is member.cooldown
    assert [(one.model, one.until_us) for one in member.resting(0.0, NOON_US)] == [
        ("", NOON_US + 9_000_000),
        ("opus", NOON_US + 5_000_000),
    ]


def test_an_answer_ends_the_rests_of_the_credential_and_of_its_model_only():
    member = Member(provider("A"), "", None)
    member.models["opus"], member.models["haiku"] = Cooldown(), Cooldown()
    for cooldown in (member.cooldown, *member.models.values()):
        rest(cooldown, None)
    member.answered("opus", 1.0)
    now_us = NOON_US + 2_000_000
    assert member.rest("opus", 2.0, now_us) is None
    assert member.rest("haiku", 2.0, now_us) is member.models["haiku"]
    member.cooldown.begin(31.0, NOON_US + 31_000_000, asked_s=31.0, told_s=None, why="again")
    assert member.cooldown.left_s(31.0, NOON_US + 31_000_000) == 30.0


def test_failures_are_told_in_words():
    member = Member(provider("A"), "", None)
    fail(member, 1)
    assert member.failures() == "too many failures"
    member.why = "overloaded"
    assert member.failures() == "too many failures: overloaded"
    other = Member(provider("A"), "", None)
    fail(other, 3)
    assert other.failures() == "3 failures in a row"
    [told] = other.resting(0.0, NOON_US)
    assert (told.breaker, told.until_us) == ("open", NOON_US + 30_000_000)


def test_it_serves_unless_something_of_it_rests_or_failed_too_often():
    for trouble in (
        lambda one: fail(one, 2),
        lambda one: rest(one.cooldown, 5),
        lambda one: one.models.update(opus=Cooldown()),
    ):
        member = Member(provider("A"), "", None)
        assert member.serves
        trouble(member)
        assert not member.serves
