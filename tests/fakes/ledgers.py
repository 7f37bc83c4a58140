"""A ledger over accounts in memory, with a disk that can be told to fail, and prices that are known at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from app.control.background import Background
from app.control.ledger import BudgetLedger
from app.control.prices import Prices
from app.control.tallies import Account
from app.domain.budget import Budget, Period, Scope, Unit
from app.domain.ledger import Claim
from app.domain.money import Price, PriceRule
from app.store.ledger.file import Balance
from tests.fakes.clock import HandClock

PRICE = Price(1_000_000_000, 5_000_000_000, 100_000_000, 1_250_000_000, 2_000_000_000, source="test prices")
"""A dollar for a million tokens in, two where they go to the cache for an hour, five for a million out."""


class Disk:
    """What the writer would have on the disk; `full` makes it refuse, `gate` keeps holds waiting."""

    def __init__(self) -> None:
        self.holds: dict[int, tuple[tuple[str, int, int], ...]] = {}
        self.balances: dict[tuple[str, int], Balance] = {}
        self.full = False
        self.gate: asyncio.Event | None = None
        self.writes = 0
        self.problem = ""

    def hold(self, hold: int, lines: tuple[tuple[str, int, int], ...]) -> Awaitable[bool]:
        self.writes += 1
        return asyncio.get_running_loop().create_task(self._held(hold, lines), name="write a hold")

    async def _held(self, hold: int, lines: tuple[tuple[str, int, int], ...]) -> bool:
        if self.gate is not None:
            await self.gate.wait()
        if self.full:
            return False
        self.holds[hold] = lines
        return True

    def keep(self, balances: tuple[tuple[str, Balance], ...], *, over: int = 0) -> None:
        self.writes += 1
        self.holds.pop(over, None)
        self.balances |= {(budget, balance.begins_us): balance for budget, balance in balances}


class Bench:
    """A ledger and all around it."""

    def __init__(self, *budgets: Budget, rules: tuple[PriceRule, ...] = (PriceRule("m*", PRICE),)) -> None:
        self.clock = HandClock()
        self.disk = Disk()
        self.background = Background()
        self.rules = rules
        prices = Prices(lambda: self.rules, self.background, self.clock, lambda *_: ())
        self.ledger = BudgetLedger(self.disk, prices, self.clock, lambda key_id: f"key {key_id}")
        self.put(*budgets)

    def put(self, *budgets: Budget) -> None:
        """These budgets from now on; those that were there stay as they are."""
        before = self.ledger.accounts
        self.ledger.adopt({one.id: before.get(one.id) or self.account(one) for one in budgets})

    def account(self, budget: Budget) -> Account:
        made = Account.of(budget, None, self.clock.now_us())
        made.ready.set()
        return made

    def standing(self, budget_id: str = "b") -> Any:
        return self.ledger.accounts[budget_id].standing()


def budget(amount: int = 1_000, **values: Any) -> Budget:
    """A hard token quota of everything, by the day."""
    base: dict[str, Any] = {"id": "b", "scope": Scope.ALL, "subject": "", "unit": Unit.TOKENS, "period": Period.DAY}
    return Budget(**{**base, "amount": amount, **values})


def claim(prompt_tokens: int = 10, output_tokens: int = 50, **values: Any) -> Claim:
    """A request of key k1 to model m1 of provider P."""
    base: dict[str, Any] = {"exchange_id": "x", "key_id": "k1", "provider": "P", "vendor": "v", "model": "m1"}
    return Claim(**{**base, "free": False, **values}, prompt_tokens=prompt_tokens, output_tokens=output_tokens)
