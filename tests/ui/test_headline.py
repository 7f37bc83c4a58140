from __future__ import annotations

import pytest

from app.domain.exchange import Totals
from app.domain.measure import Flight, Latency, Meter
from app.ui.headline import Headline, median_first_token_ms
from tests.fakes import sample

N = "\u00a0"


@pytest.fixture
def headline(show):
    return show(Headline(), 1000, 80)


def texts(headline):
    names = ("cost", "tokens_in", "tokens_out", "requests", "failed", "first_token", "in_flight")
    return [getattr(headline, name)._value.text() for name in names]


def test_today_and_now(headline):
    headline.show_today(sample.status().today)
    meter = Meter()
    meter.begin(1.0, Flight("a", "Anthropic", "m", 1.0))
    meter.end(2.0, Latency(2.0, "b", "Anthropic", 912, 4_000, True))
    headline.show_now(meter)
    assert texts(headline) == ["$18.27", f"26.4{N}M", f"413{N}k", "412", "7", f"912{N}ms", "1"]
    assert headline.cost.toolTip() == "$18.2741135"
    assert headline.tokens_in.toolTip().startswith("26,448,672 tokens; of these 23,410,338 read from")
    assert headline.in_flight.toolTip() == "Anthropic › m"
    assert headline.cost._value.accessibleName() == "Cost today: $18.27"


def test_nothing_yet(headline):
    headline.show_today(Totals())
    headline.show_now(Meter())
    assert texts(headline) == ["$0.00", "0", "0", "0", "0", "–", "0"]


def test_what_has_no_price_is_no_zero(headline):
    headline.show_today(Totals(exchanges=2, input_tokens=5, unpriced=2))
    assert texts(headline)[0] == "unpriced"
    headline.show_today(Totals(exchanges=3, input_tokens=5, cost_nusd=1_000_000_000, unpriced=2))
    assert texts(headline)[0] == f"≥{N}$1.00"
    assert headline.cost.toolTip() == "$1.00; 2 requests have no known price"


def test_the_median_leaves_out_what_had_no_token():
    def one(first):
        return Latency(0, "x", "A", first, 1, first is not None)

    assert median_first_token_ms([one(100), one(None), one(300), one(5_000)]) == 300
    assert median_first_token_ms([one(None)]) is None
