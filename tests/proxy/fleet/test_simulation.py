"""Over an hour of scripted outages, slowdowns and limits nearly everybody is answered, whatever the strategy."""

from __future__ import annotations

import functools

import pytest

from app.domain.routing import Strategy
from tests.proxy.fleet.simulation import REQUESTS, World


@functools.cache
def hour(strategy, **more):
    return World(strategy, **more).run()


@pytest.mark.parametrize("strategy", Strategy)
def test_who_asks_is_answered_while_anybody_is_well(strategy):
    result = hour(strategy)
    assert result.requests == REQUESTS
    assert result.answered_share >= 0.999
    assert result.unlucky <= REQUESTS // 1000
    assert result.amplification < 1.2
    assert result.at(result.added_s, 0.99) < 0.5


def test_one_target_alone_would_not_do():
    assert hour(Strategy.PRIORITY, only=True).answered_share < 0.9


def test_each_strategy_is_the_best_at_what_it_is_for():
    results = {strategy: hour(strategy) for strategy in Strategy}
    first_p99_s = {strategy: one.at(one.first_s, 0.99) for strategy, one in results.items()}
    assert min(first_p99_s, key=first_p99_s.__getitem__) is Strategy.LATENCY
    assert min(results, key=lambda strategy: results[strategy].nusd) is Strategy.CHEAPEST
    assert results[Strategy.PRIORITY].shares["Alpha"] > REQUESTS * 0.7
    for even in (Strategy.ROUND_ROBIN, Strategy.LEAST_USED):
        assert max(results[even].shares.values()) < REQUESTS * 0.3
        assert min(results[even].shares.values()) > REQUESTS * 0.05


def test_conversations_that_stay_are_cheaper():
    assert hour(Strategy.ROUND_ROBIN).nusd < 0.95 * hour(Strategy.ROUND_ROBIN, affinity=False).nusd
