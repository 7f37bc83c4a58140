"""Budgets as people set them, how they stand, and where a new one begins."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol

from app.control.asking import asked
from app.control.background import in_thread
from app.control.budget_warnings import BudgetWarnings
from app.control.core import Core
from app.control.ledger import READY_S, BudgetLedger
from app.control.subscribers import Subscribers
from app.control.tallies import Account
from app.domain import budget_words
from app.domain.budget import Budget, BudgetStanding, Scope, Unit
from app.domain.errors import ConfigError, PatchbayError
from app.domain.status import Severity
from app.store.ledger.file import Account as Stored
from app.store.queries.spent import Asked, Spent
from app.store.state import StateUnavailableError

_log = logging.getLogger(__name__)

UNUSABLE, UNWRITTEN = "budgets", "budgets-unwritten"
RETRY_TURNS = 5
RECORDED_S = 0.3
"""Until what has ended is in the history."""
MOST_QUESTIONS = 10
MOST_AMOUNT = 2**53
MOST_BUDGETS = 1_000
MOST_CHARS = 256


class StoredBudgets(Protocol):
    """What `store.ledger.file.LedgerFile` does; every method blocks and raises StateUnavailableError."""

    def open(self) -> tuple[Stored, ...]:
        """Every budget; what a killed run held counts as used from here on."""

    def read(self) -> tuple[Stored, ...]:
        """Every budget as it is now."""

    def put(self, budget: Budget, now_us: int) -> None:
        """Write a budget down."""

    def remove(self, budget_id: str) -> None:
        """Take a budget away."""


class BudgetControl:
    """The budgets. `spent` is the history's blocking question; without `serving` this process only looks and sets."""

    def __init__(
        self,
        core: Core,
        stored: StoredBudgets,
        ledger: BudgetLedger,
        spent: Callable[[Asked], Spent],
        *,
        serving: bool,
    ) -> None:
        self._core = core
        self._stored = stored
        self._ledger = ledger
        self._spent = spent
        self._serving = serving
        self._opened = False
        self._elsewhere = False
        self._turn = 0
        self._told: tuple[BudgetStanding, ...] = ()
        self._loading = asyncio.Lock()
        self._subscribers: Subscribers[None] = Subscribers()
        self.warnings = BudgetWarnings(core, ledger.key_name, ledger.keep)
        if serving:
            ledger.counted = self.warnings.look
            ledger.too_little = lambda account: self.warnings.look(account, refused=True)

    def standing(self) -> tuple[BudgetStanding, ...]:
        """How every budget stands now: those that refuse requests, then the fullest first."""
        self._ledger.roll(self._ledger.accounts.values(), self._core.clock.now_us())
        keys = {key.id for key in self._core.snapshots.current.client_keys.values()}
        found = (_standing(account, keys) for account in self._ledger.accounts.values())
        return tuple(sorted(found, key=lambda one: (one.urgency, one.budget.id)))

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told, at most once a second, when a budget stands otherwise than before."""
        return self._subscribers.add(callback)

    def on_warning(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Be told when a budget runs low and when it is used up, once each in a period; the result ends that."""
        return self.warnings.subscribe(callback)

    def name_of(self, budget: Budget) -> str:
        """What a budget is called: "monthly budget of the key laptop"."""
        return budget_words.name_of(budget, self._ledger.key_name)

    async def open(self, *, elsewhere: bool = False) -> None:
        """Take over what is kept; `elsewhere`: another process serves requests now. A notice says what is wrong."""
        self._elsewhere = elsewhere
        await self.reload()

    async def reload(self) -> None:
        """Take over the budgets as they are written now; another process may have changed them."""
        async with self._loading:
            folding = self._serving and not self._opened
            try:
                found = await in_thread(self._stored.open if folding else self._stored.read)
            except StateUnavailableError as error:
                self._say_unusable(error)
                return
            fresh = not self._opened
            self._opened = True
            self._ledger.refused = ""
            self._core.notices.drop(UNUSABLE)
            self._adopt(found, fresh=fresh)
        self._tell()

    async def put(self, budget: Budget) -> Budget:
        """Set a budget; an empty id is a new one. It begins with what the history knows. Raises ConfigError."""
        named = replace(budget, id=budget.id or secrets.token_hex(4))
        self._judge(named)
        await self._write(self._stored.put, named, self._core.clock.now_us())
        await self.reload()
        await self.settle()
        return named

    async def remove(self, budget_id: str) -> None:
        """Take a budget away with everything that it counted; raises ConfigError where there is none of that id."""
        if budget_id not in self._ledger.accounts:
            raise ConfigError(f"there is no budget {budget_id!r}", key="budget")
        await self._write(self._stored.remove, budget_id)
        await self.reload()

    async def settle(self) -> None:
        """Wait until every budget knows what its period used so far; a few seconds at most."""
        behind = [account for account in self._ledger.accounts.values() if not account.ready.is_set()]
        try:
            async with asyncio.timeout(READY_S):
                for account in behind:
                    await account.ready.wait()
        except TimeoutError:
            _log.warning("the history takes long to tell what was used so far")

    def tick(self) -> None:
        """Once a second: begin the periods that are due, tell what changed, try again what failed."""
        self._turn += 1
        if self._ledger.refused and self._turn % RETRY_TURNS == 0:
            self._core.background.spawn("read the budgets", self.reload())
        self._say_unwritten()
        for account in self._ledger.accounts.values():
            self.warnings.show(account)
        self._tell()

    def warm(self) -> None:
        """Load the price list ahead where a budget of money will ask it, so that no request waits for that."""
        if any(account.budget.unit is Unit.MONEY for account in self._ledger.accounts.values()):
            self._core.background.spawn("load the price list", self._ledger.prices.steps("", ""))

    def _tell(self) -> None:
        now = self.standing()
        if now != self._told:
            self._told = now
            self._subscribers.tell(None)

    def _adopt(self, found: tuple[Stored, ...], *, fresh: bool) -> None:
        """Known accounts go on in memory; what is new, or counts something else than before, begins from the history.

        Only the first time the file's sums count: later, this process knows better.
        """
        now_us = self._core.clock.now_us()
        before, accounts, changed = self._ledger.accounts, {}, []
        for stored in found:
            budget = stored.budget
            known = before.get(budget.id) if self._serving else None
            if known is None or _counts(known.budget) != _counts(budget):
                trusted = fresh or not self._serving
                accounts[budget.id] = self._account(stored, now_us, trusted=trusted)
                continue
            accounts[budget.id] = known
            if known.budget != budget:
                known.budget = budget
                known.tally.refused_us = 0  # the next request shows whether there is room now
                changed.append(known)
        for budget_id in before.keys() - accounts.keys():
            self.warnings.forget(budget_id)
        if accounts != before:
            self._ledger.adopt(accounts)
        for account in accounts.values():
            if not account.ready.is_set() and account is not before.get(account.budget.id):
                what = f"add up what the budget {account.budget.id} used so far"
                self._core.background.spawn(what, self._seed(account, wait=not fresh))
            elif fresh and self._serving:
                self.warnings.look(account)
                self.warnings.show(account)
        for account in changed:
            self.warnings.reset(account)

    def _account(self, stored: Stored, now_us: int, *, trusted: bool) -> Account:
        account = Account.of(stored.budget, stored.balance if trusted else None, now_us)
        if not self._serving and self._elsewhere:
            account.tally.reserved = stored.held
        elif not self._serving:
            account.tally.used += stored.held  # as the next start will count it
            account.tally.assumed += stored.held
        return account

    async def _seed(self, account: Account, *, wait: bool) -> None:
        """Begin with what the history knows of the period; what ends meanwhile the account counts itself."""
        budget, tally = account.budget, account.tally
        if wait:
            await asyncio.sleep(RECORDED_S)
        free = tuple(one.name for one in self._core.snapshots.current.providers if one.local)
        question = Asked(tally.begins_us, free=free, **self._narrowed(budget))
        try:
            found = await self._used_before(account, question)
        except PatchbayError as error:
            _log.warning("the budget %s begins with nothing: %s", budget.id, error.message)
            found = Spent()
        tally.seeded = found.tokens if budget.unit is Unit.TOKENS else found.cost_nusd
        tally.used += tally.seeded
        tally.unpriced += 0 if budget.unit is Unit.TOKENS else found.unpriced
        account.ended.clear()
        account.ready.set()
        if self._serving:
            self._ledger.keep(account)
            self.warnings.look(account)
        self._tell()

    async def _used_before(self, account: Account, question: Asked) -> Spent:
        """Ask until nothing ended meanwhile, which the history might tell of as well as the account."""
        found = Spent()
        for _ in range(MOST_QUESTIONS):
            besides = frozenset(account.ended)
            found = await asked(self._spent, replace(question, besides=besides))
            if besides == account.ended:
                break
        return found

    def _narrowed(self, budget: Budget) -> dict[str, str]:
        if budget.scope is Scope.ALL:
            return {}
        key = budget.scope is Scope.KEY
        return {budget.scope.value: self._ledger.key_name(budget.subject) if key else budget.subject}

    def _judge(self, budget: Budget) -> None:
        if not 0 < budget.amount <= MOST_AMOUNT:
            raise ConfigError("must be more than nothing, and less than anybody has", key="amount")
        if not 0 <= budget.warn_percent <= 100:
            raise ConfigError("must be from 0 (never) to 100", key="warn_percent")
        if (budget.scope is Scope.ALL) != (not budget.subject.strip()):
            raise ConfigError("must name a key, provider or model; only a budget of everything has none", key="subject")
        if len(budget.subject) > MOST_CHARS or not budget.subject.isprintable():
            raise ConfigError(f"must be at most {MOST_CHARS} printable characters", key="subject")
        known = self._ledger.accounts
        if budget.id not in known and len(known) >= MOST_BUDGETS:
            raise ConfigError(f"must not be more than {MOST_BUDGETS:,}", key="budgets")
        keys = {key.id for key in self._core.snapshots.current.client_keys.values()}
        if budget.scope is Scope.KEY and budget.id not in known and budget.subject not in keys:
            raise ConfigError(f"there is no client key {budget.subject!r}", key="subject")

    async def _write(self, call: Callable[..., None], *values: object) -> None:
        try:
            await in_thread(call, *values)
        except StateUnavailableError as error:
            raise ConfigError(f"nothing was changed: {error}", key="budget") from None

    def _say_unwritten(self) -> None:
        problem = self._ledger.problem
        if problem and self._ledger.accounts:
            text = f"What budgets count cannot be written down ({problem}). Requests of hard budgets are refused."
            self._core.notices.put(UNWRITTEN, Severity.ERROR, text)
        else:
            self._core.notices.drop(UNWRITTEN)

    def _say_unusable(self, error: StateUnavailableError) -> None:
        if self._opened:
            _log.warning("the budgets were not reloaded: %s", error)
            return
        self._ledger.refused = str(error)
        text = f"Nobody knows which budgets there are, so no request is sent: {error}"
        self._core.notices.put(UNUSABLE, Severity.ERROR, text)


def _standing(account: Account, keys: AbstractSet[str]) -> BudgetStanding:
    standing, budget = account.standing(), account.budget
    idle = budget.scope is Scope.KEY and budget.subject not in keys
    return replace(standing, idle=True) if idle else standing


def _counts(budget: Budget) -> tuple[object, ...]:
    """What a budget counts; where it changes, the counting begins anew."""
    return budget.scope, budget.subject, budget.unit, budget.period
