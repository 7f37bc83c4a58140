from __future__ import annotations

from app.control.tallies import LOW, STILL_US, USED_UP, Account
from app.domain.budget import Period, Scope, Unit
from app.domain.periods import EVER_US, period_at
from app.domain.usage import Usage
from app.store.ledger.file import Balance
from tests.fakes.clock import NOON_US
from tests.fakes.ledgers import budget, claim

DAY_US = 86_400_000_000


def test_a_kept_account_goes_on_and_a_new_one_waits_for_what_was_used():
    balance = Balance(0, EVER_US, 5, 4, 3, 2, 1)
    kept = Account.of(budget(period=Period.TOTAL), balance, NOON_US)
    assert kept.ready.is_set()
    assert kept.tally.balance() == balance
    assert kept.standing().resets_us == 0
    new = Account.of(budget(), None, NOON_US)
    assert not new.ready.is_set()
    assert (new.tally.begins_us, new.tally.ends_us) == period_at(Period.DAY, NOON_US)


def test_each_scope_counts_its_own():
    def touches(scope, subject, **values):
        asked = claim(**values)
        account = Account.of(budget(scope=scope, subject=subject), None, NOON_US)
        return account.touches(asked.key_id, asked.provider, asked.model)

    assert touches(Scope.ALL, "")
    assert touches(Scope.KEY, "k1")
    assert not touches(Scope.KEY, "k1", key_id="k2")
    assert not touches(Scope.KEY, "k1", key_id="")
    assert touches(Scope.PROVIDER, "P")
    assert not touches(Scope.PROVIDER, "Q")
    assert touches(Scope.MODEL, "M*")
    assert not touches(Scope.MODEL, "m2*")


def test_a_period_begins_when_its_time_has_come_and_never_again():
    account = Account.of(budget(), Balance(*period_at(Period.DAY, NOON_US), 7), NOON_US)
    assert not account.roll(NOON_US)
    old = account.tally
    assert account.roll(old.ends_us)
    assert (account.tally.begins_us, account.tally.used) == (old.ends_us, 0)
    assert not account.roll(NOON_US)  # the clock was set back
    assert not account.roll(NOON_US - 400 * DAY_US)
    assert account.tally.begins_us == old.ends_us


def test_an_unknown_price_is_counted_and_not_zero():
    account = Account.of(budget(unit=Unit.MONEY), None, NOON_US)
    account.count(account.tally, Usage(10), claim(), ())
    assert (account.standing().used, account.standing().unpriced) == (0, 1)


def test_until_it_is_ready_it_remembers_whom_it_counted():
    account = Account.of(budget(), None, NOON_US)
    account.count(account.tally, Usage(10), claim(exchange_id="one"), ())
    account.ready.set()
    account.count(account.tally, Usage(10), claim(exchange_id="two"), ())
    assert account.ended == {"one"}
    assert account.tally.used == 20


def test_one_that_refused_has_too_little_left_until_others_pass_for_a_while():
    account = Account.of(budget(100), None, NOON_US)
    account.tally.used = 60
    assert not account.standing().too_little
    account.tally.refused_us = NOON_US
    assert account.standing().too_little
    account.tally.pass_one(5, NOON_US + STILL_US - 1)
    assert account.standing().too_little
    account.tally.pass_one(5, NOON_US + STILL_US)
    assert (account.standing().too_little, account.tally.reserved) == (False, 10)


def test_what_is_used_up_has_not_too_little_left_but_nothing_nor_does_a_soft_budget_refuse():
    account = Account.of(budget(100), None, NOON_US)
    account.tally.used, account.tally.refused_us = 100, NOON_US
    assert (account.standing().too_little, account.standing().refuses) == (False, True)
    soft = Account.of(budget(100, hard=False), None, NOON_US)
    soft.tally.used, soft.tally.refused_us = 60, NOON_US
    assert not soft.standing().too_little


def test_what_had_too_little_left_still_has_after_a_restart():
    kept = lambda used, warned: Account.of(budget(100), Balance(0, NOON_US + DAY_US, used, 0, 0, 0, warned), NOON_US)
    assert kept(90, USED_UP).standing().too_little
    assert not kept(90, LOW).standing().too_little
    assert not kept(100, USED_UP).standing().too_little
    account = kept(90, USED_UP)
    account.tally.pass_one(5, NOON_US)
    assert not account.standing().too_little


def test_a_clock_that_was_set_back_does_not_keep_it_refusing():
    account = Account.of(budget(100), None, NOON_US)
    account.tally.refused_us = NOON_US
    account.tally.pass_one(1, NOON_US - DAY_US)
    assert not account.standing().too_little


def test_a_new_period_refuses_nothing():
    account = Account.of(budget(100), None, NOON_US)
    account.tally.used, account.tally.refused_us = 60, NOON_US
    assert account.roll(account.tally.ends_us)
    assert not account.standing().too_little
