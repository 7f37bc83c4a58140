"""Each strategy puts first whom it promises to."""

from __future__ import annotations

from collections import Counter

import pytest

from app.domain.money import Price
from app.domain.route import Target
from app.domain.routing import Strategy
from app.domain.usage import Usage
from app.proxy.fleet.fleet import Outcome
from app.proxy.fleet.latencies import STALE_S
from app.proxy.fleet.strategies import EXPLORE_EVERY, ORDERS
from tests.proxy.fleet.parts import Rig, asked, plan, provider

A, B, C = provider("A"), provider("B"), provider("C")


def price(dollars_in, dollars_out):
    return Price(int(dollars_in * 1e9), int(dollars_out * 1e9), 0, 0, 0)


def test_there_is_an_order_for_each_strategy():
    assert set(ORDERS) == set(Strategy)


def test_priority_is_the_users_order():
    rig = Rig(A, B, C)
    assert [rig.serve(plan([B, A, C])) for _ in range(3)] == ["B", "B", "B"]


def test_round_robin_is_by_weight():
    heavy = provider("B", weight=3)
    rig = Rig(A, heavy, C)
    turns = Counter(rig.serve(plan([A, heavy, C], strategy=Strategy.ROUND_ROBIN)) for _ in range(50))
    assert turns == {"A": 10, "B": 30, "C": 10}


def test_who_rests_takes_no_turn_and_its_share_is_spread():
    rig = Rig(A, B, C)
    turning = plan([A, B, C], strategy=Strategy.ROUND_ROBIN)
    rig.ask(rig.arrange(plan([B], [A]))[0], Outcome.LIMITED, retry_after_s=60)
    assert Counter(rig.serve(turning) for _ in range(20)) == {"A": 10, "C": 10}
    assert rig.order(turning)[-1] == "B"


def test_weight_zero_comes_last():
    idle = provider("B", weight=0)
    rig = Rig(A, idle, C)
    turning = plan([idle, A, C], strategy=Strategy.ROUND_ROBIN)
    assert {rig.order(turning)[-1] for _ in range(5)} == {"B"}


def test_least_used_goes_where_the_fewest_run_and_then_where_the_fewest_tokens_went():
    rig = Rig(A, B, C)
    least = plan([A, B, C], strategy=Strategy.LEAST_USED)
    running = [rig.fleet.permit(rig.arrange(least)[0], asked()) for _ in range(3)]
    assert [one.candidate.provider.name for one in running] == ["A", "B", "C"]
    for permit, tokens in zip(running, (900, 100, 500), strict=True):
        permit.end(Outcome.ANSWERED, usage=Usage(output_tokens=tokens))
    assert rig.order(least) == ["B", "C", "A"]


def test_a_burst_is_spread_before_any_of_it_is_sent():
    rig = Rig(A, B, C)
    least = plan([A, B, C], strategy=Strategy.LEAST_USED)
    burst = [rig.arrange(least)[0] for _ in range(12)]
    assert Counter(one.provider.name for one in burst) == {"A": 4, "B": 4, "C": 4}
    permits = [rig.fleet.permit(one, asked()) for one in burst]
    assert rig.order(least) == ["A", "B", "C"]
    for one in permits:
        one.end(Outcome.ANSWERED)
    rig.clock.forward(2)
    assert [rig.serve(least) for _ in range(3)] == ["A", "B", "C"]


def test_failing_is_no_way_to_be_the_least_used():
    rig = Rig(A, B)
    least = plan([A, B], strategy=Strategy.LEAST_USED)
    rig.ask(rig.arrange(plan([A], [B]))[0], Outcome.FAILED)
    served = Counter(rig.serve(least, usage=Usage(output_tokens=1000)) for _ in range(9))
    assert served == {"B": 9}


def test_latency_tries_everyone_once_and_then_the_quickest():
    rig = Rig(A, B, C)
    quick = plan([A, B, C], strategy=Strategy.LATENCY)
    for name, ms in (("A", 900), ("B", 300), ("C", 600)):
        permit = rig.fleet.permit(rig.arrange(quick)[0], asked())
        assert permit.candidate.provider.name == name
        permit.begin(ms)
        permit.end(Outcome.ANSWERED)
    assert rig.order(quick) == ["B", "C", "A"]
    rig.ask(rig.arrange(quick)[0], Outcome.FAILED)
    assert rig.order(quick) == ["C", "A", "B"]


def test_latency_looks_now_and_then_whether_the_slow_became_quick():
    rig = Rig(A, B)
    quick = plan([A, B], strategy=Strategy.LATENCY)
    for ms in (900, 300):
        rig.ask(rig.arrange(quick)[0], Outcome.ANSWERED, first_token_ms=ms)
    served = Counter()
    for _ in range(4 * EXPLORE_EVERY):
        rig.clock.forward(STALE_S / EXPLORE_EVERY * 2)
        served[rig.serve(quick, first_token_ms=300)] += 1
    assert 1 <= served["A"] <= 4
    assert rig.order(quick)[0] == "B"


def test_a_first_token_that_only_the_end_tells_counts_as_well():
    rig = Rig(A, B)
    quick = plan([A, B], strategy=Strategy.LATENCY)
    rig.ask(rig.arrange(quick)[0], Outcome.ANSWERED, first_token_ms=900)
    rig.ask(rig.arrange(quick)[0], Outcome.ANSWERED, first_token_ms=100)
    assert rig.order(quick) == ["B", "A"]


def test_cheapest_is_for_this_request_and_the_unpriced_come_last():
    rig = Rig(A, B, C, prices={"A-model": price(1, 20), "B-model": price(5, 5)})
    cheap = plan([C, A, B], strategy=Strategy.CHEAPEST)
    assert rig.order(cheap, asked(prompt_tokens=100_000)) == ["A", "B", "C"]
    assert rig.order(cheap, asked(prompt_tokens=100)) == ["B", "A", "C"]
    assert rig.order(cheap, asked(prompt_tokens=100, output_tokens=1)) == ["A", "B", "C"]


def test_a_long_prompt_is_weighed_at_its_own_price():
    rig = Rig(A, B, prices={"A-model": price(1, 5), ("A-model", True): price(2, 10), "B-model": price(1.5, 7)})
    cheap = plan([A, B], strategy=Strategy.CHEAPEST)
    assert rig.order(cheap, asked(prompt_tokens=100_000)) == ["A", "B"]
    assert rig.order(cheap, asked(prompt_tokens=300_000)) == ["B", "A"]


def test_what_runs_here_costs_nothing():
    local = provider("L", local=True)
    rig = Rig(A, local, C, prices={"A-model": price(1, 1)})
    assert rig.order(plan([A, C, local], strategy=Strategy.CHEAPEST))[0] == "L"
    assert rig.order(plan([C, local], strategy=Strategy.CHEAPEST)) == ["L", "C"]


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_keeps_every_target(strategy):
    rig = Rig(A, B, C)
    targets = [Target(A, "one"), Target(A, "two"), Target(B, "one"), Target(C, "one")]
    for _ in range(3 * EXPLORE_EVERY):
        found = rig.arrange(plan(targets, strategy=strategy))
        assert sorted((one.provider.name, one.model) for one in found) == sorted(
            (one.provider.name, one.model) for one in targets
        )


def test_a_conversation_leaves_who_became_far_slower():
    rig = Rig(A, B)
    quick, talk = plan([A, B], strategy=Strategy.LATENCY), asked(session="talk")
    rig.ask(rig.arrange(quick, talk)[0], Outcome.ANSWERED, talk, first_token_ms=500)
    rig.ask(rig.arrange(quick)[1], Outcome.ANSWERED, first_token_ms=400)
    assert rig.order(quick) == ["B", "A"]
    assert rig.order(quick, talk) == ["A", "B"]
    rig.ask(rig.arrange(quick, talk)[0], Outcome.ANSWERED, talk, first_token_ms=30_000)
    assert rig.order(quick, talk) == ["B", "A"]


def test_a_conversation_stays_where_its_next_turns_cost_least():
    warm = Price(int(3e9), int(15e9), int(0.3e9), 0, 0)
    for dollars, there in ((2.5, "B"), (0.4, "A")):
        cheaper = Price(int(dollars * 1e9), int(15e9), int(dollars * 1e8), 0, 0)
        rig = Rig(A, B, prices={"A-model": cheaper, "B-model": warm})
        cheap, talk = plan([A, B], strategy=Strategy.CHEAPEST), asked(session="talk", prompt_tokens=50_000)
        assert rig.order(cheap, talk) == ["A", "B"]
        rig.ask(rig.arrange(cheap, talk)[1], Outcome.ANSWERED, talk)
        assert rig.order(cheap, talk)[0] == there


def test_by_priority_a_conversation_returns_as_soon_as_it_can():
    rig = Rig(A, B)
    ways, talk = plan([A, B]), asked(session="talk")
    rig.ask(rig.arrange(ways, talk)[0], Outcome.LIMITED, talk, retry_after_s=5)
    assert rig.serve(ways, facts=talk) == "B"
    rig.clock.forward(5)
    assert rig.serve(ways, facts=talk) == "A"
