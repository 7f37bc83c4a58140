"""Rests last as long as the provider said, and where it said nothing longer each time."""

from __future__ import annotations

import math

import pytest

from app.proxy.fleet.cooldown import LONGEST_S, LONGEST_SOLE_S, LONGEST_TOLD_S, SHORTEST_S, SHORTEST_SOLE_S, Cooldown
from tests.fakes.clock import NOON_US


def begin(rest, now_s, *, told_s=None, asked_s=None, why="rate limited", sole=False):
    now_us = NOON_US + int(now_s * 1e6)
    rest.begin(now_s, now_us, asked_s=now_s if asked_s is None else asked_s, told_s=told_s, why=why, sole=sole)


def left(rest, now_s, *, wall_s=None, sole=False):
    return rest.left_s(now_s, NOON_US + int((now_s if wall_s is None else wall_s) * 1e6), sole=sole)


def test_it_rests_as_long_as_the_provider_said():
    rest = Cooldown()
    assert left(rest, 0.0) == 0.0
    begin(rest, 100.0, told_s=2.5)
    assert left(rest, 100.0) == 2.5
    assert left(rest, 102.5) == 0.0


def test_hours_are_kept_as_they_are_and_nonsense_is_bounded():
    rest = Cooldown()
    begin(rest, 0.0, told_s=5 * 3600.0, why="quota used up")
    assert left(rest, 0.0) == 5 * 3600.0
    assert rest.until_us == NOON_US + 5 * 3_600_000_000
    assert rest.why == "quota used up"
    begin(rest, 0.0, told_s=math.inf)
    assert left(rest, 0.0) == LONGEST_TOLD_S


@pytest.mark.parametrize("nothing", [None, 0.0, -3.0, math.nan])
def test_without_a_word_it_grows_each_time(nothing):
    rest, now_s, waits = Cooldown(), 0.0, []
    for _ in range(6):
        begin(rest, now_s, told_s=nothing)
        waits.append(left(rest, now_s))
        now_s += waits[-1] + 1
    assert waits == [SHORTEST_S, 60.0, 120.0, 240.0, LONGEST_S, LONGEST_S]
    rest.answered(now_s)
    begin(rest, now_s, told_s=nothing)
    assert left(rest, now_s) == SHORTEST_S


def test_many_at_once_count_as_one():
    rest = Cooldown()
    begin(rest, 10.0, asked_s=9.0)
    for asked_s in (9.1, 9.2, 9.9):
        begin(rest, 11.0, asked_s=asked_s)
    assert left(rest, 10.0) == SHORTEST_S
    begin(rest, 41.0, asked_s=40.5)
    assert left(rest, 41.0) == 2 * SHORTEST_S


def test_the_longest_of_several_words_holds():
    rest = Cooldown()
    begin(rest, 0.0, told_s=60.0, why="tokens a minute")
    begin(rest, 0.0, told_s=5.0, why="requests a minute")
    assert (left(rest, 0.0), rest.why) == (60.0, "tokens a minute")


def test_either_clock_ends_it():
    rest = Cooldown()
    begin(rest, 0.0, told_s=3600.0)
    assert left(rest, 10.0, wall_s=7200.0) == 0.0  # the computer slept
    assert left(rest, 3600.0, wall_s=-3600.0) == 0.0  # the wall clock was set back


def test_an_answer_ends_it_if_it_was_asked_for_since_it_began():
    rest = Cooldown()
    begin(rest, 10.0, told_s=3600.0)
    rest.answered(9.9)
    assert left(rest, 11.0) == 3599.0
    rest.answered(10.5)
    assert left(rest, 11.0) == 0.0
    assert rest.until_us == 0


def test_a_guess_is_short_for_who_has_nobody_else_to_ask_and_grows():
    rest, now_s, waits = Cooldown(), 0.0, []
    for _ in range(5):
        begin(rest, now_s, sole=True)
        waits.append(left(rest, now_s))
        assert left(rest, now_s, sole=True) == waits[-1]
        now_s += waits[-1] + 1
    assert waits == [SHORTEST_SOLE_S, 4.0, 8.0, LONGEST_SOLE_S, LONGEST_SOLE_S]


def test_what_was_guessed_for_others_is_as_short_for_who_has_nobody_else():
    rest = Cooldown()
    begin(rest, 0.0)
    assert (left(rest, 0.0), left(rest, 0.0, sole=True)) == (SHORTEST_S, SHORTEST_SOLE_S)
    begin(rest, 3.0, sole=True)
    assert left(rest, 3.0) == SHORTEST_S - 3.0
    assert left(rest, 3.0, sole=True) == 4.0
    begin(rest, 10.0, told_s=60.0)
    assert left(rest, 10.0, sole=True) == 60.0
