from __future__ import annotations

from dataclasses import replace

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit

BUDGET = Budget("b", Scope.ALL, "", Unit.TOKENS, Period.DAY, 1_000)


def test_what_is_left_is_neither_used_nor_held_and_never_less_than_nothing():
    assert BudgetStanding(BUDGET, 600, 300, 0).left == 100
    assert BudgetStanding(BUDGET, 1_200, 0, 0).left == 0


def test_the_share_may_exceed_one():
    assert BudgetStanding(BUDGET, 1_500, 0, 0).share == 1.5


def test_what_refuses_comes_first_then_the_fullest_and_last_what_bounds_nothing():
    soft = BudgetStanding(replace(BUDGET, hard=False), 3_580, 0, 0)
    hard = BudgetStanding(BUDGET, 1_000, 0, 0)
    half = BudgetStanding(BUDGET, 500, 0, 0)
    gone = BudgetStanding(BUDGET, 2_000, 0, 0, idle=True)
    assert sorted((half, gone, soft, hard), key=lambda one: one.urgency) == [hard, soft, half, gone]
    assert [one.refuses for one in (hard, soft, half, gone)] == [True, False, False, False]


def test_too_little_left_refuses_as_much_as_nothing_left():
    short = BudgetStanding(BUDGET, 700, 0, 0, too_little=True)
    fuller = BudgetStanding(BUDGET, 900, 0, 0)
    assert short.refuses
    assert sorted((fuller, short), key=lambda one: one.urgency) == [short, fuller]
    assert not replace(short, idle=True).refuses
    assert not replace(short, budget=replace(BUDGET, hard=False)).refuses
