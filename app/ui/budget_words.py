"""Budgets in words and shares: what list, table, tray and editor say of one, from one place.

Every figure bears its unit; what is only known to be at least so much says so; a forecast is marked as an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.domain import budget_words
from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.periods import period_at
from app.ui import formats
from app.ui.formats import Natural, one_line

EARLIEST = 0.1
"""A forecast is made once this share of the period is over; before, it would say little."""
GONE_KEY = "A key that is gone"
NO_KEY = "There is no such key any more, so this budget bounds nothing"
EACH = {Period.DAY: "a day", Period.WEEK: "a week", Period.MONTH: "a month", Period.TOTAL: "in all"}
EVERY = {Period.DAY: "every day", Period.WEEK: "every week", Period.MONTH: "every month", Period.TOTAL: "in all"}
END = {Period.DAY: "of the day", Period.WEEK: "of the week", Period.MONTH: "of the month"}
MIDNIGHT, UNKNOWN = "midnight", "an unknown time"
_NAME = 60
_ORDER = {scope: place for place, scope in enumerate(Scope)}
_LENGTH = {period: place for place, period in enumerate(Period)}


@dataclass(frozen=True, slots=True)
class Shares:
    """What a bar shows; shares of the amount, 0 to 1, that together do not pass 1."""

    used: float
    reserved: float
    warn: float
    """Where the tick stands; 0 for none."""
    role: str
    """Color of the used part."""


@dataclass(frozen=True, slots=True)
class Line:
    """Everything a budget's row says."""

    title: str
    amount: str
    """"$12.40 of $20.00"."""
    facts: str
    """"62 % · $0.31 reserved · resets Tuesday 1 Dec"."""
    manner: str
    """"hard: stops" or "soft: only warns"."""
    alert: str
    """What needs attention, empty where nothing does: used up, past the warning mark, requests without a price."""
    alert_role: str
    shares: Shares
    exact: str
    """Every figure to the last digit, for the tooltip."""

    @property
    def spoken(self) -> str:
        """The whole row in one sentence, for those who listen."""
        return ". ".join(part for part in (self.title, self.amount, self.facts, self.manner, self.alert) if part)


def line(standing: BudgetStanding, key_names: Mapping[str, str], now_us: int) -> Line:
    """A budget's row at this moment; `key_names` by id."""
    budget = standing.budget
    facts = [percent(standing)]
    if standing.reserved:
        facts.append(f"{amount(standing.reserved, budget.unit)} reserved")
    facts += origins(standing)
    facts.append(resets(standing, now_us))
    gone = budget.scope is Scope.KEY and budget.subject not in key_names
    ahead = "" if gone else forecast_words(standing, now_us)
    if ahead:
        facts.append(ahead)
    alert, role = (NO_KEY, "muted") if gone else _alert(standing, now_us)
    return Line(
        title=f"{scope(budget, key_names)}, {EVERY[budget.period]}",
        amount=used_of(standing),
        facts=" · ".join(facts),
        manner="Hard: stops at the limit" if budget.hard else "Soft: only warns",
        alert=alert,
        alert_role=role,
        shares=shares(standing),
        exact=_exact(standing),
    )


def order(budget: Budget, key_names: Mapping[str, str]) -> tuple[int, Natural, int, str]:
    """Where a budget stands among those that are used as much."""
    return _ORDER[budget.scope], formats.natural(scope(budget, key_names)), _LENGTH[budget.period], budget.id


def amount(number: int, unit: Unit) -> str:
    """Money with two decimals or the digits that matter below a cent, tokens with three digits that count."""
    if unit is Unit.TOKENS:
        return f"{formats.tokens(number)}{formats.NBSP}tokens" if number >= 1_000 else formats.exact_tokens(number)
    return budget_words.amount(number, unit)


def exact_amount(number: int, unit: Unit) -> str:
    """To the last digit."""
    return formats.exact_money(number) if unit is Unit.MONEY else formats.exact_tokens(number)


def used_of(standing: BudgetStanding) -> str:
    """Like "$12.40 of $20.00", "1.20 M of 5.00 M tokens"; "≥" where some requests have no known price."""
    unit = standing.budget.unit
    least = f"≥{formats.NBSP}" if standing.unpriced else ""
    used = formats.tokens(standing.used) if unit is Unit.TOKENS else amount(standing.used, unit)
    return f"{least}{used} of {amount(standing.budget.amount, unit)}"


def percent(standing: BudgetStanding) -> str:
    """The used share; never "100 %" before all of it is used."""
    return budget_words.percent(standing).replace(" ", formats.NBSP)


def shares(standing: BudgetStanding) -> Shares:
    """What the bar shows."""
    budget = standing.budget
    used = min(1.0, max(0.0, standing.share))
    reserved = min(1.0 - used, max(0, standing.reserved) / budget.amount) if budget.amount > 0 else 0.0
    warn = min(1.0, budget.warn_percent / 100)
    role = "error" if standing.share >= 1 or standing.refuses else "warning" if warn and used >= warn else "accent"
    return Shares(used, reserved, warn, role)


def scope(budget: Budget, key_names: Mapping[str, str]) -> str:
    """Whose use is counted."""
    subject = one_line(budget.subject, _NAME)
    if budget.scope is Scope.KEY:
        name = key_names.get(budget.subject)
        return f"Key {one_line(name, _NAME)}" if name else GONE_KEY
    if budget.scope is Scope.PROVIDER:
        return f"Provider {subject}"
    if budget.scope is Scope.MODEL:
        return f"Models {subject}" if "*" in budget.subject else f"Model {subject}"
    return "All requests"


def whose(budget: Budget, key_names: Mapping[str, str] | None = None) -> str:
    """Whose use is counted, within a sentence: "all requests", "the key “laptop”", "a client key" without names."""
    subject = one_line(budget.subject, _NAME)
    match budget.scope:
        case Scope.KEY:
            name = (key_names or {}).get(budget.subject)
            return f"the key “{one_line(name, _NAME)}”" if name else "a client key"
        case Scope.PROVIDER:
            return f"the provider {subject}"
        case Scope.MODEL:
            return f"the model{'s' if '*' in subject else ''} {subject}"
        case Scope.ALL:
            return "all requests"


def resets(standing: BudgetStanding, now_us: int) -> str:
    """When the count begins anew: "resets at midnight", "resets Tuesday 1 Dec", "never resets"."""
    ends = _ends(standing, now_us)
    if not ends:
        return "never resets"
    return f"resets at {ends}" if ends in (MIDNIGHT, UNKNOWN) else f"resets {ends}"


def until(standing: BudgetStanding, now_us: int) -> str:
    """How long something holds, to be added to it: " until midnight"; empty where the count never begins anew."""
    ends = _ends(standing, now_us)
    return f" until {ends}" if ends else ""


def _ends(standing: BudgetStanding, now_us: int) -> str:
    """When the period ends; empty where it does not."""
    if standing.budget.period is Period.TOTAL or not standing.resets_us:
        return ""
    try:
        at, now = formats.local(standing.resets_us), formats.local(now_us)
    except (ValueError, OverflowError, OSError):
        return UNKNOWN
    clock = "" if (at.hour, at.minute) == (0, 0) else f" {at:%H:%M}"
    if at.date() == (now + timedelta(days=1)).date():
        return MIDNIGHT if not clock else f"tomorrow{clock}"
    return f"{at:%A} {at.day}{formats.NBSP}{at:%b}{clock}"


def origins(standing: BudgetStanding) -> list[str]:
    """Which part of what was used nobody counted as it was used; empty where all of it was."""
    unit, found = standing.budget.unit, []
    if standing.seeded:
        found.append(f"{amount(standing.seeded, unit)} from the history")
    if standing.assumed:
        found.append(f"{amount(standing.assumed, unit)} guessed")
    return found


def forecast(standing: BudgetStanding, now_us: int) -> int | None:
    """What will be used by the end of the period if it goes on as so far; None where that cannot be said.

    A straight line through the period's beginning and now: honest only after a part of it, and never without an end.
    """
    if not standing.used or not standing.resets_us or standing.unpriced:
        return None
    began_us = _began_us(standing)
    length = standing.resets_us - began_us
    past = now_us - began_us
    if length <= 0 or not length * EARLIEST <= past < length:
        return None
    return standing.used * length // past


def forecast_words(standing: BudgetStanding, now_us: int) -> str:
    """Like "≈ $18.90 by the end of the month at this pace"; empty where nothing honest can be said."""
    ahead = forecast(standing, now_us)
    if ahead is None or standing.share >= 1 or standing.refuses:
        return ""
    budget = standing.budget
    return f"≈{formats.NBSP}{amount(ahead, budget.unit)} by the end {END[budget.period]} at this pace"


def _began_us(standing: BudgetStanding) -> int:
    """The beginning of the period that ends at `resets_us`; `resets_us` itself where the calendar knows none."""
    try:
        return period_at(standing.budget.period, standing.resets_us - 1)[0]
    except (ValueError, OverflowError, OSError):
        return standing.resets_us


def _alert(standing: BudgetStanding, now_us: int) -> tuple[str, str]:
    """What needs attention, and its color."""
    budget = standing.budget
    said, role = [], "muted"
    if standing.share >= 1:
        over = standing.used - budget.amount
        role = "error"
        beyond = f", {amount(over, budget.unit)} over" if over > 0 else ""
        then = f"requests are refused{until(standing, now_us)}" if budget.hard else "requests go on"
        said.append(f"Used up{beyond}: {then}")
    elif standing.refuses:
        role = "error"
        then = f"requests like it are refused{until(standing, now_us)}, smaller ones may pass"
        said.append(f"Too little left for the last request: {then}")
    elif budget.hard and standing.reserved and not standing.left:
        role = "warning"
        said.append("Running requests hold the rest")
    elif budget.warn_percent and standing.share * 100 >= budget.warn_percent:
        role = "warning"
        said.append(f"Past the warning mark of {budget.warn_percent}{formats.NBSP}%")
    else:
        ahead = forecast(standing, now_us)
        if ahead is not None and ahead > budget.amount:
            role = "warning"
            said.append("At this pace it is used up before it resets")
    if standing.unpriced:
        role = "warning" if role == "muted" else role
        one = standing.unpriced == 1
        number = "1 request" if one else f"{standing.unpriced:,} requests"
        said.append(f"{number} of unknown price {'is' if one else 'are'} not in this number")
    return ". ".join(said), role


def _exact(standing: BudgetStanding) -> str:
    unit = standing.budget.unit
    lines = [
        f"{exact_amount(standing.used, unit)} used of {exact_amount(standing.budget.amount, unit)}",
        f"{exact_amount(standing.reserved, unit)} reserved by running requests",
        f"{exact_amount(standing.left, unit)} left",
    ]
    if standing.seeded:
        lines.append(f"{exact_amount(standing.seeded, unit)} taken over from the history when the budget was set")
    if standing.assumed:
        told = "assumed for requests that were cut before a provider said what they used"
        lines.append(f"{exact_amount(standing.assumed, unit)} {told}")
    if standing.resets_us:
        lines.append(f"Resets {formats.exact_time(standing.resets_us)[:16]}")
    return "\n".join(lines)


def meaning(budget: Budget, subject: str) -> str:
    """What a budget does, for the editor: `subject` is the scope in words."""
    least = amount(budget.amount, budget.unit)
    whose = f"{subject[:1].lower()}{subject[1:]}"
    text = f"At most {least} {EACH[budget.period]} for {whose}."
    if budget.warn_percent:
        text += f" You are told at {budget.warn_percent}{formats.NBSP}%."
    if not budget.hard:
        return f"{text} Beyond the amount requests go on."
    then = "" if budget.period is Period.TOTAL else " until it resets"
    return f"{text} A request that could pass the amount is refused{then}."
