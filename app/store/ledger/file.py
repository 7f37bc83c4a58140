"""Budgets and their sums read from `state.db`, and budgets as people set them. Blocking: executor threads."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from app.domain.budget import Budget, Period, Scope, Unit
from app.store.state import connected, writing

_FIELDS = "id, scope, subject, unit, period, amount, hard, warn_percent"
_BUDGETS = f"SELECT {_FIELDS} FROM budget ORDER BY created_us, id"  # noqa: S608 (a constant of ours)
_BALANCES = (
    "SELECT budget, begins_us, ends_us, used, assumed, seeded, unpriced, warned FROM balance AS b "
    "WHERE begins_us = (SELECT max(begins_us) FROM balance WHERE budget = b.budget)"
)
_HELD = "SELECT budget, begins_us, sum(amount) FROM hold GROUP BY budget, begins_us"
_FOLD = "UPDATE balance SET used = used + ?, assumed = assumed + ? WHERE budget = ? AND begins_us = ?"
_STRAY = (
    "DELETE FROM balance WHERE budget NOT IN (SELECT id FROM budget)",
    "DELETE FROM balance AS b WHERE begins_us < (SELECT max(begins_us) FROM balance WHERE budget = b.budget)",
)
_PUT = (
    f"INSERT INTO budget ({_FIELDS}, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
    "ON CONFLICT DO UPDATE SET scope = excluded.scope, subject = excluded.subject, unit = excluded.unit, "
    "period = excluded.period, amount = excluded.amount, hard = excluded.hard, warn_percent = excluded.warn_percent"
)
_COUNTED_APART = "SELECT 1 FROM budget WHERE id = ? AND (scope, subject, unit, period) <> (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a budget counted in one period."""

    begins_us: int
    ends_us: int
    used: int = 0
    assumed: int = 0
    seeded: int = 0
    unpriced: int = 0
    warned: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A budget with its newest period, as they are on the disk."""

    budget: Budget
    balance: Balance | None
    """None where nothing was counted yet: what its period used so far is in the history only."""
    held: int = 0
    """By requests that run, or ran when Patchbay was killed."""


class LedgerFile:
    """The budgets of a `state.db` that is there already. Every method blocks and raises StateUnavailableError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> tuple[Account, ...]:
        """Every budget; what a killed run still held counts as used from here on.

        For the running program alone, before it holds anything itself.
        """
        with writing(self._path) as connection:
            for budget, begins_us, amount in connection.execute(_HELD).fetchall():
                connection.execute(_FOLD, (amount, amount, budget, begins_us))
            connection.execute("DELETE FROM hold")
            for statement in _STRAY:
                connection.execute(statement)
            return _accounts(connection)

    def read(self) -> tuple[Account, ...]:
        """Every budget as it is now; changes nothing."""
        with connected(self._path) as connection:
            connection.execute("BEGIN")  # one moment of the file, without keeping writers off
            found = _accounts(connection)
            connection.execute("COMMIT")
            return found

    def put(self, budget: Budget, now_us: int) -> None:
        """Write a budget down; one that counts something else than before begins anew."""
        counted = (budget.scope.value, budget.subject, budget.unit.value, budget.period.value)
        rest = (budget.amount, int(budget.hard), budget.warn_percent, now_us)
        with writing(self._path) as connection:
            if connection.execute(_COUNTED_APART, (budget.id, *counted)).fetchone():
                _forget(connection, budget.id)
            connection.execute(_PUT, (budget.id, *counted, *rest))

    def remove(self, budget_id: str) -> None:
        """Take a budget away with everything that it counted."""
        with writing(self._path) as connection:
            _forget(connection, budget_id)
            connection.execute("DELETE FROM budget WHERE id = ?", (budget_id,))


def _forget(connection: sqlite3.Connection, budget_id: str) -> None:
    connection.execute("DELETE FROM balance WHERE budget = ?", (budget_id,))
    connection.execute("DELETE FROM hold WHERE budget = ?", (budget_id,))


def _accounts(connection: sqlite3.Connection) -> tuple[Account, ...]:
    balances = {budget: Balance(*rest) for budget, *rest in connection.execute(_BALANCES)}
    held = {(budget, begins_us): amount for budget, begins_us, amount in connection.execute(_HELD)}
    found = []
    for key, scope, subject, unit, period, amount, hard, warn_percent in connection.execute(_BUDGETS):
        budget = Budget(key, Scope(scope), subject, Unit(unit), Period(period), amount, bool(hard), warn_percent)
        balance = balances.get(key)
        reserved = held.get((key, balance.begins_us), 0) if balance else 0
        found.append(Account(budget, balance, reserved))
    return tuple(found)
