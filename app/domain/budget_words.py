"""Budgets in sentences: what a client whose request is refused and a user whose budget runs low are told."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.money import NUSD_PER_USD, dollars
from app.domain.periods import moment

KeyName = Callable[[str], str]
"""The name of a client key by its id."""

_EACH = {Period.DAY: "daily ", Period.WEEK: "weekly ", Period.MONTH: "monthly ", Period.TOTAL: ""}
_OF = {Scope.ALL: "all requests", Scope.KEY: "the key ", Scope.PROVIDER: "", Scope.MODEL: "the model "}
_CENT_NUSD = NUSD_PER_USD // 100


def name_of(budget: Budget, key_name: KeyName) -> str:
    """What a budget is called: "monthly budget of all requests", "daily token quota of the key laptop"."""
    subject = key_name(budget.subject) if budget.scope is Scope.KEY else budget.subject
    of = f"{_OF[budget.scope]}{subject}"
    what = "budget" if budget.unit is Unit.MONEY else "token quota"
    return f"{_EACH[budget.period]}{what} of {of}"


def amount(value: int, unit: Unit) -> str:
    """An amount with its unit: money with two decimals, or the digits that matter below a cent; tokens in full."""
    if unit is Unit.TOKENS:
        return f"{value:,} token" + ("" if value == 1 else "s")
    if value >= _CENT_NUSD or value <= 0:
        return f"${value / NUSD_PER_USD:,.2f}"
    return dollars(value)


def at_most(value: int, unit: Unit) -> str:
    """The same rounded down, for what is left: nobody is told of more than there is."""
    return amount(value // _step(value, unit) * _step(value, unit), unit)


def at_least(value: int, unit: Unit) -> str:
    """The same rounded up, for what is needed."""
    return amount(-(-value // _step(value, unit)) * _step(value, unit), unit)


def percent(standing: BudgetStanding) -> str:
    """The used share; never "100 %" before all of it is used."""
    share = standing.share
    whole = min(99, round(share * 100)) if share < 1 else int(share * 100)
    return "under 1 %" if not whole and standing.used else f"{whole:,} %"


def refusal(standing: BudgetStanding, need: int, now_us: int, key_name: KeyName) -> str:
    """Why a request does not fit into a budget, and when it may."""
    budget = standing.budget
    whole = amount(budget.amount, budget.unit)
    left = at_most(standing.left, budget.unit)
    needs = f"this request could need up to {at_least(need, budget.unit)}"
    head = f"The {name_of(budget, key_name)} is {whole} with {left} left, and {needs}."
    if need > budget.amount:
        return f"{head} It never fits: ask for less, with a smaller bound on the answer, or raise the budget."
    if standing.used + need <= budget.amount:
        held = amount(standing.reserved, budget.unit)
        return f"{head} Requests that still run hold {held}; try again in a few seconds."
    if not standing.resets_us:
        return f"{head} Ask for less, or raise the budget."
    return f"{head} It resets {moment(standing.resets_us, now_us)}."


def ended(standing: BudgetStanding, now_us: int, key_name: KeyName) -> str:
    """Why an answer without a bound was ended."""
    whole = amount(standing.budget.amount, standing.budget.unit)
    head = f"The answer was ended here: the {name_of(standing.budget, key_name)} is {whole} and has no room for more."
    return f"{head}{_anew(standing, now_us)}"


def unpriced(budget: Budget, model: str, key_name: KeyName) -> str:
    """Why a model without a known price is refused."""
    return (
        f"Nobody knows what {model} costs, so it cannot be kept within the {name_of(budget, key_name)}. "
        "Set its price with `patchbay price set` or as [[price]] in patchbay.toml, "
        "or make the budget one that only warns."
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


def refusing(standing: BudgetStanding) -> str:
    """Why a budget that refuses requests does: "used up", "too little left"; empty where it refuses none."""
    if not standing.refuses:
        return ""
    return "too little left" if standing.too_little else "used up"


def _share(standing: BudgetStanding, key_name: KeyName) -> str:
    budget = standing.budget
    used, whole = amount(standing.used, budget.unit), amount(budget.amount, budget.unit)
    least = "at least " if standing.unpriced else ""
    return f"The {name_of(budget, key_name)}: {least}{used} of {whole} used."


def _anew(standing: BudgetStanding, now_us: int) -> str:
    return f" It resets {moment(standing.resets_us, now_us)}." if standing.resets_us else ""


def _step(value: int, unit: Unit) -> int:
    """What the last digit that is shown stands for."""
    if unit is Unit.TOKENS:
        return 1
    return _CENT_NUSD if value >= _CENT_NUSD else 10 ** max(0, len(str(value)) - 2)
