"""The expected first-token latency follows what comes, and a slowdown is seen before its first victim is answered."""

from __future__ import annotations

import pytest

from app.proxy.fleet.latencies import FAILURE_MS, LONGEST_PENALTY_MS, PENALTY_HALF_LIFE_S, Latencies

A = ("A", "opus")


def answered(latencies, ms, now_s=0.0, ticket=1):
    latencies.started(A, ticket, now_s)
    latencies.began(A, ticket, ms, now_s + ms / 1000)
    latencies.ended(A, ticket, now_s + ms / 1000, failed=False)


def test_nothing_known_is_nothing_expected():
    assert Latencies().expected_ms(A, 0.0) == 0.0


def test_the_first_answer_sets_the_mean_and_later_ones_move_it():
    latencies = Latencies()
    answered(latencies, 400.0)
    assert latencies.expected_ms(A, 1.0) == 400.0
    answered(latencies, 1400.0)
    assert latencies.expected_ms(A, 2.0) == pytest.approx(700.0)


def test_failures_make_it_dear_for_a_while():
    latencies = Latencies()
    answered(latencies, 400.0)
    latencies.started(A, 2, 1.0)
    latencies.ended(A, 2, 1.0, failed=True)
    assert latencies.expected_ms(A, 1.0) == pytest.approx(400.0 + FAILURE_MS)
    assert latencies.expected_ms(A, 1.0 + PENALTY_HALF_LIFE_S) == pytest.approx(400.0 + FAILURE_MS / 2)
    for ticket in range(100):
        latencies.started(A, ticket, 1.0)
        latencies.ended(A, ticket, 1.0, failed=True)
    assert latencies.expected_ms(A, 1.0) == pytest.approx(400.0 + LONGEST_PENALTY_MS)


def test_a_request_that_waits_longer_than_the_mean_counts_already():
    latencies = Latencies()
    answered(latencies, 400.0)
    latencies.started(A, 2, 10.0)
    assert latencies.expected_ms(A, 10.2) == 400.0
    assert latencies.expected_ms(A, 13.0) == pytest.approx(3000.0)
    latencies.ended(A, 2, 13.0, failed=False)
    assert latencies.expected_ms(A, 13.0) == 400.0


def test_one_that_hangs_while_later_ones_are_answered_is_an_exception():
    latencies = Latencies()
    latencies.started(A, 1, 0.0)
    latencies.started(A, 2, 5.0)
    latencies.began(A, 2, 300.0, 5.3)
    assert latencies.expected_ms(A, 60.0) == 300.0


def test_who_was_not_heard_of_for_long_is_told():
    latencies = Latencies()
    assert latencies.unheard_s(A, 100.0) == 0.0
    answered(latencies, 1000.0)
    assert latencies.unheard_s(A, 61.0) == 60.0
    latencies.started(A, 2, 61.0)
    assert latencies.unheard_s(A, 90.0) == 0.0


def test_what_ends_unknown_and_who_is_gone_change_nothing():
    latencies = Latencies()
    latencies.ended(A, 1, 0.0, failed=True)
    assert latencies.expected_ms(A, 0.0) == 0.0
    answered(latencies, 400.0)
    latencies.keep_only(frozenset({"B"}))
    assert latencies.expected_ms(A, 0.0) == 0.0
