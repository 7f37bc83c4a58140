from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from app.domain.exchange import Filter, HourCost, State, Totals
from app.domain.usage import NO_USAGE, Usage
from app.store.intake import Progressed
from tests.fakes.exchanges import NOW_US, USAGE, exchange_id, start

HOUR_US = 3_600_000_000


def test_totals_of_nothing(store):
    assert store.reader.totals(Filter()) == Totals()


def test_totals_count_each_token_and_nano_dollar_once(store):
    usage = Usage(1_000, 200, 30, 4, 50, 6)
    store.exchange(1, usage=usage)
    store.exchange(2, usage=usage, state=State.CANCELLED)
    store.exchange(3, usage=NO_USAGE, state=State.FAILED)
    found = store.reader.totals(Filter())
    cost_nusd = 1_000 * 1_000 + 50 * 5_000 + 200 * 100 + 30 * 1_250 + 4 * 2_000
    assert found == Totals(
        exchanges=3,
        failed=1,
        input_tokens=2_000,
        output_tokens=100,
        cache_read_tokens=400,
        cache_write_tokens=68,
        cost_nusd=2 * cost_nusd,
        unpriced=0,
    )


def test_tokens_without_a_price_are_told_and_never_count_as_free(store):
    store.exchange(1, start={"sent_model": "unheard-of"})
    store.exchange(2, start={"sent_model": "unheard-of"}, usage=NO_USAGE)
    store.exchange(3, start={"sent_model": "unheard-of"}, usage=Usage())
    store.exchange(4)
    store.record(start(5), Progressed(exchange_id(5), USAGE))
    found = store.reader.totals(Filter())
    assert (found.unpriced, found.cost_nusd) == (1, 2_000_000)


def test_hours_are_those_of_utc_and_split_by_provider(store):
    store.exchange(1, start={"started_us": NOW_US + HOUR_US - 1})
    store.exchange(2, start={"started_us": NOW_US + HOUR_US})
    store.exchange(3, start={"started_us": NOW_US + HOUR_US, "provider": "Demo"})
    store.exchange(4, start={"started_us": NOW_US + HOUR_US + 5}, usage=replace(USAGE, input_tokens=0))
    store.exchange(5, start={"started_us": NOW_US - 1})
    assert store.reader.hours(NOW_US) == (
        HourCost(NOW_US, "Anthropic", 2_000_000, 1),
        HourCost(NOW_US + HOUR_US, "Anthropic", 3_000_000, 2),
        HourCost(NOW_US + HOUR_US, "Demo", 2_000_000, 1),
    )


@pytest.mark.parametrize("from_us", [1_774_657_800_000_000, 1_792_801_800_000_000], ids=["March", "October"])
def test_no_hour_is_missing_or_double_where_clocks_are_changed(store, from_us):
    for number in range(48):
        store.exchange(number + 1, start={"started_us": from_us + number * HOUR_US})
    hours = store.reader.hours(0)
    assert [hour.exchanges for hour in hours] == [1] * 48
    assert {later.hour_us - hour.hour_us for hour, later in pairwise(hours)} == {HOUR_US}


def test_facets_name_what_occurs_most_used_first(store):
    store.exchange(1, start={"provider": "A", "client": "codex", "requested_model": "opus", "sent_model": "gpt-5"})
    store.exchange(2, start={"provider": "B", "client": "codex", "requested_model": "", "sent_model": "gpt-5"})
    store.exchange(3, start={"provider": "B", "client": "curl", "requested_model": "opus", "sent_model": "gpt-5"})
    found = store.reader.facets()
    assert (found.providers, found.models, found.clients) == (("B", "A"), ("gpt-5", "opus"), ("codex", "curl"))
