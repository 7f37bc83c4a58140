from __future__ import annotations

from dataclasses import replace

from app.domain.usage import NO_USAGE
from app.store.pricing import cost
from tests.fakes.exchanges import PRICE, USAGE


def test_the_price_list_is_asked_with_what_the_exchange_knows():
    asked = []
    paid = cost(lambda *what: asked.append(what) or PRICE, "anthropic", "opus", 5, USAGE, "Mine")
    assert asked == [("anthropic", "opus", 5, 1_000, "Mine")]
    assert paid is not None
    assert paid.total_nusd == 1_000 * 1_000 + 200 * 5_000


def test_unknown_usage_costs_an_unknown_amount():
    assert cost(lambda *_: PRICE, "anthropic", "opus", 5, NO_USAGE) is None


def test_a_price_list_that_fails_leaves_the_exchange_unpriced(caplog):
    def broken(*_):
        raise RuntimeError("no data")

    assert cost(broken, "anthropic", "opus", 5, USAGE) is None
    assert "the price list failed" in caplog.text


def test_what_the_upstream_charged_wins_over_an_unknown_price():
    paid = cost(lambda *_: None, "openrouter", "x", 5, replace(USAGE, reported_cost_nusd=7))
    assert paid is not None
    assert paid.total_nusd == 7
