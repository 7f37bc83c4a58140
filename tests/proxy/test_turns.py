"""Whose turn it is: in order, those to wait for after the rest, those that failed in passing last."""

from __future__ import annotations

import pytest

from app.domain.provider import Account
from app.domain.route import Target
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.fleet import Outcome
from app.proxy.turns import Turns
from tests.fakes.rig import provider
from tests.fakes.wires import ANTHROPIC


def order(turns):
    found = []
    while (turn := turns.next()) is not None:
        found.append((turn.candidate, turn.patient))
    return found


def test_one_after_the_other_and_only_the_last_is_waited_for():
    assert order(Turns("abc", 9)) == [("a", False), ("b", False), ("c", True)]
    assert order(Turns("a", 9)) == [("a", True)]
    assert order(Turns("", 9)) == []


def test_who_is_put_off_comes_after_the_others_and_is_waited_for():
    turns = Turns("abc", 9)
    assert turns.next().candidate == "a"
    turns.put_off("a")
    assert order(turns) == [("b", False), ("c", False), ("a", True)]


def test_who_failed_in_passing_comes_last_the_soonest_first():
    turns = Turns("abc", 9)
    for pause in (2.0, 0.5):
        turns.come_again(turns.next().candidate, pause, limited=False)
    turns.put_off(turns.next().candidate)
    assert order(turns) == [("c", True), ("b", True), ("a", True)]


def test_a_turn_again_says_so():
    turns = Turns("", 9)
    turns.come_again("a", 0.0, limited=True)
    assert turns.next().again
    turns.come_again("a", 0.1, limited=False)
    assert turns.next().again
    assert not Turns("a", 9).next().again


def test_stopping_leaves_nobody_and_waiting_in_vain_nobody_to_wait_for():
    turns = Turns("ab", 9)
    turns.put_off(turns.next().candidate)
    turns.nobody_waits()
    assert order(turns) == [("b", True)]
    turns = Turns("abc", 9)
    turns.put_off(turns.next().candidate)
    turns.come_again(turns.next().candidate, 1.0, limited=False)
    turns.stop()
    assert order(turns) == []


TARGETS = [Target(provider(ANTHROPIC, "http://x", name=name), "m") for name in "AB"]


def candidates(*accounts):
    return [Candidate(target, Account(name)) for target in TARGETS for name in accounts]


def asked(turns, outcome):
    """Who is asked where whoever is asked ends so."""
    found = []
    while (turn := turns.next()) is not None:
        turns.failed(turn.candidate, outcome)
        found.append("".join(turn.candidate.key))
    return found


@pytest.mark.parametrize("outcome", [Outcome.LIMITED, Outcome.REJECTED, Outcome.FORBIDDEN])
def test_accounts_of_a_target_are_no_further_tries_where_the_account_is_at_fault(outcome):
    assert asked(Turns(candidates("x", "y", "z"), 2), outcome) == ["Ax", "Ay", "Az", "Bx", "By", "Bz"]
    assert asked(Turns(candidates("x", "y", "z"), 1), outcome) == ["Ax", "Ay", "Az"]


def test_accounts_of_a_target_that_fails_come_after_the_other_targets():
    assert asked(Turns(candidates("x", "y"), 9), Outcome.FAILED) == ["Ax", "Bx", "Ay", "By"]
    assert asked(Turns(candidates("x", "y"), 3), Outcome.FAILED) == ["Ax", "Bx", "Ay"]


def test_the_same_account_again_is_a_try():
    turns = Turns(candidates("x")[:1], 2)
    for more in (True, False):
        turn = turns.next()
        turns.failed(turn.candidate, Outcome.LIMITED)
        turns.come_again(turn.candidate, 0.0, limited=True)
        assert (turns.next() is not None) is more
        turns.come_again(turn.candidate, 0.0, limited=True)


def test_stopping_leaves_those_behind_as_well():
    turns = Turns(candidates("x", "y"), 9)
    turns.failed(turns.next().candidate, Outcome.FAILED)
    assert turns.next().candidate.key == ("B", "x")
    turns.stop()
    assert turns.next() is None
