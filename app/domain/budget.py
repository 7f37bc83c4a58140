"""Budgets and quotas: how much money or how many tokens a key, a provider, a model or everything may use in a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whose use is counted."""

    ALL = "all"
    KEY = "key"
    """`subject` is the id of a client key."""
    PROVIDER = "provider"
    MODEL = "model"
    """`subject` is the name sent to the provider; `*` stands for any part of it."""


class Unit(StrEnum):
    """What is counted."""

    MONEY = "money"
    """Nano-dollars."""
    TOKENS = "tokens"
    """All that went in and came out."""


class Period(StrEnum):
    """When the count begins anew, by the local calendar."""

    DAY = "day"
    WEEK = "week"
    """From Monday on."""
    MONTH = "month"
    TOTAL = "total"
    """Never."""


@dataclass(frozen=True, slots=True)
class Budget:
    """One bound. A hard one is never exceeded; a soft one only warns."""

    id: str
    scope: Scope
    subject: str
    """Empty for `ALL`."""
    unit: Unit
    period: Period
    amount: int
    """Nano-dollars or tokens."""
    hard: bool = True
    warn_percent: int = 80
    """From this share on the user is told; 0 for never."""


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """How a budget stands now."""

    budget: Budget
    used: int
    """Settled, in the budget's unit."""
    reserved: int
    """Held by requests that still run."""
    resets_us: int
    """When its period ends; 0 for never."""
    unpriced: int = 0
    """Requests of this period whose price nobody knows: `used` is at least that much."""
    assumed: int = 0
    """Part of `used` that is a guess: the most of requests that ran as Patchbay was killed, and the prompts of those
    that providers had and nobody waited for."""
    seeded: int = 0
    """Part of `used`: taken over from the history when the budget was made."""
    idle: bool = False
    """The key whose use it counts is gone, so it bounds nothing."""
    too_little: bool = False
    """Something is left, but a request that may have needed more was refused until the period ends, and none passed
    for a while since."""

    @property
    def left(self) -> int:
        """What a new request may still reserve; never negative."""
        return max(0, self.budget.amount - self.used - self.reserved)

    @property
    def share(self) -> float:
        """Used part of the amount; may exceed 1 for a soft budget."""
        return self.used / self.budget.amount if self.budget.amount else 1.0

    @property
    def refuses(self) -> bool:
        """Whether it is why requests are refused now: hard, somebody's, and used up or with too little left."""
        full = self.used >= self.budget.amount or self.too_little
        return self.budget.hard and full and not self.idle

    @property
    def urgency(self) -> tuple[bool, bool, float]:
        """To sort by: those that refuse requests, then the fullest; last those that bound nothing."""
        return self.idle, not self.refuses, -self.share
