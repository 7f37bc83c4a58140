"""Group G of the faults: the record itself; what needs the running program is in tests/acceptance."""

from __future__ import annotations

import asyncio
import io
import os
import time
from itertools import pairwise

import pytest

from app.domain.exchange import Filter, State
from app.domain.usage import NO_USAGE, Usage
from app.export import write
from app.store.deletion import Deletion
from app.store.hourly import HOUR_US
from app.store.retention import MAX_ROWS
from tests.fakes.exchanges import NOW_US, end, exchange_id, rows_of, sides, start, texts
from tests.store.test_scale import _INSERT, exchange

DAY_US = 24 * HOUR_US
ROWS = 20_000


@pytest.fixture
def many(store):
    store.connection.execute("BEGIN")
    store.connection.executemany(_INSERT, map(exchange, range(1, ROWS + 1)))
    store.connection.execute("COMMIT")
    store.opened.recording._look_again()
    while store.opened.hourly.step(NOW_US + 100 * DAY_US):
        pass
    return store


async def test_g13_pruning_takes_small_steps_and_leaves_loop_file_and_running_rows_alone(many):
    many.record(start(900_000, started_us=NOW_US))
    size = many.path.stat().st_size
    retention = many.opened.retention
    retention.limit(0, 1)
    worst_s = most = 0.0
    done = asyncio.Event()

    async def watch():
        nonlocal worst_s
        while not done.is_set():
            began_s = time.perf_counter()
            await asyncio.sleep(0.005)
            worst_s = max(worst_s, time.perf_counter() - began_s - 0.005)

    watching = asyncio.get_running_loop().create_task(watch(), name="watch the loop")
    more = True
    many.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def step():
        nonlocal most
        before = many.connection.total_changes
        found = retention.step(NOW_US + 500 * DAY_US)
        most = max(most, many.connection.total_changes - before)
        return found

    while more:
        more = step()
        await asyncio.sleep(0)
    done.set()
    await watching
    many.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert [row.state for row in rows_of(many.reader)] == [State.STARTED]
    assert most <= MAX_ROWS
    assert worst_s < 0.25  # each step in this very thread; in the program they are in another
    assert many.path.stat().st_size < size / 5


def test_g14_an_export_sees_one_moment_while_rows_are_deleted(many):
    rows = many.reader.entries(Filter())
    first = next(rows)
    Deletion(many.path, texts).count(Filter())
    many.opened.retention.limit(0, 1)
    for _ in range(20):
        many.opened.retention.step(NOW_US + 500 * DAY_US)
    out = io.BytesIO()
    written = write(rows, out, "csv", progress=lambda _done: None, cancelled=lambda: False)
    assert written == ROWS - 1
    assert out.getvalue().count(b"\r\n") == ROWS
    assert first.row.id == exchange_id(1)
    assert many.reader.count(Filter()) < ROWS


@pytest.mark.parametrize("state", [State.CANCELLED, State.FAILED, State.DONE])
def test_g15_the_first_end_stays_and_late_usage_only_fills_what_is_missing(store, state):
    store.record(start(1), end(1, state=state, usage=NO_USAGE, client_status=499))
    late = Usage(input_tokens=7, output_tokens=3)
    store.record(end(1, state=State.DONE, usage=late, client_status=200))
    store.record(end(1, state=State.DONE, usage=Usage(input_tokens=99, output_tokens=99)))
    (row,) = rows_of(store.reader)
    assert (row.state, row.client_status) == (state, 499)
    assert (row.usage.input_tokens, row.usage.output_tokens) == (7, 3)
    assert (
        store.connection.execute("UPDATE exchange SET state = 'done' WHERE seq = 1 AND state = 'started'").rowcount == 0
    )


def test_g16_the_byte_budget_takes_the_oldest_bodies_and_says_so(store):
    budget = 4 * 1024 * 1024
    bodies = {}
    for number in range(1, 13):
        bodies[number] = os.urandom(1024 * 1024)
        store.record(start(number), end(number, sides=sides(bodies[number], b"reply")))
        store.retain(budget_bytes=budget)
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.path.stat().st_size < budget * 1.25
    oldest, newest = store.reader.detail(exchange_id(1)), store.reader.detail(exchange_id(12))
    assert (oldest.client_request.dropped, oldest.client_request.size_bytes) == (True, 1024 * 1024)
    assert len(oldest.client_request.sha256) == 64
    assert newest.client_request.body == bodies[12]
    assert store.reader.count(Filter()) == 12


ODD = ("%", "_", "'", '"', "NEAR(", "*", "AND", "OR NOT", "a" * 10_000, "\0", "a\0b", '"" ""', "col:x", "^x", "-", "()")


@pytest.mark.parametrize("words", ODD)
def test_g17_nothing_that_is_typed_is_an_error(many, words):
    began_s = time.perf_counter()
    page = many.reader.page(Filter(search=words))
    assert many.reader.count(Filter(search=words)) == len(page)
    many.reader.totals(Filter(search=words))
    many.reader.snippet(exchange_id(1), words)
    assert time.perf_counter() - began_s < 2


@pytest.mark.parametrize("offset_quarters", [0, -56, 56, 22, 23, -14])
def test_g19_hours_are_utc_and_days_of_any_zone_add_up(store, offset_quarters):
    """Days of 23, 24 and 25 hours, in zones with quarters, across a leap day: no hour twice, none missing."""
    quarter_us = HOUR_US // 4
    first_us = 1_709_078_400_000_000 + offset_quarters * quarter_us  # before 29 February 2024
    for number in range(1, 100):
        store.record(start(number, started_us=first_us + (number - 1) * HOUR_US), end(number))
    for summed in (False, True):
        if summed:
            while store.opened.hourly.step(first_us + 200 * HOUR_US):
                pass
        hours = store.reader.hours(first_us)
        assert [hour.exchanges for hour in hours] == [1] * 99
        assert all(b.hour_us - a.hour_us == HOUR_US for a, b in pairwise(hours))
        since_us, days = first_us, []
        for length in (24, 23, 25, 24):
            until_us = since_us + length * HOUR_US
            days.append(store.reader.totals(Filter(since_us=since_us, until_us=until_us)).exchanges)
            since_us = until_us
        assert days == [24, 23, 25, 24]
    out = io.BytesIO()
    write(store.reader.entries(Filter()), out, "csv", progress=lambda _done: None, cancelled=lambda: False)
    assert out.getvalue().count(b'Z"') == 99
