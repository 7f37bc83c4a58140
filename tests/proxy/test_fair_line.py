"""Whose turn it is."""

from __future__ import annotations

import asyncio

import pytest

from app.proxy.fair_line import Crowd, FairLine


@pytest.fixture
def crowd():
    return Crowd()


@pytest.fixture
def line(crowd):
    made = FairLine(crowd)
    made.bound(1, 1)
    return made


async def order(line, turns):
    """Who gets the place, one after the other, as it is given back."""
    got, holder = [], "first"
    waiting = list(turns)
    while waiting:
        line.give_back(holder.rstrip("0123456789"))
        holder, turn = next(one for one in waiting if one[1].done())
        assert turn.result() is True
        waiting.remove((holder, turn))
        got.append(holder)
    return got


async def test_keys_take_turns_and_within_a_key_the_first_is_first(line, crowd):
    assert line.take("first")
    names = ("a1", "a2", "a3", "b1", "b2", "c1")
    turns = [(name, line.join(name[0])) for name in names]
    assert crowd.waiting == 6
    assert await order(line, turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert (crowd.waiting, line.taken) == (0, 1)


async def test_who_waits_is_not_overtaken_by_its_own_key(line):
    line.bound(2, 2)
    assert line.take("a")
    assert line.take("a")
    turn = line.join("a")
    line.bound(3, 3)
    assert not line.take("a")
    assert line.take("b")
    line.leave_line("a", turn)
    line.give_back("b")
    assert line.take("a")


async def test_a_key_at_its_own_bound_does_not_hold_up_others(line):
    line.bound(2, 1)
    assert line.take("a")
    assert line.take("b")
    again, other = line.join("a"), line.join("c")
    line.give_back("b")
    assert other.done()
    assert not again.done()
    line.give_back("a")
    assert again.done()
    assert (line.held_by("a"), line.held_by("c")) == (1, 1)


async def test_the_longest_part_of_a_full_line_makes_room(line, crowd):
    assert line.take("first")
    turns = [line.join("a") for _ in range(3)]
    assert not line.make_room("a")
    assert line.make_room("b")
    assert [turn.done() for turn in turns] == [False, False, True]
    assert turns[2].result() is False
    line.join("b")
    assert not line.make_room("b"), "it would have as many as the other"
    assert crowd.waiting == 3


async def test_a_turn_that_nobody_waits_for_any_more_passes_on(line):
    assert line.take("first")
    gone, here = line.join("a"), line.join("b")
    gone.cancel()
    await asyncio.sleep(0)
    line.give_back("first")
    assert here.result() is True
    line.give_back("b")
    assert line.idle


def test_a_key_with_a_bound_of_its_own_keeps_to_it_and_the_others_do_not(line):
    line.bound(5, 4)
    line.bound_key("a", 2)
    assert [line.take("a") for _ in range(3)] == [True, True, False]
    assert (line.bound_of("a"), line.bound_of("b")) == (2, 0)
    assert [line.take("b") for _ in range(3)] == [True, True, True]
    line.bound_key("a", 0)
    assert line.bound_of("a") == 0


def test_a_bound_of_its_own_gives_a_key_no_more_than_the_others_have(line):
    line.bound(9, 2)
    line.bound_key("a", 5)
    assert [line.take("a") for _ in range(3)] == [True, True, False]
