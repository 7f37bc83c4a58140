from __future__ import annotations

import sqlite3

import pytest

from app.store.trouble import Trouble, retry_after_s, trouble_of


def failed(statement):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (a INTEGER UNIQUE) STRICT")
    try:
        connection.execute("INSERT INTO t VALUES (1)")
        connection.executescript(statement)
    except sqlite3.Error as error:
        return error
    finally:
        connection.close()
    raise AssertionError("it did not fail")


def test_a_full_disk_is_told_by_its_code():
    full = "PRAGMA max_page_count = 2; CREATE TABLE big (b); INSERT INTO big VALUES (zeroblob(100000))"
    assert trouble_of(failed(full)) is Trouble.FULL


def test_a_value_that_no_row_takes_is_the_fault_of_the_event():
    assert trouble_of(failed("INSERT INTO t VALUES (1)")) is Trouble.POISON
    assert trouble_of(failed("INSERT INTO t VALUES ('x')")) is Trouble.POISON
    assert trouble_of(OverflowError()) is Trouble.POISON
    assert trouble_of(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates")) is Trouble.POISON


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("SQLITE_BUSY", Trouble.LOCKED),
        ("SQLITE_BUSY_SNAPSHOT", Trouble.LOCKED),
        ("SQLITE_IOERR_WRITE", Trouble.UNWRITABLE),
        ("SQLITE_READONLY_DBMOVED", Trouble.UNWRITABLE),
        ("SQLITE_CANTOPEN", Trouble.UNWRITABLE),
        ("SQLITE_CORRUPT_VTAB", Trouble.DAMAGED),
        ("SQLITE_NOTADB", Trouble.DAMAGED),
    ],
)
def test_extended_codes_are_known_by_their_plain_ones(name, trouble):
    error = sqlite3.OperationalError("x")
    error.sqlite_errorname = name
    assert trouble_of(error) is trouble


def test_a_file_that_cannot_be_opened_is_unwritable():
    assert trouble_of(PermissionError()) is Trouble.UNWRITABLE


@pytest.mark.parametrize(("outage_s", "pause_s"), [(0, 1), (9, 1), (60, 6), (300, 30), (86_400, 30)])
def test_a_short_outage_ends_within_a_second_and_a_long_one_costs_little(outage_s, pause_s):
    assert retry_after_s(outage_s) == pause_s
