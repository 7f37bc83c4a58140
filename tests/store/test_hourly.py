"""The sums of past hours are what the rows add up to, whatever happens to the rows."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.domain.exchange import Filter, HourCost, State
from app.domain.usage import NO_USAGE
from app.store import hourly
from app.store.hourly import HOUR_US, Hourly, wrong_hours
from app.store.intake import Progressed
from app.store.recovery import close_interrupted
from tests.fakes import exchanges
from tests.fakes.exchanges import NOW_US, USAGE, end, exchange_id, rows_of, start

HOUR0_US = NOW_US // HOUR_US * HOUR_US
LATER_US = HOUR0_US + 100 * HOUR_US


def started(number, hour, **values):
    return start(number, started_us=HOUR0_US + hour * HOUR_US + number, **values)


def sum_up(store, now_us=LATER_US):
    steps = 0
    while store.opened.hourly.step(now_us):
        steps += 1
    return steps


def agreed(store):
    """The sums are right, and the questions that use them answer what the rows say."""
    assert wrong_hours(store.connection) == 0
    rows = rows_of(store.reader)
    totals = store.reader.totals(Filter())
    assert (totals.exchanges, store.reader.count(Filter())) == (len(rows), len(rows))
    assert totals.input_tokens == sum(row.usage.input_tokens for row in rows)
    assert totals.cost_nusd == sum(row.cost.total_nusd for row in rows if row.cost)
    assert totals.failed == sum(row.state in (State.FAILED, State.INTERRUPTED) for row in rows)
    for name in {row.provider for row in rows}:
        mine = [row for row in rows if row.provider == name]
        assert store.reader.count(Filter(providers=(name,))) == len(mine)
        assert [row.id for row in store.reader.page(Filter(providers=(name,)))] == [row.id for row in mine[::-1]][:200]
    return rows


def test_hours_that_are_over_are_added_up_and_the_running_one_is_not(store):
    for number, hour in enumerate((0, 0, 1, 5), 1):
        store.record(started(number, hour), end(number))
    sum_up(store, HOUR0_US + 5 * HOUR_US + 1)
    assert store.opened.hourly.upto_us == HOUR0_US + 5 * HOUR_US
    assert [(hour, times) for hour, times in store.connection.execute("SELECT hour_us, exchanges FROM hour_sum")] == [
        (HOUR0_US, 2),
        (HOUR0_US + HOUR_US, 1),
    ]
    assert len(agreed(store)) == 4
    assert sum(hour.exchanges for hour in store.reader.hours(0)) == 4


def test_a_row_that_ends_after_its_hour_was_added_up_counts_right(store):
    store.record(started(1, 0), started(2, 0), started(3, 0))
    sum_up(store)
    assert store.reader.totals(Filter()).exchanges == 3
    store.record(Progressed(exchange_id(1), USAGE))
    agreed(store)
    store.record(end(1), end(2, state=State.FAILED, usage=NO_USAGE))
    agreed(store)
    store.record(end(2, usage=USAGE))  # late counts
    agreed(store)
    assert store.reader.totals(Filter()).input_tokens == 2_000
    assert close_interrupted(store.connection, "another run", exchanges.price) == 1
    agreed(store)
    assert store.reader.count(Filter(states=(State.INTERRUPTED,))) == 1


def test_a_clock_that_is_set_back_counts_right(store):
    store.record(started(1, 5), end(1))
    sum_up(store)
    store.record(started(2, 1), end(2))
    agreed(store)


def test_pruned_rows_leave_the_sums(store):
    for number in range(1, 31):
        store.record(started(number, number % 7), end(number))
    sum_up(store)
    store.retain(keep_days=1, now_us=HOUR0_US + 24 * HOUR_US + 4 * HOUR_US)
    assert 0 < len(agreed(store)) < 30
    store.retain(keep_days=1, now_us=HOUR0_US + 50 * HOUR_US)
    assert agreed(store) == []
    assert (store.count("hour_sum"), store.count("hour_name")) == (0, 0)


def test_whatever_happens_in_whatever_order_the_sums_are_right(store):
    chance = random.Random(3)
    running, number = [], 0
    for _ in range(150):
        act = chance.random()
        if act < 0.5:
            number += 1
            store.record(started(number, chance.randrange(12), provider=f"P{number % 3}", sent_model=f"m{number % 4}"))
            running.append(number)
        elif act < 0.85 and running:
            one = running.pop(chance.randrange(len(running)))
            store.record(end(one, state=chance.choice((State.DONE, State.FAILED, State.CANCELLED))))
        else:
            store.opened.hourly.step(HOUR0_US + chance.randrange(14) * HOUR_US)
        assert wrong_hours(store.connection) == 0
    agreed(store)


def test_a_batch_that_fails_leaves_the_sums_as_they_were(store):
    store.record(started(1, 0))
    sum_up(store)
    broken = replace(end(2), attempts=None)
    with pytest.raises(TypeError):
        store.record(started(2, 0), end(1), broken)
    agreed(store)


def test_wrong_sums_are_noticed_and_begun_anew(store):
    store.record(started(1, 0), end(1))
    sum_up(store)
    store.connection.execute("UPDATE hour_sum SET cost_nusd = 7")
    assert wrong_hours(store.connection) > 0
    store.connection.execute("BEGIN")
    hourly.begin_anew(store.connection)
    store.connection.execute("COMMIT")
    store.opened.hourly.reload()
    sum_up(store)
    agreed(store)


def test_the_hours_of_the_chart_are_the_same_before_and_after(store):
    for number in range(1, 20):
        store.record(started(number, number % 4, provider=f"P{number % 2}"), end(number))
    before = store.reader.hours(HOUR0_US + HOUR_US)
    sum_up(store)
    assert store.reader.hours(HOUR0_US + HOUR_US) == before
    assert isinstance(before[0], HourCost)


def test_an_hour_with_many_rows_is_one_step_and_many_hours_are_several(store):
    for number in range(1, 40):
        store.record(started(number, number), end(number))
    assert Hourly(store.connection).step(LATER_US) is False
    agreed(store)


def test_a_row_whose_provider_changes_at_its_end_moves_in_the_sums(store):
    store.record(started(1, 0, provider="A"), started(2, 0, provider="A"), end(2))
    sum_up(store)
    store.record(end(1, provider="B", vendor="openai", sent_model="n"))
    assert {row.provider for row in agreed(store)} == {"A", "B"}
    sums = "SELECT provider, exchanges FROM hour_sum ORDER BY provider"
    assert store.connection.execute(sums).fetchall() == [("A", 1), ("B", 1)]
    assert {one.provider: one.exchanges for one in store.reader.hours(0)} == {"A": 1, "B": 1}
