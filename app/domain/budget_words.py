"""Budgets in sentences: what a client whose request is refused and a user whose budget runs low are told."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.money import NUSD_PER_USD
from app.domain.periods import moment

KeyName = Callable[[str], str]
"""The name of a client key by its id."""

_EACH = {Period.DAY: "daily ", Period.WEEK: "weekly ", Period.MONTH: "monthly ", Period.TOTAL: ""}
_OF = {Scope.ALL: "all requests", Scope.KEY: "the key ", Scope.PROVIDER: "", Scope.MODEL: "the model "}
_FINE_NUSD = 10 * NUSD_PER_USD
"""Below, money is told to a hundredth of a cent: requests cost no more."""


def name_of(budget: Budget, key_name: KeyName) -> str:
    """What a budget is called: "monthly budget of all requests", "daily token quota of the key laptop"."""
    subject = key_name(budget.subject) if budget.scope is Scope.KEY else budget.subject
    of = f"{_OF[budget.scope]}{subject}"
    what = "budget" if budget.unit is Unit.MONEY else "token quota"
    return f"{_EACH[budget.period]}{what} of {of}"


def amount(value: int, unit: Unit, *, up: bool = False) -> str:
    """An amount with its unit, rounded down, so that nobody is told of more than there is; `up` for what is needed."""
    if unit is Unit.TOKENS:
        return f"{value:,} token" + ("" if value == 1 else "s")
    step = 100_000 if value < _FINE_NUSD and value % (NUSD_PER_USD // 100) else 10_000_000
    steps = -(-value // step) if up else value // step
    digits = 4 if step == 100_000 else 2
    return f"${steps * step / NUSD_PER_USD:,.{digits}f}"


def refusal(standing: BudgetStanding, need: int, now_us: int, key_name: KeyName) -> str:
    """Why a request does not fit into a budget, and when it may."""
    budget = standing.budget
    whole = amount(budget.amount, budget.unit)
    left = amount(standing.left, budget.unit)
    needs = f"this request could need up to {amount(need, budget.unit, up=True)}"
    head = f"The {name_of(budget, key_name)} is {whole}, {left} of it is left, and {needs}."
    if need > budget.amount:
        return f"{head} It never fits: ask for less, with a smaller bound on the answer, or raise the budget."
    if standing.used + need <= budget.amount:
        held = amount(standing.reserved, budget.unit)
        return f"{head} Requests that still run hold {held}; try again in a few seconds."
    if not standing.resets_us:
        return f"{head} Ask for less, or raise the budget."
    return f"{head} It begins anew {moment(standing.resets_us, now_us)}."


def unpriced(budget: Budget, model: str, key_name: KeyName) -> str:
    """Why a model without a known price is refused."""
    return (
        f"Nobody knows what {model} costs, so it cannot be kept within the {name_of(budget, key_name)}. "
        "Write its price as [[price]] in patchbay.toml, or make the budget one that only warns."
    )


def warning(standing: BudgetStanding, now_us: int, key_name: KeyName) -> str:
    """What the user is told of a budget that runs low."""
    return f"{_share(standing, key_name)}{_anew(standing, now_us)}"


def used_up(standing: BudgetStanding, now_us: int, key_name: KeyName) -> str:
    """What the user is told of a budget that is used up, or has too little left for a request."""
    head = _share(standing, key_name)
    if not standing.budget.hard:
        return f"{head} It only warns: requests go on.{_anew(standing, now_us)}"
    until = f" until {moment(standing.resets_us, now_us)}" if standing.resets_us else " until it is raised"
    what = "Requests" if standing.used >= standing.budget.amount else "Requests that may need more than is left"
    return f"{head} {what} are refused{until}."


def _share(standing: BudgetStanding, key_name: KeyName) -> str:
    budget = standing.budget
    used, whole = amount(standing.used, budget.unit), amount(budget.amount, budget.unit)
    least = "at least " if standing.unpriced else ""
    return f"The {name_of(budget, key_name)}: {least}{used} of {whole} used."


def _anew(standing: BudgetStanding, now_us: int) -> str:
    return f" It begins anew {moment(standing.resets_us, now_us)}." if standing.resets_us else ""
