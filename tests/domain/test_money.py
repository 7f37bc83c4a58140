from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Price, PriceRule, cost_of, dollars, price_at
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


def test_the_price_depends_on_the_size_of_the_prompt():
    short, long = Price(1, 2, 3, 4, 5), Price(10, 20, 30, 40, 50)
    steps = ((200_000, long), (-1, short))
    assert price_at(steps, 0) is short
    assert price_at(steps, 200_000) is short
    assert price_at(steps, 200_001) is long
    assert price_at((), 5) is None


def test_a_price_rule_fits_by_provider_vendor_and_model():
    rule = PriceRule("glm-*", Price(1, 2, 3, 4, 5), provider="Mine", vendor="glm")
    assert rule.fits("Mine", "glm", "GLM-5")
    assert not rule.fits("Other", "glm", "glm-5")
    assert not rule.fits("Mine", "openai", "glm-5")
    assert not rule.fits("Mine", "glm", "my-glm-5")
    assert PriceRule("*", Price(1, 2, 3, 4, 5)).fits("any", "any", "any")


@pytest.mark.parametrize(
    ("nusd", "said"),
    [
        (0, "$0.00"),
        (1, "<$0.000001"),
        (4_213_500, "$0.0042"),
        (287_000_000, "$0.29"),
        (-1_270_000_000, "-$1.27"),
        (318_400_000_000, "$318"),
        (12_345_000_000_000, "$12,345"),
    ],
)
def test_money_is_told_with_the_digits_that_matter(nusd, said):
    assert dollars(nusd) == said
