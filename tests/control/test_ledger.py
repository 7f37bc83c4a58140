from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.control import ledger as module
from app.control.tallies import STILL_US
from app.domain.budget import Period, Scope, Unit
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.periods import period_at
from app.domain.usage import NO_USAGE, Usage
from app.store.ledger.file import Balance
from tests.fakes.ledgers import Bench, budget, claim

DOLLAR = 1_000_000_000
KEY = {"scope": Scope.KEY, "subject": "k1"}


async def refused(bench, asked):
    with pytest.raises(PatchbayError) as caught:
        await bench.ledger.reserve(asked)
    return caught.value


def sums(bench, budget_id="b"):
    standing = bench.standing(budget_id)
    return standing.used, standing.reserved


async def test_b13_what_was_reserved_is_replaced_by_what_was_used():
    bench = Bench(budget(1_000))
    bench.ledger.accounts["b"].tally.used = 900
    hold = await bench.ledger.reserve(claim(10, 50))
    assert sums(bench) == (900, 60)
    hold.settle(Usage(10, output_tokens=30))
    assert sums(bench) == (940, 0)


async def test_b13_what_does_not_fit_is_refused_and_books_nothing():
    bench = Bench(budget(1_000))
    bench.ledger.accounts["b"].tally.used = 940
    error = await refused(bench, claim(10, 51))
    assert error.kind is ErrorKind.QUOTA_EXCEEDED
    assert "60 tokens left, and this request could need up to 61 tokens" in error.message
    assert sums(bench) == (940, 0)
    assert bench.disk.writes == 0
    (await bench.ledger.reserve(claim(10, 50))).release()
    assert sums(bench) == (940, 0)


async def test_no_budget_no_write():
    bench = Bench(budget(scope=Scope.KEY, subject="other"))
    hold = await bench.ledger.reserve(claim())
    hold.settle(Usage(10))
    assert bench.disk.writes == 0
    assert sums(bench) == (0, 0)


async def test_a_hold_is_on_the_disk_before_it_is_given_and_gone_after_its_end():
    bench = Bench(budget())
    hold = await bench.ledger.reserve(claim(10, 50))
    begins, ends = period_at(Period.DAY, bench.clock.us)
    assert list(bench.disk.holds.values()) == [(("b", begins, 60),)]
    hold.settle(Usage(10, output_tokens=5))
    assert bench.disk.holds == {}
    assert bench.disk.balances == {("b", begins): Balance(begins, ends, 15)}


@pytest.mark.parametrize("ends", [[Usage(1), Usage(1)], [None, Usage(1)], [NO_USAGE, Usage(1)]])
async def test_only_the_first_end_counts(ends):
    bench = Bench(budget())
    hold = await bench.ledger.reserve(claim())
    for usage in ends:
        hold.release() if usage is None else hold.settle(usage)
    assert sums(bench) == (ends[0].total_tokens if ends[0] else 0, 0)


async def test_it_tells_whether_the_size_of_a_request_matters():
    bench = Bench(budget(scope=Scope.KEY, subject="k1"))
    assert bench.ledger.counts("k1", "P", "m1")
    assert not bench.ledger.counts("k2", "P", "m1")
    assert not Bench().ledger.counts("k1", "P", "m1")


async def test_all_budgets_are_booked_or_none():
    bench = Bench(budget(100), budget(1_000, id="k", **KEY), budget(50, id="o", scope=Scope.KEY, subject="k2"))
    hold = await bench.ledger.reserve(claim(10, 50))
    assert [sums(bench, one) for one in "bko"] == [(0, 60), (0, 60), (0, 0)]
    await refused(bench, claim(10, 50))
    assert [sums(bench, one) for one in "bko"] == [(0, 60), (0, 60), (0, 0)]
    hold.settle(Usage(7))
    assert [sums(bench, one) for one in "bko"] == [(7, 0), (7, 0), (0, 0)]


async def test_a_soft_budget_refuses_nothing():
    bench = Bench(budget(10, hard=False))
    hold = await bench.ledger.reserve(claim(10, 50))
    assert sums(bench) == (0, 60)
    hold.settle(Usage(10, output_tokens=30))
    assert sums(bench) == (40, 0)


async def test_while_running_requests_hold_the_rest_it_is_worth_trying_again_soon():
    bench = Bench(budget(100))
    hold = await bench.ledger.reserve(claim(10, 50))
    error = await refused(bench, claim(10, 50))
    assert (error.retry_after_s, error.should_retry) == (module.SOON_S, True)
    hold.settle(Usage(60))
    error = await refused(bench, claim(10, 50))
    ends = period_at(Period.DAY, bench.clock.us)[1]
    assert (error.retry_after_s, error.should_retry) == ((ends - bench.clock.us) / 1e6, False)


async def test_what_never_fits_is_never_worth_trying_again():
    error = await refused(Bench(budget(100)), claim(100, 1))
    assert (error.retry_after_s, error.should_retry) == (None, False)
    assert "never fits" in error.message
    total = Bench(budget(100, period=Period.TOTAL))
    total.ledger.accounts["b"].tally.used = 90
    assert (await refused(total, claim(10, 10))).retry_after_s is None


async def test_the_refusal_names_the_budget_that_lasts_longest():
    bench = Bench(budget(50), budget(50, id="m", period=Period.MONTH, **KEY))
    for account in bench.ledger.accounts.values():
        account.tally.used = 40
    error = await refused(bench, claim(10, 10))
    assert "monthly token quota of the key key k1" in error.message


async def test_money_is_booked_at_its_worst_and_settled_at_the_price():
    bench = Bench(budget(DOLLAR, unit=Unit.MONEY))
    hold = await bench.ledger.reserve(claim(100_000, 10_000))
    assert sums(bench) == (0, 250_000_005)
    hold.settle(Usage(90_000, output_tokens=1_000))
    assert sums(bench) == (95_000_000, 0)


async def test_a_model_without_a_price_is_refused_by_a_hard_budget_and_counted_by_a_soft_one():
    hard = Bench(budget(DOLLAR, unit=Unit.MONEY), rules=())
    error = await refused(hard, claim())
    assert error.kind is ErrorKind.QUOTA_EXCEEDED
    assert "[[price]]" in error.message
    assert error.should_retry is False
    soft = Bench(budget(DOLLAR, unit=Unit.MONEY, hard=False), rules=())
    hold = await soft.ledger.reserve(claim())
    hold.settle(Usage(10))
    assert (soft.standing().used, soft.standing().unpriced) == (0, 1)
    (await soft.ledger.reserve(claim())).settle(Usage(10, reported_cost_nusd=77))
    assert (soft.standing().used, soft.standing().unpriced) == (77, 1)


async def test_what_is_free_costs_nothing_but_uses_tokens():
    bench = Bench(budget(DOLLAR, unit=Unit.MONEY), budget(100, id="t"), rules=())
    (await bench.ledger.reserve(claim(free=True))).settle(Usage(10, output_tokens=5))
    assert (sums(bench), sums(bench, "t")) == ((0, 0), (15, 0))


async def test_a_disk_that_takes_nothing_stops_hard_budgets_only_and_recovers():
    bench = Bench(budget())
    bench.disk.full = True
    error = await refused(bench, claim())
    assert error.kind is ErrorKind.LEDGER_UNAVAILABLE
    assert sums(bench) == (0, 0)
    bench.disk.full = False
    (await bench.ledger.reserve(claim())).settle(Usage(3))
    assert sums(bench) == (3, 0)
    soft = Bench(budget(hard=False))
    soft.disk.full = True
    (await soft.ledger.reserve(claim())).settle(Usage(3))
    assert sums(soft) == (3, 0)


async def test_a_disk_that_does_not_answer_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(module, "WRITE_S", 0.01)
    bench = Bench(budget())
    bench.disk.gate = asyncio.Event()
    assert (await refused(bench, claim())).kind is ErrorKind.LEDGER_UNAVAILABLE
    assert sums(bench) == (0, 0)


async def test_a_request_that_is_given_up_while_it_waits_holds_nothing():
    bench = Bench(budget())
    bench.disk.gate = asyncio.Event()
    task = asyncio.get_running_loop().create_task(bench.ledger.reserve(claim()), name="given up")
    await asyncio.sleep(0)
    assert sums(bench) == (0, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sums(bench) == (0, 0)


async def test_a_request_counts_in_the_period_in_which_it_began():
    bench = Bench(budget())
    hold = await bench.ledger.reserve(claim())
    begins = bench.ledger.accounts["b"].tally.begins_us
    bench.clock.forward(86_400)
    (await bench.ledger.reserve(claim())).settle(Usage(1))
    assert sums(bench) == (1, 0)
    hold.settle(Usage(20))
    assert sums(bench) == (1, 0)
    assert bench.disk.balances["b", begins].used == 20


async def test_a_budget_made_while_a_request_runs_counts_it():
    first = budget(id="a")
    bench = Bench(first)
    hold = await bench.ledger.reserve(claim())
    bench.put(first, budget(), budget(id="o", scope=Scope.PROVIDER, subject="Other"))
    hold.settle(Usage(20))
    assert (sums(bench, "a"), sums(bench), sums(bench, "o")) == ((20, 0), (20, 0), (0, 0))


async def test_a_budget_removed_or_begun_anew_while_a_request_runs_gets_nothing_of_the_old_one():
    bench = Bench(budget())
    hold = await bench.ledger.reserve(claim())
    bench.put()
    bench.put(budget(unit=Unit.MONEY))
    hold.settle(Usage(20))
    assert sums(bench) == (20_000, 0)
    assert [balance.used for balance in bench.disk.balances.values()] == [20_000]
    assert bench.disk.holds == {}


async def test_while_a_new_budget_does_not_know_its_beginning_requests_wait_and_then_fail_closed(monkeypatch):
    bench = Bench(budget())
    account = bench.ledger.accounts["b"]
    account.ready.clear()
    task = asyncio.get_running_loop().create_task(bench.ledger.reserve(claim()), name="waits")
    await asyncio.sleep(0)
    assert not task.done()
    account.tally.used = 950
    account.ready.set()
    with pytest.raises(PatchbayError, match="50 tokens left"):
        await task
    account.ready.clear()
    monkeypatch.setattr(module, "READY_S", 0.01)
    assert (await refused(bench, claim())).kind is ErrorKind.LEDGER_UNAVAILABLE


async def test_while_nobody_knows_the_budgets_nothing_is_spent():
    bench = Bench()
    bench.ledger.refused = "state.db cannot be used"
    error = await refused(bench, claim())
    assert error.kind is ErrorKind.LEDGER_UNAVAILABLE
    assert "state.db cannot be used" in error.message


async def test_those_who_ask_are_told_of_counts_and_of_refusals_that_last():
    bench = Bench(budget(100))
    told = []
    bench.ledger.counted = lambda account: told.append(("counted", account.budget.id))
    bench.ledger.too_little = lambda account: told.append(("too little", account.budget.id))
    hold = await bench.ledger.reserve(claim(10, 50))
    await refused(bench, claim(10, 50))
    assert told == []
    hold.settle(Usage(60))
    await refused(bench, claim(10, 50))
    await refused(bench, claim(100, 50))
    assert told == [("counted", "b"), ("too little", "b")]


async def test_what_refused_the_last_request_until_its_period_ends_has_too_little_left():
    bench = Bench(budget(100), budget(1_000, id="k", **KEY))
    hold = await bench.ledger.reserve(claim(10, 50))
    await refused(bench, claim(10, 50))
    assert not bench.standing().too_little  # it may fit as soon as the other one ends
    hold.settle(Usage(60))
    await refused(bench, claim(100, 50))
    assert not bench.standing().too_little  # that one never fits
    await refused(bench, claim(10, 50))
    assert [bench.standing(one).too_little for one in "bk"] == [True, False]
    (await bench.ledger.reserve(claim(10, 10))).release()
    assert bench.standing().too_little
    bench.clock.forward(STILL_US // 1_000_000)
    (await bench.ledger.reserve(claim(10, 10))).release()
    assert not bench.standing().too_little


async def test_an_end_never_raises(caplog):
    bench = Bench(budget())
    hold = await bench.ledger.reserve(claim())

    def broken(_account):
        raise RuntimeError("a fault")

    bench.ledger.counted = broken
    hold.settle(Usage(3))
    assert "could not be booked" in caplog.text


async def test_invented_models_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(module, "_MOST_KNOWN", 8)
    bench = Bench(budget(scope=Scope.MODEL, subject="m1"))
    for number in range(50):
        await bench.ledger.reserve(replace(claim(), model=f"invented-{number}"))
    assert len(bench.ledger._touched_by) <= 8


async def test_the_price_is_told_as_far_as_it_is_known():
    bench = Bench()
    assert bench.ledger.price("v", "m1").source == "test prices"
    assert bench.ledger.price("v", "x") is None


async def test_what_nobody_knows_counts_and_is_said_to_be_a_guess():
    bench = Bench(budget(1_000))
    hold = await bench.ledger.reserve(claim(100, 50))
    hold.assume(20)
    hold.release()
    assert sums(bench) == (120, 0)
    assert bench.standing("b").assumed == 120
    assert [one.assumed for one in bench.disk.balances.values()] == [120]


@pytest.mark.parametrize("output", [None, 51, 10**9])
async def test_what_nobody_knows_is_never_more_than_was_held(output):
    bench = Bench(budget(1_000))
    (await bench.ledger.reserve(claim(100, 50))).assume(output)
    assert sums(bench) == (150, 0)


UNBOUNDED = 8_192 + 10


async def test_b13_an_answer_without_a_bound_holds_more_as_it_grows():
    bench = Bench(budget(20_000))
    hold = await bench.ledger.reserve(claim(10, 0))
    assert sums(bench) == (0, UNBOUNDED)
    assert hold.stretch(lambda: 7_000) is None
    assert sums(bench) == (0, UNBOUNDED)
    assert hold.stretch(lambda: 7_900) is None
    assert sums(bench) == (0, 10 + 7_900 + 4_096)
    await asyncio.sleep(0)
    assert bench.disk.holds[1][0][2] == 10 + 7_900 + 4_096
    hold.settle(Usage(10, output_tokens=8_000))
    assert sums(bench) == (8_010, 0)
    assert hold.stretch(lambda: 99_999) is None


async def test_b13_where_there_is_no_room_it_ends_before_the_budget_does():
    bench = Bench(budget(9_000), budget(9_000, id="soft", hard=False))
    hold = await bench.ledger.reserve(claim(10, 0))
    assert hold.stretch(lambda: 7_900) is None, "some of what is held is left"
    assert sums(bench) == (0, UNBOUNDED)
    error = hold.stretch(lambda: 8_100)
    assert error.kind is ErrorKind.QUOTA_EXCEEDED
    assert error.should_retry is False
    assert "daily token quota of all requests is 9,000 tokens and has no room for more" in error.message
    assert sums(bench) == (0, UNBOUNDED)
    bench.ledger.accounts["b"].tally.reserved -= 5_000  # another request ended
    bench.ledger.accounts["b"].budget = budget(13_000)
    assert hold.stretch(lambda: 8_150) is None


@pytest.mark.parametrize(
    ("one", "asked"),
    [
        (budget(9_000, hard=False), claim(10, 0)),
        (budget(9_000), claim(10, 50)),
        (budget(**KEY, id="b"), claim(key_id="z")),
    ],
    ids=["a budget that warns", "a bound of the client's", "no budget"],
)
async def test_nothing_else_is_ended(one, asked):
    bench = Bench(one)
    hold = await bench.ledger.reserve(asked)
    assert hold.stretch(lambda: 1_000_000) is None


async def test_a_budget_that_is_removed_ends_nothing():
    bench = Bench(budget(9_000))
    hold = await bench.ledger.reserve(claim(10, 0))
    bench.put()
    assert hold.stretch(lambda: 9_000) is None


async def test_several_answers_share_what_is_held():
    bench = Bench(budget(100_000))
    hold = await bench.ledger.reserve(claim(10, 0, answers=2))
    assert hold.stretch(lambda: 2 * 8_192 - 1_000) is None
    assert sums(bench) == (0, 10 + 2 * 8_192 - 1_000 + 4_096)


async def test_money_grows_at_its_price():
    bench = Bench(budget(DOLLAR, unit=Unit.MONEY))
    hold = await bench.ledger.reserve(claim(0, 0))
    before = sums(bench)[1]
    assert hold.stretch(lambda: 8_192) is None
    assert sums(bench)[1] - before == 4_096 * 5_000
