"""Conversations are remembered for an hour, and not too many of them."""

from __future__ import annotations

from app.proxy.fleet.affinity import KEPT_S, MOST, Affinity

HOME, OTHER = ("A", ""), ("B", "work")


def test_the_latest_answer_counts_for_an_hour():
    kept = Affinity()
    assert kept.find("s", "opus", 0.0) is None
    kept.keep("s", "opus", HOME, 0.0)
    kept.keep("s", "opus", OTHER, 10.0)
    assert kept.find("s", "opus", 10.0 + KEPT_S) == OTHER
    assert kept.find("s", "opus", 10.1 + KEPT_S) is None
    assert len(kept) == 0


def test_each_model_of_a_conversation_stays_where_it_was_answered():
    kept = Affinity()
    kept.keep("s", "opus", HOME, 0.0)
    kept.keep("s", "haiku", OTHER, 0.0)
    assert (kept.find("s", "opus", 1.0), kept.find("s", "haiku", 1.0)) == (HOME, OTHER)


def test_the_oldest_are_forgotten_when_there_are_too_many():
    kept = Affinity()
    for number in range(MOST):
        kept.keep(f"s{number}", "opus", HOME, float(number) / 100)
    kept.keep("s0", "opus", HOME, 50.0)
    kept.keep("one more", "opus", HOME, 50.0)
    assert len(kept) == MOST
    assert kept.find("s0", "opus", 50.0) == HOME
    assert kept.find("s1", "opus", 50.0) is None
