from __future__ import annotations

import sqlite3

import pytest

from app.domain.exchange import Filter
from app.store import opening, schema
from app.store.queries.reader import HistoryReader
from tests.fakes.exchanges import NOW_US, injected, start
from tests.store.conftest import NOBODY, Started


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_history_is_made_with_its_folder(tmp_path):
    path = tmp_path / "data" / "history.db"
    assert opening.prepare(path, NOW_US, injected()) == ()
    assert HistoryReader(path).count(Filter()) == 0


def test_a_damaged_history_is_replaced_and_the_user_told(tmp_path):
    path = tmp_path / "history.db"
    path.write_bytes(b"garbage" * 2_000)
    (notice,) = opening.prepare(path, NOW_US, injected())
    assert "history.corrupt-20260503T140000Z.db" in notice
    assert HistoryReader(path).count(Filter()) == 0


def test_a_database_of_somebody_else_is_moved_aside(tmp_path):
    path = tmp_path / "history.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    (notice,) = opening.prepare(path, NOW_US, injected())
    assert "was not Patchbay's" in notice
    assert names(tmp_path) == ["history.corrupt-20260503T140000Z.db", "history.db"]


def test_a_newer_history_is_left_alone(tmp_path, store):
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(schema.TooNewError):
        opening.prepare(store.path, NOW_US, injected())
    assert names(tmp_path) == ["history.db"]


def test_a_history_found_damaged_at_work_is_replaced(store):
    store.record(start())
    store.close()
    opened = opening.reopen(store.path, NOW_US, store.injected, damaged=True)
    opened.recording.apply([Started(start(2), NOBODY)])
    opened.close()
    assert store.reader.count(Filter()) == 1
    assert len([name for name in names(store.path.parent) if "corrupt" in name]) >= 1


def test_errors_are_those_of_sqlite_whatever_peewee_makes_of_them(tmp_path, monkeypatch):
    path = tmp_path / "history.db"
    path.write_bytes(b"garbage" * 2_000)
    with pytest.raises(sqlite3.DatabaseError):
        opening.reopen(path, NOW_US, injected(), damaged=False)


def test_closing_twice_is_no_error(store):
    store.close()
    store.close()
