"""The ledger against a model as simple as it can be: lists of what was booked, added up anew each time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from app.control.tallies import Account
from app.domain.budget import Period, Scope, Unit
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.periods import period_at
from app.domain.usage import NO_USAGE, Usage
from tests.fakes.ledgers import Bench, budget, claim

BUDGETS = (
    budget(2_000, id="all"),
    budget(900, id="k1", scope=Scope.KEY, subject="k1"),
    budget(700, id="soft", scope=Scope.PROVIDER, subject="P", hard=False),
    budget(3_000, id="total", scope=Scope.MODEL, subject="m*", period=Period.TOTAL),
    budget(4_000_000, id="money", unit=Unit.MONEY, period=Period.WEEK),
)


@dataclass
class Entry:
    """What one request has booked in one budget."""

    budget: str
    begins_us: int
    reserved: int
    used: int = 0


@dataclass
class Running:
    hold: object
    bench: Bench
    entries: list[Entry]
    most_in: int
    most_out: int


class LedgerMachine(RuleBasedStateMachine):
    running = Bundle("running")

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.bench = Bench(*BUDGETS)
        self.entries: list[Entry] = []
        self.latest_us = self.bench.clock.us
        self.keep_all()

    def keep_all(self):
        for account in self.bench.ledger.accounts.values():
            self.bench.ledger.keep(account)

    def teardown(self):
        self.loop.close()

    def begins_us(self, one):
        """Of the period that counts now: a clock that was set back begins none again."""
        return period_at(one.period, self.latest_us)[0]

    def sum(self, one, what):
        begins_us = self.begins_us(one)
        return sum(
            getattr(entry, what) for entry in self.entries if (entry.budget, entry.begins_us) == (one.id, begins_us)
        )

    def needs(self, asked):
        """What a request may need of each budget that it touches."""
        tokens = asked.prompt_tokens + asked.output_tokens
        nusd = asked.prompt_tokens * 2_000 + asked.output_tokens * 5_000 + 5
        touched = {"all", "total", "money"} | {asked.key_id} | ({"soft"} if asked.provider == "P" else set())
        return {one: nusd if one.unit is Unit.MONEY else tokens for one in BUDGETS if one.id in touched}

    @rule(
        target=running,
        key=st.sampled_from(["k1", "k2", ""]),
        provider=st.sampled_from(["P", "Q"]),
        tokens_in=st.integers(0, 400),
        tokens_out=st.integers(1, 400),
    )
    def reserve(self, key, provider, tokens_in, tokens_out):
        asked = claim(tokens_in, tokens_out, key_id=key, provider=provider)
        needs = self.needs(asked)
        fits = all(
            self.sum(one, "used") + self.sum(one, "reserved") + need <= one.amount
            for one, need in needs.items()
            if one.hard
        )
        try:
            hold = self.loop.run_until_complete(self.bench.ledger.reserve(asked))
        except PatchbayError as error:
            assert (error.kind, fits) == (ErrorKind.QUOTA_EXCEEDED, False)  # noqa: PT017 (it may fit, and then it must)
            return Running(None, self.bench, [], 0, 0)
        assert fits
        made = [Entry(one.id, self.begins_us(one), need) for one, need in needs.items()]
        self.entries += made
        return Running(hold, self.bench, made, tokens_in, tokens_out)

    @rule(one=consumes(running), share_in=st.floats(0, 1), share_out=st.floats(0, 1), how=st.sampled_from("usrn"))
    def end(self, one, share_in, share_out, how):
        if one.hold is None or one.bench is not self.bench:
            return
        tokens_in, tokens_out = int(one.most_in * share_in), int(one.most_out * share_out)
        if how in "us":
            usage = Usage(cache_write_1h_tokens=tokens_in, output_tokens=tokens_out)
            one.hold.settle(usage)
            nusd = tokens_in * 2_000 + tokens_out * 5_000
        else:
            one.hold.release() if how == "r" else one.hold.settle(NO_USAGE)
            tokens_in = tokens_out = nusd = 0
        for entry in one.entries:
            entry.reserved = 0
            entry.used = nusd if entry.budget == "money" else tokens_in + tokens_out

    @rule(seconds=st.integers(-200_000, 200_000))
    def clock_moves(self, seconds):
        self.bench.clock.forward(seconds)
        self.latest_us = max(self.latest_us, self.bench.clock.us)
        self.bench.ledger.roll(self.bench.ledger.accounts.values(), self.bench.clock.us)

    @rule()
    def killed_and_started_again(self):
        """Everything that the disk knows: what ran counts as used in full."""
        disk = self.bench.disk
        before = self.bench
        self.bench = Bench()
        self.bench.clock = self.bench.ledger._clock = before.clock
        accounts = {}
        for one in BUDGETS:
            kept = {begins: balance for (name, begins), balance in disk.balances.items() if name == one.id}
            account = Account.of(one, kept[max(kept)], before.clock.us)
            held = sum(
                amount
                for lines in disk.holds.values()
                for name, begins, amount in lines
                if (name, begins) == (one.id, account.tally.begins_us)
            )
            account.tally.used += held
            account.tally.assumed += held
            accounts[one.id] = account
        self.bench.ledger.adopt(accounts)
        self.keep_all()
        for entry in self.entries:
            entry.used += entry.reserved
            entry.reserved = 0

    @invariant()
    def sums_are_what_was_booked(self):
        for one in BUDGETS:
            account = self.bench.ledger.accounts[one.id]
            assert account.tally.begins_us == self.begins_us(one)
            assert account.tally.used == self.sum(one, "used")
            assert account.tally.reserved == self.sum(one, "reserved")

    @invariant()
    def hard_budgets_are_never_exceeded(self):
        for one in BUDGETS:
            if one.hard:
                tally = self.bench.ledger.accounts[one.id].tally
                assert tally.used + tally.reserved <= one.amount

    @invariant()
    def the_disk_knows_what_runs(self):
        held = [line for lines in self.bench.disk.holds.values() for line in lines]
        assert sum(amount for *_, amount in held) == sum(entry.reserved for entry in self.entries)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
