"""What runs is counted, and what ran fades."""

from __future__ import annotations

import pytest

from app.proxy.fleet.loads import HALF_LIFE_S, PROMISED_S, Loads


def test_running_requests_are_counted():
    loads = Loads()
    loads.started("A")
    loads.started("A")
    assert loads.of("A", 0.0) == (2, 0.0)
    loads.ended("A", 100, 0.0)
    assert loads.of("A", 0.0) == (1, 100.0)
    assert loads.of("B", 0.0) == (0, 0.0)


def test_tokens_fade_by_half():
    loads = Loads()
    for at_s in (0.0, HALF_LIFE_S):
        loads.started("A")
        loads.ended("A", 100, at_s)
    assert loads.of("A", HALF_LIFE_S)[1] == pytest.approx(150.0)
    assert loads.of("A", 2 * HALF_LIFE_S)[1] == pytest.approx(75.0)


def test_who_is_gone_is_forgotten_once_nothing_runs_there():
    loads = Loads()
    loads.started("A")
    loads.started("B")
    loads.ended("B", 5, 0.0)
    loads.keep_only(frozenset())
    assert loads.of("A", 0.0)[0] == 1
    assert loads.of("B", 0.0) == (0, 0.0)
    loads.ended("A", 5, 0.0)
    assert loads.of("A", 0.0) == (0, 5.0)


def test_who_is_chosen_is_as_good_as_running_for_a_moment():
    loads = Loads()
    loads.chosen("A", 0.0)
    loads.chosen("A", 0.5)
    assert loads.of("A", 0.5)[0] == 2
    loads.started("A")
    assert loads.of("A", 0.5)[0] == 2
    assert loads.of("A", 0.5 + PROMISED_S)[0] == 1
    loads.keep_only(frozenset())
    assert loads.of("A", 9.0)[0] == 1
