from __future__ import annotations

from app.domain.exchange import Filter
from app.domain.routing import Weighed
from tests.fakes.exchanges import NOW_US, end, exchange_id, rows_of, start


def numbers(rows):
    return [int(row.id, 16) for row in rows]


def test_pages_follow_each_other_without_gap_or_repeat(store):
    for number in range(1, 26):
        store.record(start(number, started_us=NOW_US + number // 4))  # several at the same moment
    seen, before = [], None
    while page := store.reader.page(Filter(), limit=7, before=before):
        seen += numbers(page)
        before = (page[-1].started_us, page[-1].id)
    assert seen == list(range(25, 0, -1))


def test_rows_that_come_while_paging_do_not_shift_the_pages(store):
    for number in range(1, 11):
        store.record(start(number))
    first = store.reader.page(Filter(), limit=5)
    store.record(start(11))
    second = store.reader.page(Filter(), limit=5, before=(first[-1].started_us, first[-1].id))
    assert numbers(first + second) == list(range(10, 0, -1))


def test_all_rows_come_oldest_first(store):
    for number in (3, 1, 2):
        store.record(start(number))
    assert numbers(rows_of(store.reader)) == [1, 2, 3]


def test_an_export_sees_one_moment_while_rows_are_pruned(store):
    for number in range(1, 501):
        store.exchange(number)
    entries = store.reader.entries(Filter())
    first = next(entries)
    store.retain(keep_days=1, now_us=NOW_US + 10 * 86_400_000_000)
    assert store.reader.count(Filter()) == 0
    assert numbers(one.row for one in (first, *entries)) == list(range(1, 501))


def test_an_export_has_the_account_and_the_way_of_each_also_of_those_that_never_ended(store):
    trace = (Weighed("A", "", "m", "skipped", "rests for 12 s", 1), Weighed("B", "work", "n", "chosen", "auto", 3))
    store.record(start(1), start(2), end(2, account="work", trace=trace))
    found = [(int(one.row.id, 16), one.account, one.trace) for one in store.reader.entries(Filter())]
    assert found == [(1, "", ()), (2, "work", trace)]


def test_one_row_by_its_id(store):
    store.exchange(7)
    assert store.reader.detail(exchange_id(7)).row.id == exchange_id(7)
    assert store.reader.detail("no such id") is None
