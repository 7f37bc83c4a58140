"""`patchbay budget …`: bounds on money and tokens. The running program counts; this only looks and sets."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from app.cli.context import Context
from app.domain import amounts
from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.budget_words import amount, percent, refusing
from app.domain.client_key import ClientKey
from app.domain.errors import ConfigError
from app.domain.periods import moment


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the budgets."""
    await _open(context)
    standings = context.services.budgets.standing()
    if options.json:
        context.out.json([_plain(context, one) for one in standings])
        return 0
    if not standings:
        context.out.note("There are no budgets; `patchbay budget add --amount 20 --per month` sets one.")
        return 0
    head = ("id", "budget", "used", "of", "held", "when full", "resets")
    context.out.table(head, [_row(context, one) for one in standings])
    for one in standings:
        for words in _notes(context, one):
            context.out.note(words)
    return 0


async def add(context: Context, options: argparse.Namespace) -> int:
    """Set a budget."""
    await _open(context)
    unit = Unit.TOKENS if options.tokens else Unit.MONEY
    scope, subject = Scope.ALL, ""
    if options.key:
        scope, subject = Scope.KEY, _key(context, options.key).id
    elif options.provider:
        scope, subject = Scope.PROVIDER, _provider(context, options.provider)
    elif options.model:
        scope, subject = Scope.MODEL, options.model
    warn = 80 if options.warn is None else options.warn
    wanted = Budget(
        "", scope, subject, unit, Period(options.per), _amount(options.amount, unit), not options.soft, warn
    )
    return await _put(context, options, wanted, "Set")


async def change(context: Context, options: argparse.Namespace) -> int:
    """Change a budget."""
    await _open(context)
    old = _one(context, options.id).budget
    wanted = replace(
        old,
        amount=old.amount if options.amount is None else _amount(options.amount, old.unit),
        hard=old.hard if options.hard is None else options.hard,
        warn_percent=old.warn_percent if options.warn is None else options.warn,
    )
    return await _put(context, options, wanted, "Changed")


async def remove(context: Context, options: argparse.Namespace) -> int:
    """Remove a budget."""
    await _open(context)
    budget = _one(context, options.id).budget
    name = context.services.budgets.name_of(budget)
    await context.services.budgets.remove(budget.id)
    context.out.note(f"Removed the {name} ({budget.id}).")
    return 0


async def _open(context: Context) -> None:
    await context.services.budgets.open(elsewhere=bool(context.process))
    await context.services.budgets.settle()


async def _put(context: Context, options: argparse.Namespace, wanted: Budget, done: str) -> int:
    put = await context.services.budgets.put(wanted)
    standing = _one(context, put.id)
    if options.json:
        context.out.json(_plain(context, standing))
        return 0
    used = f"{amount(standing.used, put.unit)} of {amount(put.amount, put.unit)} used so far"
    context.out.say(f"{done} the {context.services.budgets.name_of(put)} ({put.id}): {used}.")
    for words in _notes(context, standing):
        context.out.note(words)
    return 0


def _one(context: Context, budget_id: str) -> BudgetStanding:
    found = next((one for one in context.services.budgets.standing() if one.budget.id == budget_id), None)
    if found is None:
        raise ConfigError(f"there is no budget {budget_id!r}; `patchbay budget list` shows them", key="id")
    return found


def _key(context: Context, id_or_name: str) -> ClientKey:
    found = next((key for key in context.services.keys.all() if id_or_name in (key.id, key.name)), None)
    if found is None:
        raise ConfigError(f"there is no client key {id_or_name!r}; `patchbay key list` shows them", key="--key")
    return found


def _provider(context: Context, name: str) -> str:
    names = [one.name for one in context.services.status.current.providers]
    found = next((one for one in names if one.lower() == name.lower()), "")
    if not found:
        raise ConfigError(f"there is no provider {name!r}; there are: {', '.join(names) or 'none'}", key="--provider")
    return found


def _amount(text: str, unit: Unit) -> int:
    """What was typed, in nano-dollars or tokens, read as the window reads it."""
    try:
        return amounts.parse(text, unit)
    except amounts.AmountError as error:
        raise ConfigError(f"{text[:40]!r} will not do. {error}", key="--amount") from None


def _row(context: Context, standing: BudgetStanding) -> tuple[str, ...]:
    budget = standing.budget
    least = "at least " if standing.unpriced else ""
    return (
        budget.id,
        context.services.budgets.name_of(budget),
        f"{least}{amount(standing.used, budget.unit)} ({percent(standing)})",
        amount(budget.amount, budget.unit),
        amount(standing.reserved, budget.unit) if standing.reserved else "",
        "refuses" if budget.hard else "only warns",
        moment(standing.resets_us, _now_us()) if standing.resets_us else "never",
    )


def _notes(context: Context, standing: BudgetStanding) -> list[str]:
    """Whether it refuses requests now, and where its figures come from, where not all of them were counted."""
    budget, found = standing.budget, []
    name = context.services.budgets.name_of(budget)
    if why := refusing(standing):
        until = f" until {moment(standing.resets_us, _now_us())}" if standing.resets_us else ""
        found.append(f"The {name}: {why}, requests are refused{until}.")
    if standing.seeded:
        found.append(f"The {name}: {amount(standing.seeded, budget.unit)} are from the history before it was set.")
    if standing.assumed:
        words = "are guessed, for requests that were cut before a provider said what they used"
        found.append(f"The {name}: {amount(standing.assumed, budget.unit)} {words}.")
    if standing.unpriced:
        one = standing.unpriced == 1
        count = "1 request has" if one else f"{standing.unpriced:,} requests have"
        found.append(f"The {name}: {count} no known price and {'counts' if one else 'count'} as nothing.")
    return found


def _plain(context: Context, standing: BudgetStanding) -> dict[str, object]:
    budget = standing.budget
    return {
        "id": budget.id,
        "name": context.services.budgets.name_of(budget),
        "scope": budget.scope.value,
        "subject": budget.subject,
        "unit": "nano-dollars" if budget.unit is Unit.MONEY else "tokens",
        "period": budget.period.value,
        "amount": budget.amount,
        "hard": budget.hard,
        "warn_percent": budget.warn_percent,
        "used": standing.used,
        "reserved": standing.reserved,
        "left": standing.left,
        "seeded": standing.seeded,
        "assumed": standing.assumed,
        "unpriced": standing.unpriced,
        "refuses": standing.refuses,
        "resets_us": standing.resets_us or None,
    }


def _now_us() -> int:
    return int(time.time() * 1e6)
