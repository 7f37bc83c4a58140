"""What one budget counts in one period, and how a period follows another. Memory only; the loop's thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from app.control import claims
from app.domain.budget import Budget, BudgetStanding, Scope, Unit
from app.domain.ledger import Claim
from app.domain.money import PriceSteps
from app.domain.periods import EVER_US, next_period, period_at
from app.domain.usage import Usage
from app.domain.wildcard import fits
from app.store.ledger.file import Balance

LOW, USED_UP = 1, 2
"""How far the user was told: that it runs low, that it is used up or has too little left."""
STILL_US = 60_000_000
"""What passes so soon after a refusal does not take it back: large requests and small ones come in turn."""


@dataclass(slots=True)
class Tally:
    """The counts of one period; the fields are those of `Balance`, which is what is kept of it."""

    begins_us: int
    ends_us: int
    used: int = 0
    assumed: int = 0
    seeded: int = 0
    unpriced: int = 0
    warned: int = 0
    reserved: int = 0
    """Held by requests that run; each counts in the period in which it began."""
    refused_us: int = 0
    """When a request was last refused until the period ends; 0 where none was, or others passed since."""

    def pass_one(self, need: int, now_us: int) -> None:
        """Hold what a request may need."""
        self.reserved += need
        if self.refused_us and not 0 <= now_us - self.refused_us < STILL_US:
            self.refused_us = 0

    def balance(self) -> Balance:
        """What is to be kept."""
        sums = (self.used, self.assumed, self.seeded, self.unpriced, self.warned)
        return Balance(self.begins_us, self.ends_us, *sums)


@dataclass(slots=True, eq=False)
class Account:
    """A budget with its present period."""

    budget: Budget
    tally: Tally
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once everything that its period used so far is in it."""
    ended: set[str] = field(default_factory=set)
    """Exchanges that it counted itself before it was ready: the history tells of them too."""

    @staticmethod
    def of(budget: Budget, balance: Balance | None, now_us: int) -> Account:
        """An account as it was kept, or one that begins; the latter is not ready."""
        if balance is None:
            return Account(budget, Tally(*period_at(budget.period, now_us)))
        sums = (balance.used, balance.assumed, balance.seeded, balance.unpriced, balance.warned)
        made = Account(budget, Tally(balance.begins_us, balance.ends_us, *sums))
        if balance.warned == USED_UP and balance.used < budget.amount:
            made.tally.refused_us = now_us - STILL_US  # as before the restart; the next that passes takes it back
        made.ready.set()
        return made

    def roll(self, now_us: int) -> bool:
        """Begin the next period if this one is over; a clock that is set back begins none again."""
        if now_us < self.tally.ends_us:
            return False
        self.tally = Tally(*next_period(self.budget.period, self.tally.ends_us, now_us))
        return True

    def touches(self, key_id: str, provider: str, model: str) -> bool:
        """Whether it counts such requests."""
        budget = self.budget
        if budget.scope is Scope.MODEL:
            return fits(model, (budget.subject,))
        whose = {Scope.ALL: "", Scope.KEY: key_id, Scope.PROVIDER: provider}
        return whose[budget.scope] == budget.subject

    def need(self, claim: Claim, steps: PriceSteps) -> int | None:
        """The most that the claim may use of it; None where nobody knows its price."""
        if self.budget.unit is Unit.TOKENS:
            return claims.most_tokens(claim)
        return claims.most_nusd(claim, steps)

    def room(self, need: int) -> bool:
        """Whether so much fits beside all that is used and held."""
        return self.tally.used + self.tally.reserved + need <= self.budget.amount

    def count(self, tally: Tally, usage: Usage, claim: Claim, steps: PriceSteps, *, assumed: bool = False) -> None:
        """Book a usage in one of its periods."""
        if self.budget.unit is Unit.TOKENS:
            amount: int | None = claims.used_tokens(usage)
        else:
            amount = claims.used_nusd(usage, claim, steps)
        if amount is None:
            tally.unpriced += 1
        else:
            tally.used = min(tally.used + amount, EVER_US)
            tally.assumed += amount if assumed else 0
        if not self.ready.is_set():
            self.ended.add(claim.exchange_id)

    def standing(self) -> BudgetStanding:
        """How it stands now."""
        budget, tally = self.budget, self.tally
        return BudgetStanding(
            budget,
            tally.used,
            tally.reserved,
            resets_us=0 if tally.ends_us >= EVER_US else tally.ends_us,
            unpriced=tally.unpriced,
            assumed=tally.assumed,
            seeded=tally.seeded,
            too_little=budget.hard and tally.refused_us > 0 and tally.used < budget.amount,
        )
