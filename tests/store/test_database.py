from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys

import pytest
from peewee import OperationalError

from app.store.database import connection_of, history_database, reading_database, state_database, transaction


def pragmas(database, *names):
    with database.connection_context():
        return {name: database.pragma(name) for name in names}


def test_the_history_is_opened_with_its_pragmas(tmp_path):
    found = pragmas(
        history_database(tmp_path / "history.db"),
        "journal_mode",
        "synchronous",
        "auto_vacuum",
        "secure_delete",
        "foreign_keys",
        "trusted_schema",
        "busy_timeout",
        "journal_size_limit",
        "wal_autocheckpoint",
    )
    assert found == {
        "journal_mode": "wal",
        "synchronous": 1,
        "auto_vacuum": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5_000,
        "journal_size_limit": 64 * 1024 * 1024,
        "wal_autocheckpoint": 1_000,
    }


def test_the_state_survives_a_power_cut(tmp_path):
    assert pragmas(state_database(tmp_path / "state.db"), "synchronous") == {"synchronous": 2}


def test_files_are_for_the_user_alone_whatever_the_folder_or_the_file_was(tmp_path):
    path = tmp_path / "data" / "history.db"
    path.parent.mkdir()
    path.touch(mode=0o644)
    database = history_database(path)
    with database.connection_context():
        connection_of(database).execute("CREATE TABLE t (a)")
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert modes == {"history.db": 0o600, "history.db-wal": 0o600, "history.db-shm": 0o600}


def test_a_reader_changes_nothing_and_makes_no_file(tmp_path):
    path = tmp_path / "a history?#%.db"
    with pytest.raises(OperationalError), reading_database(path).connection_context():
        pass
    assert not path.exists()
    writing = history_database(path)
    with writing.connection_context():
        connection_of(writing).execute("CREATE TABLE t (a)")
        reading = reading_database(path)
        with reading.connection_context(), pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection_of(reading).execute("INSERT INTO t VALUES (1)")


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path):
    database = history_database(tmp_path / "history.db")
    with database.connection_context():
        connection = connection_of(database)
        connection.execute("CREATE TABLE t (a UNIQUE)")
        with transaction(connection):
            connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(sqlite3.IntegrityError), transaction(connection):
            connection.executemany("INSERT INTO t VALUES (?)", [(2,), (1,)])
        assert connection.execute("SELECT a FROM t").fetchall() == [(1,)]
        assert not connection.in_transaction


READ = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM t").fetchone()[0])
connection.close()
"""


def test_opening_the_file_again_gives_up_no_lock_of_the_connection_that_writes(tmp_path):
    path = tmp_path / "history.db"
    writer = history_database(path)
    writer.connect()
    connection = connection_of(writer)
    connection.execute("CREATE TABLE t (x)")
    history_database(path)  # in one process, as a deletion beside the recorder
    for count in range(3):
        connection.execute("INSERT INTO t VALUES (1)")
        reader = [sys.executable, "-c", READ, str(path)]
        assert int(subprocess.run(reader, capture_output=True, check=True).stdout) == count + 1
        assert path.with_name("history.db-wal").exists()
    writer.close()
