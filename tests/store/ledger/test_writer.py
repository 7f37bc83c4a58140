from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest

from app.domain.budget import Budget, Period, Scope, Unit
from app.store.ledger import writer as writing
from app.store.ledger.file import Account, Balance
from app.store.ledger.writer import LedgerWriter

BUDGET = Budget("t", Scope.ALL, "", Unit.TOKENS, Period.TOTAL, 1_000)


@pytest.fixture
def writer(file, path):
    file.put(BUDGET, 1)
    made = LedgerWriter(path)
    yield made
    made.close(5)


def on_disk(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, budget, begins_us, amount FROM hold ORDER BY id").fetchall()


def begun(used=0, **more):
    return (("t", Balance(0, 100, used, **more)),)


async def test_a_hold_is_on_the_disk_when_it_is_answered(writer, path):
    writer.keep(begun())
    assert await writer.hold(1, (("t", 0, 40),))
    assert on_disk(path) == [(1, "t", 0, 40)]


async def test_what_a_request_used_replaces_its_hold(writer, file):
    writer.keep(begun())
    assert await writer.hold(1, (("t", 0, 40),))
    writer.keep(begun(used=12, unpriced=1, warned=2), over=1)
    assert writer.close(5)
    assert file.read() == (Account(BUDGET, Balance(0, 100, 12, unpriced=1, warned=2)),)


async def test_many_holds_share_a_commit(writer, path, monkeypatch):
    commits = []
    real = writing.transaction
    monkeypatch.setattr(writing, "transaction", lambda connection: commits.append(1) or real(connection))
    writer.keep(begun())
    assert all(await asyncio.gather(*(writer.hold(number, (("t", 0, 1),)) for number in range(1, 201))))
    assert len(on_disk(path)) == 200
    assert len(commits) < 50


async def test_a_disk_that_takes_nothing_is_said_and_what_it_missed_is_written_later(writer, file, path, monkeypatch):
    monkeypatch.setattr(writing, "RETRY_S", 0.01)
    writer.keep(begun())
    assert await writer.hold(1, (("t", 0, 40),))
    real = writing.transaction

    def full(_connection):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(writing, "transaction", full)
    writer.keep(begun(used=12), over=1)
    assert not await writer.hold(2, (("t", 0, 7),))
    assert writer.problem == "database or disk is full"
    writer.keep((), over=2)
    monkeypatch.setattr(writing, "transaction", real)
    assert await writer.hold(3, (("t", 0, 5),))
    assert writer.problem == ""
    assert file.read() == (Account(BUDGET, Balance(0, 100, 12), held=5),)


async def test_without_another_hold_a_clock_tries_again(writer, file, monkeypatch):
    monkeypatch.setattr(writing, "RETRY_S", 0.01)
    tried = threading.Event()
    real = writing.transaction

    def full(_connection):
        tried.set()
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(writing, "transaction", full)
    writer.keep(begun(used=3))
    assert await asyncio.to_thread(tried.wait, 5)
    monkeypatch.setattr(writing, "transaction", real)
    async with asyncio.timeout(5):
        while file.read() != (Account(BUDGET, Balance(0, 100, 3)),):
            await asyncio.sleep(0.01)


async def test_sums_of_a_removed_budget_do_not_come_back(writer, file):
    file.remove("t")
    writer.keep(begun(used=3))
    assert writer.close(5)
    file.put(BUDGET, 1)
    assert file.read() == (Account(BUDGET, None),)


def test_one_that_never_wrote_has_no_thread_and_closes_at_once(writer):
    before = threading.active_count()
    assert writer.close(0)
    assert threading.active_count() == before
