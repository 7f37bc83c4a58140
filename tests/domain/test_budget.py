from __future__ import annotations

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit

BUDGET = Budget("b", Scope.ALL, "", Unit.TOKENS, Period.DAY, 1_000)


def test_what_is_left_is_neither_used_nor_held_and_never_less_than_nothing():
    assert BudgetStanding(BUDGET, 600, 300, 0).left == 100
    assert BudgetStanding(BUDGET, 1_200, 0, 0).left == 0


def test_the_share_may_exceed_one():
    assert BudgetStanding(BUDGET, 1_500, 0, 0).share == 1.5
