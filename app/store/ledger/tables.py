"""The tables of budgets in `state.db`, as peewee models.

    budget --< balance      what one period used
           --< hold         what running requests may yet use

Amounts are nano-dollars or tokens, as the budget counts.
"""
# ruff: noqa: D106 (peewee's Meta says nothing to a reader)

from __future__ import annotations

from peewee import CompositeKey, IntegerField, Model, TextField


class _Table(Model):
    class Meta:
        strict_tables = True


class BudgetRow(_Table):
    """A budget as it was set; see `domain.budget.Budget`."""

    id = TextField(primary_key=True)
    scope = TextField()
    subject = TextField()
    unit = TextField()
    period = TextField()
    amount = IntegerField()
    hard = IntegerField()
    warn_percent = IntegerField()
    created_us = IntegerField()

    class Meta:
        table_name = "budget"


class BalanceRow(_Table):
    """What a budget counted in one period."""

    budget = TextField()
    begins_us = IntegerField()
    ends_us = IntegerField()
    used = IntegerField()
    assumed = IntegerField()
    """Part of `used`: holds of a run that was killed."""
    seeded = IntegerField()
    """Part of `used`: taken over from the history."""
    unpriced = IntegerField()
    warned = IntegerField()
    """How far the user was told: 0 not at all, 1 that it runs low, 2 that it is used up."""

    class Meta:
        table_name = "balance"
        primary_key = CompositeKey("budget", "begins_us")
        without_rowid = True


class HoldRow(_Table):
    """The most that a running request may use of a budget."""

    id = IntegerField()
    """Of the request; several rows where several budgets are touched."""
    budget = TextField()
    begins_us = IntegerField()
    """Of the period that it counts in."""
    amount = IntegerField()

    class Meta:
        table_name = "hold"
        primary_key = CompositeKey("id", "budget")
        without_rowid = True


LEDGER = (BudgetRow, BalanceRow, HoldRow)
