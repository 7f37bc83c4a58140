"""While the record is paused an exchange leaves its numbers and nothing else."""

from __future__ import annotations

import asyncio

from app.domain.exchange import Filter, State
from app.domain.usage import NO_USAGE
from app.store.counted import QUARTER_US
from app.store.hourly import HOUR_US
from app.store.intake import Counted
from tests.fakes.exchanges import NOW_US, end, exchange_id, sides, start
from tests.store.test_history import make

DAY_US = 24 * HOUR_US


def count(store, number, *, provider="Anthropic", model="claude", at_us=NOW_US, **values):
    store.record(Counted(start(number, provider=provider, sent_model=model, started_us=at_us), end(number, **values)))


def test_numbers_count_and_no_row_is_there(store):
    count(store, 1)
    count(store, 2, state=State.FAILED, usage=NO_USAGE)
    count(store, 3, model="unheard-of")
    count(store, 4, provider="Other", at_us=NOW_US + HOUR_US)
    store.record(start(5), end(5))
    totals = store.reader.totals(Filter())
    assert (totals.exchanges, totals.failed, totals.unpriced) == (5, 1, 1)
    assert totals.input_tokens == 4_000
    assert totals.cost_nusd == 3 * 2_000_000
    assert store.reader.count(Filter()) == len(store.reader.page(Filter())) == 1
    assert store.reader.totals(Filter(providers=("Other",))).exchanges == 1
    assert store.reader.totals(Filter(since_us=NOW_US + HOUR_US)).exchanges == 1
    assert {(hour.provider, hour.exchanges) for hour in store.reader.hours(0)} == {("Anthropic", 4), ("Other", 1)}


def test_a_day_that_begins_at_a_half_hour_is_counted_right(store):
    midnight_us = NOW_US // HOUR_US * HOUR_US + 2 * QUARTER_US
    count(store, 1, at_us=midnight_us - 1)
    count(store, 2, at_us=midnight_us)
    assert store.reader.totals(Filter(since_us=midnight_us)).exchanges == 1
    assert store.reader.totals(Filter(until_us=midnight_us)).exchanges == 1


def test_old_counts_go_with_the_rows_of_their_time(store):
    count(store, 1, at_us=NOW_US - 40 * DAY_US)
    count(store, 2, at_us=NOW_US - 10 * DAY_US)
    store.retain(keep_days=30)
    assert store.reader.totals(Filter()).exchanges == 1


async def test_a_paused_history_leaves_no_trace_of_what_was_said(tmp_path):
    path = tmp_path / "history.db"
    history = make(path)
    await asyncio.to_thread(history.open)
    bounds = {"budget_bytes": 0, "keep_days": 0, "record_bodies": True}
    assert await history.start(start(1))
    history.settings(**bounds, record_rows=False)
    assert await history.start(start(2, session_id="canary-session"))
    history.progress(exchange_id(2), end(2).usage)
    for number in (1, 2):
        history.finish(end(number, sides=sides(b"canary %d" % number, b"reply"), answer="canary", error="canary"))
    history.finish(end(2))
    history.settings(**bounds, record_rows=True)
    assert await history.start(start(3))
    history.finish(end(3))
    assert await asyncio.to_thread(history.settle, 10)
    await asyncio.to_thread(history.close, 10)
    from app.store.queries.reader import HistoryReader

    reader = HistoryReader(path)
    assert [row.id for row in reader.page(Filter())] == [exchange_id(3), exchange_id(1)]
    assert reader.totals(Filter()).exchanges == 3
    raw = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"canary 2" not in raw
    assert b"canary-session" not in raw
    assert exchange_id(2).encode() not in raw


def test_what_is_only_counted_counts_for_the_provider_that_answered(store):
    store.record(Counted(start(1), end(1, provider="B", vendor="openai", sent_model="n")))
    assert {one.provider for one in store.reader.hours(0)} == {"B"}
