from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.control import claims
from app.domain.usage import Usage
from tests.fakes.ledgers import PRICE, claim

STEPS = ((-1, PRICE),)
tokens = st.integers(0, 2_000_000)


def test_the_worst_is_the_prompt_and_the_clients_own_bound():
    assert claims.most_tokens(claim(100, 50)) == 150
    assert claims.most_tokens(claim(100, 0)) == 100 + claims.ASSUMED_OUTPUT_TOKENS


def test_each_of_several_answers_may_have_the_bound():
    assert claims.most_tokens(claim(100, 50, answers=4)) == 300
    assert claims.most_tokens(claim(100, 0, answers=2)) == 100 + 2 * claims.ASSUMED_OUTPUT_TOKENS
    assert claims.most_nusd(claim(0, 1_000_000, answers=3), STEPS) == 15_000_000_005


def test_a_prompt_costs_at_most_what_writing_it_to_the_cache_does():
    assert claims.most_nusd(claim(1_000_000, 1_000_000), STEPS) == 2_000_000_000 + 5_000_000_000 + 5
    assert claims.most_nusd(claim(1, 1, free=True), ()) == 0
    assert claims.most_nusd(claim(1, 1), ()) is None


@given(tokens, tokens, tokens, tokens, tokens, st.integers(0, 1000), st.integers(0, 1000))
def test_no_usage_within_the_claim_costs_more_than_was_reserved(fresh, read, write, write_1h, out, more_in, more_out):
    usage = Usage(fresh, read, write, write_1h, out)
    asked = claim(usage.prompt_tokens + more_in, out + more_out + 1)
    cost = claims.used_nusd(usage, asked, STEPS)
    assert cost is not None
    assert cost <= claims.most_nusd(asked, STEPS)
    assert claims.used_tokens(usage) <= claims.most_tokens(asked)


def test_what_the_provider_charged_wins_and_without_a_price_nobody_knows():
    assert claims.used_nusd(Usage(10, reported_cost_nusd=7), claim(), STEPS) == 7
    assert claims.used_nusd(Usage(10, reported_cost_nusd=7), claim(), ()) == 7
    assert claims.used_nusd(Usage(10), claim(), ()) is None
    assert claims.used_nusd(Usage(), claim(), ()) == 0


def test_what_runs_on_the_users_own_machine_is_free_unless_a_price_is_named():
    assert claims.used_nusd(Usage(10), claim(free=True), ()) == 0
    assert claims.used_nusd(Usage(10), claim(free=True), STEPS) == 10_000
    assert claims.most_nusd(claim(10, 1, free=True), STEPS) == 25_005
    assert claims.used_nusd(Usage(10, reported_cost_nusd=7), claim(free=True), ()) == 7


def test_invented_numbers_are_bounded():
    assert claims.used_tokens(Usage(output_tokens=10**30)) == claims.MOST
    assert claims.used_nusd(Usage(reported_cost_nusd=-5), claim(), ()) == 0
