from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from app.domain.budget import Budget, Period, Scope, Unit
from app.store.ledger.file import Account, Balance, LedgerFile
from app.store.state import StateUnavailableError

MONTH = Budget("m", Scope.KEY, "k1", Unit.MONEY, Period.MONTH, 20_000_000_000, hard=False, warn_percent=50)
TOTAL = Budget("t", Scope.ALL, "", Unit.TOKENS, Period.TOTAL, 1_000)


def run(path, statement, *values):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)


def balance(path, budget, begins_us=0, ends_us=100, used=0, assumed=0):
    run(path, "INSERT INTO balance VALUES (?, ?, ?, ?, ?, 0, 0, 0)", budget, begins_us, ends_us, used, assumed)


def hold(path, number, budget, amount, begins_us=0):
    run(path, "INSERT INTO hold VALUES (?, ?, ?, ?)", number, budget, begins_us, amount)


def test_budgets_come_back_as_they_were_set_in_their_order(file):
    file.put(MONTH, 2)
    file.put(TOTAL, 1)
    assert file.read() == (Account(TOTAL, None), Account(MONTH, None))


def test_another_amount_keeps_what_was_used_and_another_subject_does_not(file, path):
    file.put(MONTH, 1)
    balance(path, "m", used=7)
    file.put(replace(MONTH, amount=5, hard=True, warn_percent=0), 2)
    assert file.read() == (Account(replace(MONTH, amount=5, hard=True, warn_percent=0), Balance(0, 100, 7)),)
    file.put(replace(MONTH, subject="k2"), 3)
    assert file.read() == (Account(replace(MONTH, subject="k2"), None),)


def test_a_removed_budget_leaves_nothing(file, path):
    file.put(TOTAL, 1)
    balance(path, "t")
    hold(path, 1, "t", 10)
    file.remove("t")
    file.remove("no such budget")
    assert file.read() == ()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM balance").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM hold").fetchone() == (0,)


def test_what_a_killed_run_held_counts_as_used_once(file, path):
    file.put(TOTAL, 1)
    balance(path, "t", used=500)
    hold(path, 1, "t", 40)
    hold(path, 2, "t", 2)
    assert file.read() == (Account(TOTAL, Balance(0, 100, 500), held=42),)
    assert file.open() == (Account(TOTAL, Balance(0, 100, 542, assumed=42)),)
    assert file.open() == (Account(TOTAL, Balance(0, 100, 542, assumed=42)),)


def test_a_hold_of_a_past_period_does_not_count_in_the_newest(file, path):
    file.put(TOTAL, 1)
    balance(path, "t", 0, 100, used=10)
    balance(path, "t", 100, 200, used=20)
    hold(path, 1, "t", 5, begins_us=0)
    assert file.open() == (Account(TOTAL, Balance(100, 200, 20)),)


def test_past_periods_and_sums_of_no_budget_are_cleared_away(file, path):
    file.put(TOTAL, 1)
    balance(path, "t", 0, 100)
    balance(path, "t", 100, 200)
    balance(path, "gone")
    file.open()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT budget, begins_us FROM balance").fetchall() == [("t", 100)]


def test_a_file_that_cannot_be_read_is_an_error_in_words(tmp_path):
    folder = tmp_path / "state.db"
    folder.mkdir()
    with pytest.raises(StateUnavailableError, match="state.db cannot be used"):
        LedgerFile(folder).read()
