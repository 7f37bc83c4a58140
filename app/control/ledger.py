"""Reserve, then settle, exactly: every decision is made in memory on the loop's thread, and kept before it counts.

A claim is booked at its worst in every budget that it touches, or in none. For hard budgets `used + reserved <= amount`
holds after every reservation, whatever runs at once, because nothing is awaited between looking and booking.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from app.control import claims
from app.control.prices import Prices
from app.control.tallies import Account, Tally
from app.domain import budget_words
from app.domain.budget import Unit
from app.domain.clock import Clock
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.ledger import Claim, Hold
from app.domain.money import Price, PriceSteps, price_at
from app.domain.usage import Usage, UsageSource
from app.store.ledger.file import Balance

_log = logging.getLogger(__name__)

WRITE_S = 5.0
"""How long a request waits until its hold is on the disk."""
READY_S = 5.0
"""How long it waits until a new budget knows what its period used so far."""
SOON_S = 5.0
"""When a request is worth trying again that only running ones keep out."""
_MOST_KNOWN = 4_096

Line = tuple[Account, Tally, int]
"""Where a claim is booked: the account, the period of it, and how much."""


class Writer(Protocol):
    """What `store.ledger.writer.LedgerWriter` does."""

    @property
    def problem(self) -> str:
        """Why the last write failed, in words; empty where it did not."""

    def hold(self, hold: int, lines: tuple[tuple[str, int, int], ...]) -> Awaitable[bool]:
        """Write a hold; False where the disk does not take it."""

    def keep(self, balances: tuple[tuple[str, Balance], ...], *, over: int = 0) -> None:
        """Write sums soon, and that a hold is over."""


class BudgetLedger:
    """Implements `domain.ledger.Ledger` over the accounts that `BudgetControl` gives it."""

    def __init__(self, writer: Writer, prices: Prices, clock: Clock, key_name: Callable[[str], str]) -> None:
        self.accounts: dict[str, Account] = {}
        """By the budget's id; replaced with `adopt` only."""
        self.refused = ""
        """Why nobody knows what the budgets are; empty where that is known."""
        self.counted: Callable[[Account], None] = lambda _: None
        """Told when an account counted something."""
        self.too_little: Callable[[Account], None] = lambda _: None
        """Told when a request was refused until the account's period ends."""
        self._writer = writer
        self.prices = prices
        self._clock = clock
        self.key_name = key_name
        self._touched_by: dict[tuple[str, str, str], tuple[Account, ...]] = {}
        self._generation = 0
        self._numbers = itertools.count(1)

    @property
    def problem(self) -> str:
        """Why nothing can be kept at the moment, in words; empty while it can."""
        return self._writer.problem

    def adopt(self, accounts: dict[str, Account]) -> None:
        """Other budgets from now on; what runs counts in new ones once it ends."""
        self.accounts = accounts
        self._generation += 1
        self._touched_by.clear()

    def price(self, vendor: str, model: str, *, provider: str = "", prompt_tokens: int = 0) -> Price | None:
        """The price as far as it is known by now; asking makes it be looked up for the next time."""
        return price_at(self.prices.known(vendor, model, provider) or (), prompt_tokens)

    def counts(self, key_id: str, provider: str, model: str) -> bool:
        """Whether any budget counts such requests."""
        return bool(self.accounts) and bool(self._touched(key_id, provider, model))

    async def reserve(self, claim: Claim) -> Hold:
        """Book the claim in every budget that it touches; raises as `domain.ledger.Ledger.reserve` says."""
        if self.refused:
            raise _unavailable(f"Nobody knows which budgets there are ({self.refused})")
        if not self._touched_of(claim):
            return _Hold(self, claim, self._generation, (), ())
        return await self._reserve(claim)

    async def _reserve(self, claim: Claim) -> Hold:
        touched = await self._ready(claim)
        steps: PriceSteps = ()
        if any(one.budget.unit is Unit.MONEY for one in touched):
            steps = await self.prices.steps(claim.vendor, claim.model, claim.provider)
            touched = self._touched_of(claim)  # the user may have changed budgets meanwhile
        hold = _Hold(self, claim, self._generation, self._book(claim, touched, steps), steps, next(self._numbers))
        try:
            async with asyncio.timeout(WRITE_S):
                written = await self._writer.hold(hold.number, _rows(hold.lines))
        except TimeoutError:
            written = False
        except BaseException:
            hold.release()
            raise
        if not written and any(account.budget.hard for account, _, _ in hold.lines):
            hold.release()
            raise _unavailable("A budget stands, and the disk does not take what this request may use")
        return hold

    async def _ready(self, claim: Claim) -> tuple[Account, ...]:
        """The accounts that the claim touches, once each knows what its period used so far."""
        try:
            async with asyncio.timeout(READY_S):
                while behind := [one for one in self._touched_of(claim) if not one.ready.is_set()]:
                    await behind[0].ready.wait()
        except TimeoutError:
            raise _unavailable("What a new budget used so far is still being added up") from None
        return self._touched_of(claim)

    def _book(self, claim: Claim, touched: tuple[Account, ...], steps: PriceSteps) -> tuple[Line, ...]:
        """Book the claim in all of them, or in none and raise PatchbayError QUOTA_EXCEEDED."""
        now_us = self._clock.now_us()
        self.roll(touched, now_us)
        needs = [(account, account.need(claim, steps)) for account in touched]
        for account, need in needs:
            if need is None and account.budget.hard:
                text = budget_words.unpriced(account.budget, claim.model, self.key_name)
                raise PatchbayError(ErrorKind.QUOTA_EXCEEDED, text, should_retry=False)
        lines = tuple((account, account.tally, need or 0) for account, need in needs)
        full = [line for line in lines if line[0].budget.hard and not line[0].room(line[2])]
        if full:
            raise self._refusal(full, now_us)
        for _, tally, need in lines:
            tally.pass_one(need, now_us)
        return lines

    def _refusal(self, full: list[Line], now_us: int) -> PatchbayError:
        """In the words of the budget that keeps the request out longest."""
        account, tally, need = max(full, key=lambda line: _closed_until_us(*line))
        fits_later = need <= account.budget.amount
        soon = tally.used + need <= account.budget.amount
        if fits_later and not soon:
            tally.refused_us = now_us
            self.too_little(account)
        standing = account.standing()
        lasts_s = (standing.resets_us - now_us) / 1e6 if standing.resets_us and fits_later else None
        text = budget_words.refusal(standing, need, now_us, self.key_name)
        return PatchbayError(
            ErrorKind.QUOTA_EXCEEDED, text, retry_after_s=SOON_S if soon else lasts_s, should_retry=soon
        )

    def roll(self, accounts: Iterable[Account], now_us: int) -> None:
        """Begin the periods that are due."""
        begun = tuple(account for account in accounts if account.roll(now_us))
        for account in begun:
            self.keep(account)
            self.counted(account)

    def keep(self, account: Account) -> None:
        """Write an account's sums soon."""
        self._writer.keep(((account.budget.id, account.tally.balance()),))

    def stretch(self, hold: _Hold, claim: Claim) -> PatchbayError | None:
        """Book a larger claim in place of the hold's, or say which hard budget has no room for it."""
        grown = tuple((account, tally, account.need(claim, hold.steps) or 0) for account, tally, _ in hold.lines)
        more = [need - before for (_, _, need), (_, _, before) in zip(grown, hold.lines, strict=True)]
        for (account, tally, _), rise in zip(grown, more, strict=True):
            full = tally.used + tally.reserved + rise > account.budget.amount
            if full and account.budget.hard and self._is_mine(account):
                words = budget_words.ended(account.standing(), self._clock.now_us(), self.key_name)
                return PatchbayError(ErrorKind.QUOTA_EXCEEDED, words, should_retry=False)
        for (_, tally, _), rise in zip(grown, more, strict=True):
            tally.reserved += rise
        hold.claim, hold.lines = claim, grown
        self._writer.hold(hold.number, _rows(grown))  # nobody waits for it: what a kill could lose is this little more
        return None

    def over(self, hold: _Hold, usage: Usage | None, *, assumed: bool = False) -> None:
        """A request used so much, or nothing; `assumed` where that is a guess."""
        lines = hold.lines
        if not lines and hold.generation == self._generation:
            return
        counted = usage if usage is not None and usage.source is not UsageSource.NONE else None
        for _, tally, need in lines:
            tally.reserved -= need
        if hold.generation != self._generation:
            lines = (*lines, *self._newly_touched(hold.claim, lines))
        if not lines:
            return
        if counted is not None:
            steps = hold.steps or self.prices.known(hold.claim.vendor, hold.claim.model, hold.claim.provider) or ()
            for account, tally, _ in lines:
                account.count(tally, counted, hold.claim, steps, assumed=assumed)
        mine = [(account, tally) for account, tally, _ in lines if self._is_mine(account)]
        self._writer.keep(tuple((one.budget.id, tally.balance()) for one, tally in mine), over=hold.number)
        for account, _ in mine:
            self.counted(account)

    def _is_mine(self, account: Account) -> bool:
        """Whether it was not removed, or begun anew under the same id, meanwhile."""
        return self.accounts.get(account.budget.id) is account

    def _newly_touched(self, claim: Claim, lines: tuple[Line, ...]) -> list[Line]:
        """Budgets that were made while the request ran."""
        known = {id(account) for account, _, _ in lines}
        new = [account for account in self._touched_of(claim) if id(account) not in known]
        self.roll(new, self._clock.now_us())
        return [(account, account.tally, 0) for account in new]

    def _touched_of(self, claim: Claim) -> tuple[Account, ...]:
        return self._touched(claim.key_id, claim.provider, claim.model)

    def _touched(self, key_id: str, provider: str, model: str) -> tuple[Account, ...]:
        key = key_id, provider, model
        found = self._touched_by.get(key)
        if found is None:
            if len(self._touched_by) >= _MOST_KNOWN:
                self._touched_by.clear()  # clients invent names of models
            found = tuple(account for account in self.accounts.values() if account.touches(*key))
            self._touched_by[key] = found
        return found


class _Hold:
    """What one attempt has reserved."""

    __slots__ = ("_bounded", "_ledger", "_over", "claim", "generation", "lines", "number", "steps")

    def __init__(
        self,
        ledger: BudgetLedger,
        claim: Claim,
        generation: int,
        lines: tuple[Line, ...],
        steps: PriceSteps,
        number: int = 0,
    ) -> None:
        self._ledger = ledger
        self._over = False
        self._bounded = claim.output_tokens > 0
        self.claim = claim
        self.generation = generation
        self.lines = lines
        self.steps = steps
        self.number = number

    def stretch(self, said_tokens: Callable[[], int]) -> PatchbayError | None:
        """Reserve more for an answer without a bound as it grows; the error that ends it where there is no room."""
        if self._over or self._bounded or not self.lines:
            return None
        said = said_tokens()
        if claims.left_output(self.claim, said) > claims.AHEAD_TOKENS:
            return None
        error = self._ledger.stretch(self, claims.grown(self.claim, said))
        return error if claims.left_output(self.claim, said) <= claims.LAST_TOKENS else None

    def settle(self, usage: Usage) -> None:
        """The attempt used this much."""
        self._end(usage)

    def release(self) -> None:
        """Nothing was used."""
        self._end(None)

    def assume(self, output_tokens: int | None = None) -> None:
        """It may have used its prompt and so much of its answer; only a provider that does not say it knows."""
        most = claims.most_output(self.claim)
        output = most if output_tokens is None else min(output_tokens, most)
        used = Usage(self.claim.prompt_tokens, output_tokens=output, source=UsageSource.ESTIMATED)
        self._end(used, assumed=True)

    def _end(self, usage: Usage | None, *, assumed: bool = False) -> None:
        if self._over:
            return
        self._over = True
        try:
            self._ledger.over(self, usage, assumed=assumed)
        except Exception:  # noqa: BLE001 (no answer may fail for its account; the hold stays on the disk)
            _log.exception("the end of a reservation could not be booked")


def _rows(lines: tuple[Line, ...]) -> tuple[tuple[str, int, int], ...]:
    return tuple((account.budget.id, tally.begins_us, need) for account, tally, need in lines)


def _closed_until_us(account: Account, tally: Tally, need: int) -> int:
    """Until when there is no room: 0 for as long as others run, and the end of time where it never fits."""
    if need > account.budget.amount:
        return 2**63
    return 0 if tally.used + need <= account.budget.amount else tally.ends_us


def _unavailable(why: str) -> PatchbayError:
    text = f"{why}, so nothing is spent. Patchbay tries again by itself."
    return PatchbayError(ErrorKind.LEDGER_UNAVAILABLE, text, retry_after_s=SOON_S)
