"""Whose turn it is: in order, those to wait for after the rest, those that failed in passing last."""

from __future__ import annotations

from app.proxy.turns import Turns


def order(turns):
    found = []
    while (turn := turns.next()) is not None:
        found.append((turn.candidate, turn.patient))
    return found


def test_one_after_the_other_and_only_the_last_is_waited_for():
    assert order(Turns("abc")) == [("a", False), ("b", False), ("c", True)]
    assert order(Turns("a")) == [("a", True)]
    assert order(Turns("")) == []


def test_who_is_put_off_comes_after_the_others_and_is_waited_for():
    turns = Turns("abc")
    assert turns.next().candidate == "a"
    turns.put_off("a")
    assert order(turns) == [("b", False), ("c", False), ("a", True)]


def test_who_failed_in_passing_comes_last_the_soonest_first():
    turns = Turns("abc")
    for pause in (2.0, 0.5):
        turns.come_again(turns.next().candidate, pause, limited=False)
    turns.put_off(turns.next().candidate)
    assert order(turns) == [("c", True), ("b", True), ("a", True)]


def test_a_turn_again_says_so():
    turns = Turns("")
    turns.come_again("a", 0.0, limited=True)
    assert turns.next().again
    turns.come_again("a", 0.1, limited=False)
    assert turns.next().again
    assert not Turns("a").next().again


def test_stopping_leaves_nobody_and_waiting_in_vain_nobody_to_wait_for():
    turns = Turns("ab")
    turns.put_off(turns.next().candidate)
    turns.nobody_waits()
    assert order(turns) == [("b", True)]
    turns = Turns("abc")
    turns.put_off(turns.next().candidate)
    turns.come_again(turns.next().candidate, 1.0, limited=False)
    turns.stop()
    assert order(turns) == []
