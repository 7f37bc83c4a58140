from __future__ import annotations

from dataclasses import replace

import pytest

from app.control.budget_warnings import BudgetWarnings
from app.control.tallies import LOW, USED_UP
from app.domain.status import NoticeAction, Severity
from tests.fakes.ledgers import Bench, budget


class Rig:
    def __init__(self, desk, one):
        self.bench = Bench(one)
        self.account = self.bench.ledger.accounts["b"]
        self.warnings = BudgetWarnings(desk.core, str, self.bench.ledger.keep)
        self.told = []
        self.warnings.subscribe(self.told.append)
        self.notices = lambda: [(one.severity, one.text, one.quiet) for one in desk.core.notices.current]

    def use(self, used):
        self.account.tally.used = used
        self.warnings.look(self.account)
        self.warnings.show(self.account)


@pytest.fixture
def rig(desk):
    return lambda **values: Rig(desk, budget(**values))


async def test_below_the_mark_nothing_is_said(rig):
    one = rig()
    one.use(799)
    assert (one.told, one.notices()) == ([], [])


async def test_each_mark_is_told_once_and_shown_while_it_is_so(rig):
    one = rig()
    for used in (800, 850, 900):
        one.use(used)
    assert len(one.told) == 1
    assert "800 tokens of 1,000 tokens used" in one.told[0]
    ((severity, text, quiet),) = one.notices()
    assert (severity, quiet) == (Severity.WARNING, True)
    assert "900 tokens of 1,000 tokens used" in text
    one.use(1_000)
    one.use(1_001)
    assert len(one.told) == 2
    assert one.notices()[0][0] is Severity.ERROR
    assert "Requests are refused until" in one.told[1]


async def test_the_notice_leads_to_the_budgets(rig, desk):
    rig().use(900)
    (notice,) = desk.core.notices.current
    assert (notice.action, notice.action_label) == (NoticeAction.OPEN_BUDGETS, "Open Budgets")


async def test_a_restart_shows_it_again_and_tells_nothing_twice(rig, desk):
    one = rig()
    one.use(900)
    assert next(iter(one.bench.disk.balances.values())).warned == LOW
    again = BudgetWarnings(desk.core, str, one.bench.ledger.keep)
    told = []
    again.subscribe(told.append)
    again.look(one.account)
    again.show(one.account)
    assert (told, len(one.notices())) == ([], 1)


async def test_a_refusal_that_lasts_means_that_it_is_used_up(rig):
    one = rig()
    one.account.tally.used = 500
    one.warnings.look(one.account, refused=True)
    assert (one.account.tally.warned, one.told) == (0, [])
    one.account.tally.used = 900
    one.warnings.look(one.account, refused=True)
    one.warnings.look(one.account)
    assert one.account.tally.warned == USED_UP
    assert "Requests that may need more than is left are refused" in one.notices()[0][1]
    assert len(one.told) == 1


async def test_a_soft_budget_only_warns(rig):
    one = rig(hard=False)
    one.use(2_000)
    assert one.notices()[0][0] is Severity.WARNING
    assert "requests go on" in one.told[0]


async def test_without_a_mark_only_the_end_is_told(rig):
    one = rig(warn_percent=0)
    one.use(999)
    assert one.told == []
    one.use(1_000)
    assert len(one.told) == 1


async def test_a_new_period_and_a_higher_amount_take_it_back(rig):
    one = rig()
    one.use(1_000)
    one.account.budget = replace(one.account.budget, amount=2_000)
    one.warnings.reset(one.account)
    assert (one.account.tally.warned, one.notices()) == (0, [])
    one.use(1_700)
    assert len(one.told) == 2
    one.bench.clock.forward(86_400)
    assert one.account.roll(one.bench.clock.us)
    one.warnings.look(one.account)
    one.warnings.show(one.account)
    assert one.notices() == []


async def test_a_removed_budget_says_nothing_any_more(rig):
    one = rig()
    one.use(1_000)
    one.warnings.forget("b")
    assert one.notices() == []


async def test_counts_alone_do_not_stir_what_is_seen(rig, desk):
    one = rig()
    one.use(850)
    told = []
    desk.core.notices.subscribe(told.append)
    one.account.tally.used = 860
    one.warnings.look(one.account)
    assert told == []
    one.warnings.show(one.account)
    assert len(told) == 1
