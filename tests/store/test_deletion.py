"""What is deleted is in no file any more, whoever holds the file open."""

from __future__ import annotations

import asyncio
import os

import pytest

from app.domain.exchange import Filter, State
from app.store.deletion import Deleted, Deletion, DeletionError, copies_of
from app.store.hourly import HOUR_US, wrong_hours
from app.store.intake import Counted
from tests.fakes.exchanges import NOW_US, end, exchange_id, rows_of, sides, start, texts
from tests.store.test_history import make

CANARIES = ("promptcanary", "replycanary", "answercanary", "errorcanary", "headcanary")


def canary(store, number, **values):
    """An exchange with a word of its own everywhere."""
    words = [f"{one}{number}x" for one in CANARIES]
    asked = sides(f"shared|{words[0]} {'filler ' * 300}{os.urandom(200).hex()}".encode(), words[1].encode())
    head = (*asked.client_request.headers, ("x-note", words[4]))
    object.__setattr__(asked.client_request, "headers", head)
    store.record(start(number, **values))
    store.record(end(number, sides=asked, answer=words[2], error=words[3], state=State.FAILED))


def found(folder, number):
    """Words of that exchange in the raw files."""
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    return [one for one in CANARIES if f"{one}{number}x".encode() in raw or f"{one}{number}x"[:12].encode() in raw]


@pytest.fixture
def filled(store):
    for number in range(101, 121):
        canary(store, number, session_id=f"s{number % 2}", provider=f"P{number % 4}")
    store.index()
    while store.opened.hourly.step(NOW_US + 2 * HOUR_US):
        pass
    return store


def test_what_was_recorded_is_in_the_file_before(filled):
    raw = b"".join(path.read_bytes() for path in filled.path.parent.iterdir())
    assert b"answercanary105x" in raw
    assert b"errorcanary105x" in raw


@pytest.mark.parametrize(
    ("wanted", "ids", "gone"),
    [
        (Filter(session_id="s1"), (), set(range(101, 121, 2))),
        (Filter(), (exchange_id(105), exchange_id(106)), {105, 106}),
        (Filter(providers=("P2",)), (), {102, 106, 110, 114, 118}),
        (Filter(search="answercanary107x"), (), {107}),
        (Filter(until_us=NOW_US + 104), (), {101, 102, 103}),
        (Filter(states=(State.DONE,)), (), set()),
    ],
    ids=["session", "ids", "provider", "words", "time", "nothing"],
)
def test_deleted_exchanges_leave_no_trace(filled, wanted, ids, gone):
    deletion = Deletion(filled.path, texts)
    assert deletion.count(wanted, ids) == len(gone)
    told = []
    assert deletion.delete(wanted, ids, told=told.append) == Deleted(len(gone), 0)
    left = {int(row.id, 16) for row in rows_of(filled.reader)}
    assert left == set(range(101, 121)) - gone
    raw = b"".join(path.read_bytes() for path in filled.path.parent.iterdir())
    for number in range(101, 121):
        words = [one for one in CANARIES if f"{one}{number}x".encode() in raw]
        assert bool(words) == (number in left), (number, words)
    assert filled.reader.count(Filter(search="shared")) == len(left)
    assert wrong_hours(filled.connection) == 0
    filled.check()


def test_a_purge_leaves_nothing_but_what_runs(filled):
    filled.record(start(900), Counted(start(901, provider="countcanary"), end(901)))
    assert Deletion(filled.path, texts).purge() == Deleted(20, 1)
    raw = b"".join(path.read_bytes() for path in filled.path.parent.iterdir())
    assert b"canary" not in raw
    assert [row.id for row in rows_of(filled.reader)] == [exchange_id(900)]
    assert filled.path.stat().st_size < 300_000
    filled.record(end(900, sides=sides(b"after all", b"reply")))
    filled.index()
    assert filled.reader.count(Filter(search="after")) == 1
    filled.check()


def test_many_rows_go_in_small_transactions_and_the_writer_comes_between(filled):
    for number in range(1_000, 2_200):
        filled.exchange(number)
    between = []

    def told(done):
        filled.exchange(10_000 + done)
        between.append(done)

    Deletion(filled.path, texts).delete(Filter(), told=told)
    assert len(between) >= 4
    assert filled.reader.count(Filter()) == len(between)
    filled.check()


def test_a_writer_that_knew_a_block_does_not_refer_to_it_once_it_is_gone(filled):
    filled.exchange(500, sides=sides(b"known|body", b"known reply"), answer="known answer")
    Deletion(filled.path, texts).delete(Filter(), (exchange_id(500),))
    filled.exchange(501, sides=sides(b"known|body", b"known reply"), answer="known answer")
    detail = filled.reader.detail(exchange_id(501))
    assert (detail.client_request.body, detail.answer) == (b"known|body", "known answer")
    filled.check()


async def test_it_works_beside_a_running_history(tmp_path):
    path = tmp_path / "history.db"
    history = make(path)
    await asyncio.to_thread(history.open)
    for number in range(1, 40):
        assert await history.start(start(number, session_id=f"s{number % 2}"))
        history.finish(end(number, sides=sides(b"shared|canary%dx" % number, b"reply"), answer=f"canary{number}x"))
    assert await asyncio.to_thread(history.settle, 10)
    deleting = asyncio.get_running_loop().run_in_executor(
        None, lambda: Deletion(path, texts).delete(Filter(session_id="s1"))
    )
    for number in range(40, 80):
        assert await history.start(start(number, session_id="s2"))
        history.finish(end(number, sides=sides(b"shared|later%dx" % number, b"reply")))
    assert (await deleting).rows == 20
    assert await asyncio.to_thread(history.settle, 10)
    await asyncio.to_thread(history.close, 10)
    raw = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"canary7x" not in raw
    assert b"canary8x" in raw
    from app.store.queries.reader import HistoryReader

    reader = HistoryReader(path)
    assert reader.count(Filter()) == 19 + 40
    assert reader.detail(exchange_id(60)).client_request.body == b"shared|later60x"


def test_a_history_of_another_version_is_left_alone(store):
    store.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DeletionError, match="another version"):
        Deletion(store.path, texts).purge()


def test_no_history_is_nothing_to_delete(tmp_path):
    assert Deletion(tmp_path / "history.db", texts).purge() == Deleted(0, 0)
    assert not (tmp_path / "history.db").exists()


def test_older_copies_are_named(tmp_path):
    names = ("history.before-2.db", "history.corrupt-20260101T000000Z.db", "history.corrupt-20260101T000000Z.db-wal")
    for name in (*names, "history.db", "other.before-2.db"):
        (tmp_path / name).touch()
    assert [path.name for path in copies_of(tmp_path / "history.db")] == sorted(names)
