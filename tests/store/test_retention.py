from __future__ import annotations

import os

import pytest

from app.domain.exchange import Filter, State
from app.store.retention import MAX_ROWS
from tests.fakes.exchanges import NOW_US, end, exchange_id, rows_of, sides, start

DAY_US = 86_400_000_000
MIB = 1024 * 1024
KEPT = 512 * 1024


@pytest.fixture
def store(make_store):
    """Bodies here are noise, which nobody would index."""
    return make_store(texts=lambda _dialect, piece: (piece[:8].hex(),))


def fill(store, numbers, *, size=20_000):
    """Exchanges with a body of their own that does not compress."""
    for number in numbers:
        body = os.urandom(size)
        store.record(start(number), end(number, sides=sides(body, b"reply %d" % number), answer=f"answer{number}"))
    store.index()


def bodies(store):
    """The exchanges that still have their bodies."""
    rows = store.connection.execute("SELECT DISTINCT exchange FROM side WHERE block IS NOT NULL ORDER BY exchange")
    return [seq for (seq,) in rows]


def used(store):
    return store.opened.retention.used_bytes()


def test_without_limits_nothing_goes(store):
    fill(store, range(5))
    assert store.retain() == 0
    assert store.count("exchange") == 5


def test_old_rows_go_with_everything_that_was_theirs(store):
    for number, age_days in enumerate((40, 31, 29, 0)):
        fill_at = {"started_us": NOW_US - age_days * DAY_US}
        store.record(
            start(number, **fill_at), end(number, sides=sides(b"old|%d" % number, b"r"), answer=f"word{number}")
        )
    store.index()
    store.retain(keep_days=30)
    assert [row.id for row in rows_of(store.reader)] == [exchange_id(2), exchange_id(3)]
    assert store.count("exchange_detail") == 2
    assert store.reader.count(Filter(search="word0")) == 0
    assert store.reader.count(Filter(search="word3")) == 1
    assert store.reader.detail(exchange_id(3)).client_request.body == b"old|3"
    store.check()


def test_a_running_exchange_is_never_pruned(store):
    store.record(start(1, started_us=NOW_US - 400 * DAY_US), start(2, started_us=NOW_US - 400 * DAY_US), end(2))
    store.retain(keep_days=30)
    assert [row.state for row in rows_of(store.reader)] == [State.STARTED]


def test_many_old_rows_go_in_small_transactions(store):
    rows = [(exchange_id(number), number) for number in range(3_000)]
    names = "boot, state, client, client_key, session_id, provider, vendor, requested_model, sent_model, client_dialect"
    store.connection.execute("BEGIN")
    store.connection.executemany(
        f"INSERT INTO exchange (id, started_us, {names}, upstream_dialect, operation, streaming) "
        f"VALUES (?, ?, 'b', 'done', {', '.join(['0'] * 10)}, 1)",
        rows,
    )
    store.connection.execute("COMMIT")
    retention = store.opened.retention
    retention.limit(0, 30)
    steps = []
    while True:
        before = store.connection.total_changes
        more = retention.step(NOW_US)
        steps.append(store.connection.total_changes - before)
        if not more:
            break
    assert store.count("exchange") == 0
    assert max(steps) <= MAX_ROWS
    assert len(steps) > 3


def test_a_byte_budget_takes_the_oldest_bodies_and_leaves_the_rows(store):
    fill(store, range(1, 101))
    size = store.reader.detail(exchange_id(1)).client_request
    store.retain(budget_bytes=1 * MIB)
    assert used(store) <= 1 * MIB
    left = bodies(store)
    assert left == list(range(left[0], 101))
    assert 20 < len(left) < 60
    assert store.count("exchange") == 100
    gone = store.reader.detail(exchange_id(1)).client_request
    assert (gone.body, gone.dropped) == (b"", True)
    assert (gone.size_bytes, gone.sha256, gone.line) == (size.size_bytes, size.sha256, size.line)
    assert store.reader.detail(exchange_id(1)).row.usage.input_tokens == 1_000
    assert store.reader.detail(exchange_id(100)).client_request.dropped is False
    assert store.reader.count(Filter(search="answer1")) == sum(str(number).startswith("1") for number in left)
    store.check()


def test_what_a_newer_exchange_needs_stays(store):
    shared = os.urandom(400_000) + b"|"
    store.record(start(1), end(1, sides=sides(shared + b"one", b"r")))
    fill(store, range(2, 20))
    store.record(start(20), end(20, sides=sides(shared + b"twenty", b"r")))
    store.retain(budget_bytes=600_000)
    assert store.reader.detail(exchange_id(1)).client_request.dropped
    assert store.reader.detail(exchange_id(20)).client_request.body == shared + b"twenty"
    store.check()


def test_the_newest_body_stays_whatever_its_size(store):
    fill(store, [1, 2], size=300_000)
    store.retain(budget_bytes=10_000)
    assert bodies(store) == [2]
    assert store.retain(budget_bytes=10_000) == 0


def test_dropping_again_begins_where_it_ended(store):
    fill(store, range(1, 61))
    store.retain(budget_bytes=1 * MIB)
    before = bodies(store)
    fill(store, range(61, 81))
    store.retain(budget_bytes=1 * MIB)
    after = bodies(store)
    assert after[0] > before[0]
    assert after[-1] == 80
    store.check()


def test_a_raised_and_lowered_budget_is_looked_at_again(store):
    fill(store, range(1, 61))
    store.retain(budget_bytes=10 * MIB)
    assert len(bodies(store)) == 60
    store.retain(budget_bytes=MIB // 2)
    assert len(bodies(store)) < 30


def test_the_file_gives_its_room_back(store):
    fill(store, range(1, 201))
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = store.path.stat().st_size
    store.retain(budget_bytes=1 * MIB)
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert before > 4 * MIB
    assert store.path.stat().st_size < 2.3 * MIB


def test_words_that_are_gone_give_their_room_back(store):
    for number in range(1, 1_000):
        words = " ".join(os.urandom(8).hex() for _ in range(60))
        store.record(start(number), end(number, answer=f"{words} {number}"))
    store.index()
    size = "SELECT sum(length(block)) FROM search_data"
    (before,) = store.connection.execute(size).fetchone()
    store.retain(keep_days=1, now_us=NOW_US + 3 * DAY_US)
    (after,) = store.connection.execute(size).fetchone()
    assert before > 2 * KEPT > KEPT > after
    store.check()


@pytest.mark.parametrize("order", ["index first", "drop first"])
def test_bodies_that_were_not_indexed_yet_can_go_too(store, order):
    for number in (1, 2):
        store.record(start(number), end(number, sides=sides(os.urandom(100_000), b"r"), answer=f"answer{number}"))
    if order == "index first":
        store.index()
    store.retain(budget_bytes=50_000)
    store.index()
    assert store.reader.count(Filter(search="answer1")) == 0
    assert store.reader.count(Filter(search="answer2")) == 1
    store.check()
