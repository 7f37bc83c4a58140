from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Price, cost_of
from app.domain.usage import Usage

PRICE = Price(3_000_000_000, 15_000_000_000, 300_000_000, 3_750_000_000, 6_000_000_000, 10_000_000, "test")


def test_every_token_class_is_priced_once():
    usage = Usage(
        input_tokens=1_000_000,
        cache_read_tokens=1_000_000,
        cache_write_5m_tokens=1_000_000,
        cache_write_1h_tokens=1_000_000,
        output_tokens=1_000_000,
        reasoning_tokens=900_000,
        web_searches=2,
    )
    cost = cost_of(usage, PRICE)
    assert cost is not None
    assert cost.input_nusd == 3_000_000_000
    assert cost.output_nusd == 15_000_000_000
    assert cost.cache_read_nusd == 300_000_000
    assert cost.cache_write_nusd == 9_750_000_000
    assert cost.web_search_nusd == 20_000_000
    assert cost.total_nusd == 28_070_000_000
    assert cost.source == "test"


def test_an_unknown_price_is_not_zero():
    assert cost_of(Usage(input_tokens=5), None) is None


def test_what_the_provider_reports_wins():
    cost = cost_of(Usage(input_tokens=5, reported_cost_nusd=42), PRICE)
    assert cost is not None
    assert cost.total_nusd == 42
    assert cost.source == "reported by the provider"
    bare = cost_of(Usage(input_tokens=5, reported_cost_nusd=0), None)
    assert bare is not None
    assert bare.total_nusd == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_total_is_the_sum_of_its_parts(incoming, outgoing):
    cost = cost_of(Usage(input_tokens=incoming, output_tokens=outgoing), PRICE)
    assert cost is not None
    assert cost.total_nusd == cost.input_nusd + cost.output_nusd
    assert abs(cost.input_nusd - incoming * 3000) <= 1
