"""`patchbay error-rule …`: what providers' errors really mean; the first rule that fits an error counts."""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.context import Context
from app.cli.routes import no_rule
from app.domain.error_meaning import covered_by
from app.domain.errors import ConfigError
from app.domain.routing import ErrorRule, Meaning
from app.domain.rule_words import error_rule_words


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the rules, numbered, and say which of them never count."""
    rules = _rules(context)
    if options.json:
        context.out.json(_plain(rules))
        return 0
    if not rules:
        context.out.note(
            "There are no rules about errors. Add one with: patchbay error-rule add overloaded --status 400"
        )
    for place, rule in enumerate(rules):
        covered = covered_by(rules, place)
        never = "" if covered is None else f" (never counts: rule {covered + 1} fits the same errors before it)"
        context.out.say(f"{place + 1:3}  {error_rule_words(rule)}{never}")
    return 0


async def add(context: Context, options: argparse.Namespace) -> int:
    """Say what an error of a provider really means."""
    rule = ErrorRule(Meaning(options.means.replace("-", "_")), options.status, options.text, options.provider)
    await context.services.routes.put_error_rule(rule, at=None if options.at is None else options.at - 1)
    return _told(context, options, f"Added: {error_rule_words(rule)}")


async def move(context: Context, options: argparse.Namespace) -> int:
    """Give a rule another place."""
    rules = _rules(context)
    if not 1 <= options.number <= len(rules):
        raise ConfigError(no_rule(options.number, len(rules)), key="number")
    place = min(options.to, len(rules))
    await context.services.routes.move_error_rule(options.number - 1, place - 1)
    return _told(context, options, f"Number {place} now: {error_rule_words(rules[options.number - 1])}")


async def remove(context: Context, options: argparse.Namespace) -> int:
    """Remove a rule."""
    await context.services.routes.remove_error_rule(options.number - 1)
    return _told(context, options, f"Removed rule {options.number}.")


def _rules(context: Context) -> tuple[ErrorRule, ...]:
    return context.services.routes.routing.error_rules


def _plain(rules: tuple[ErrorRule, ...]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "words": error_rule_words(rule),
            "means": rule.means.value,
            "status": rule.status,
            "text": rule.text,
            "provider": rule.provider,
        }
        for number, rule in enumerate(rules, start=1)
    ]


def _told(context: Context, options: argparse.Namespace, words: str) -> int:
    if options.json:
        context.out.json(_plain(_rules(context)))
    else:
        context.out.note(words)
    return 0
