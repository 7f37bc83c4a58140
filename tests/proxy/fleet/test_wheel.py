"""Turns come by weight, evenly spread, whoever joins or leaves."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as some

from app.proxy.fleet.wheel import Wheel

WEIGHTS = some.lists(some.integers(1, 12), min_size=1, max_size=7)


def named(weights):
    return [(f"t{place}", weight) for place, weight in enumerate(weights)]


def test_the_known_example():
    wheel = Wheel()
    assert "".join("abc"[wheel.turn(named([5, 1, 1]))[0]] for _ in range(7)) == "aabacaa"


@given(WEIGHTS)
def test_a_full_round_gives_each_exactly_its_weight(weights):
    wheel = Wheel()
    for _ in range(2):
        turns = Counter(wheel.turn(named(weights))[0] for _ in range(sum(weights)))
        assert [turns[place] for place in range(len(weights))] == weights


@given(WEIGHTS, some.integers(1, 60))
def test_nobody_is_ever_a_whole_turn_off(weights, turns):
    wheel, total = Wheel(), sum(weights)
    seen = Counter(wheel.turn(named(weights))[0] for _ in range(turns))
    assert all(abs(seen[place] - turns * weight / total) < len(weights) / 2 + 1 for place, weight in enumerate(weights))


@given(some.lists(some.integers(1, 12), min_size=2, max_size=7))
def test_every_place_is_in_every_order_once(weights):
    wheel = Wheel()
    for _ in range(5):
        assert sorted(wheel.turn(named(weights))) == list(range(len(weights)))


@given(WEIGHTS)
def test_looking_turns_nothing(weights):
    wheel = Wheel()
    wheel.turn(named(weights))
    assert wheel.order(named(weights)) == wheel.order(named(weights))


def test_who_was_away_takes_its_turns_and_not_those_it_missed():
    wheel = Wheel()
    for _ in range(10):
        wheel.turn(named([1, 1]))
    for _ in range(100):
        assert wheel.turn(named([1]))[0] == 0
    turns = Counter(wheel.turn(named([1, 1]))[0] for _ in range(10))
    assert turns == {0: 5, 1: 5}
    wheel.clear()
    assert wheel.turn(named([1, 1])) == [0, 1]
