"""`patchbay use`, `route …`, `pin …` and `provider order|failover`: where requests go."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
from typing import Any

from app.cli.context import Context
from app.cli.route_parser import FACTS
from app.cli.running import Running
from app.domain.errors import ConfigError
from app.domain.facts import KnownFacts
from app.domain.provider import Tier
from app.domain.route import Target
from app.domain.routing import Choice, Pin, Routing, Rule, Strategy
from app.domain.rule_words import pin_words, rule_words, strategy_words

AUTO = "auto"
NAMELESS = ("open", "environment")
"""What callers without a key of the list are called."""
_DAY_MINUTES = 1440


async def use(context: Context, options: argparse.Namespace) -> int:
    """Prefer a provider or none, and choose its models."""
    routes, names = context.services.routes, _names(context)
    provider = "" if options.provider.lower() == AUTO and options.provider not in names else options.provider
    if not provider and options.only:
        raise ConfigError("Auto chooses among all; name the provider that nothing else may stand in for", key="--only")
    tier = next((one.value for one in Tier if getattr(options, one.value) is not None), "")
    if not provider and tier:
        words = f"name the provider whose {tier} model it is; Auto has none of its own"
        raise ConfigError(words, key=f"--{tier}")
    status = context.services.status.current
    listed = {one.name: one.models for one in status.providers}
    await routes.use(provider)
    if options.only or options.also_others:
        await routes.only(options.only)
    for tier in Tier:
        model = getattr(options, tier.value)
        if model is not None:
            await routes.choose(tier, model)
        whose = provider or status.active
        if model and listed.get(whose) and model not in listed[whose]:
            context.out.note(f"{whose} does not list {model}; {tier.value} requests are sent with that name as it is.")
    only = routes.routing.only
    alone = "nothing else serves" if options.only else "nothing else serves, as before (--also-others ends that)"
    words = f"{provider} is preferred{f', and {alone}' if only else '; others serve where it cannot'}."
    answer = {"provider": provider, "auto": not provider, "only": only}
    return _told(context, options, answer, words if provider else "Patchbay chooses among all providers (Auto).")


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the rules, numbered, and what holds for all ways."""
    routing = context.services.routes.routing
    preferred = context.services.settings.current.provider
    if options.json:
        resting = Running(context.told).resting()
        context.out.json({"provider": preferred, **_general(routing), "rules": _rules(routing), "resting": resting})
        return 0
    known = preferred in _names(context)
    usual = preferred if known else f"Auto (there is no provider {preferred})" if preferred else "Auto"
    only = " only" if routing.only and known else ", then the others" if known else ""
    order = f"; order: {', '.join(routing.order)}" if routing.order else ""
    context.out.say(f"Usual way: {usual}{only} ({strategy_words(routing.strategy)}{order})")
    if not routing.rules:
        context.out.note("There are no rules. Add one with: patchbay route add --model 'claude-opus-*' --to PROVIDER")
    for number, rule in enumerate(routing.rules, start=1):
        name = f"{rule.name}: " if rule.name else ""
        context.out.say(f"{number:3}  {name}{rule_words(rule)}{'' if rule.enabled else ' (disabled)'}")
    for words in Running(context.told).resting():
        context.out.say(words)
    return 0


async def add(context: Context, options: argparse.Namespace) -> int:
    """Add a rule, last or at a place."""
    routes = context.services.routes
    facts = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name, _ in FACTS}
    rule = Rule(
        name=options.name,
        models=tuple(options.model or ()),
        keys=tuple(options.key or ()),
        clients=tuple(options.client or ()),
        min_tokens=routes.tokens(options.min_tokens or "0", "--min-tokens"),
        max_tokens=routes.tokens(options.max_tokens or "0", "--max-tokens"),
        between=routes.hours(options.between) if options.between else None,
        to=tuple(map(choice, options.to)),
        strategy=Strategy(options.strategy.replace("-", "_")),
        only=options.only,
        **facts,
    )
    await routes.put_rule(rule, at=None if options.at is None else options.at - 1)
    return _told(context, options, {"rules": _rules(routes.routing)}, f"Added: {rule_words(rule)}")


async def remove(context: Context, options: argparse.Namespace) -> int:
    """Remove a rule."""
    routes = context.services.routes
    rule = _rule(context, options.number)
    await routes.remove_rule(options.number - 1)
    return _told(context, options, {"rules": _rules(routes.routing)}, f"Removed: {rule_words(rule)}")


async def move(context: Context, options: argparse.Namespace) -> int:
    """Give a rule another place."""
    routes = context.services.routes
    rule = _rule(context, options.number)
    place = min(options.to, len(routes.routing.rules))
    await routes.move_rule(options.number - 1, place - 1)
    return _told(context, options, {"rules": _rules(routes.routing)}, f"Number {place} now: {rule_words(rule)}")


async def switch(context: Context, options: argparse.Namespace) -> int:
    """Have a rule count, or not."""
    routes = context.services.routes
    rule = dataclasses.replace(_rule(context, options.number), enabled=options.action == "enable")
    await routes.put_rule(rule, replaces=options.number - 1)
    words = f"{options.action.capitalize()}d: {rule_words(rule)}"
    return _told(context, options, {"rules": _rules(routes.routing)}, words)


async def try_out(context: Context, options: argparse.Namespace) -> int:
    """Say where a request would go, and why; raises PatchbayError where it would be refused."""
    routes, keys = context.services.routes, [one.name for one in context.services.keys.all()]
    if options.key and options.key not in (*keys, *NAMELESS):
        raise ConfigError(f"there is no client key {options.key!r}; `patchbay key list` shows them", key="--key")
    facts = KnownFacts(
        model=options.model,
        client=options.client,
        key=options.key,
        pin=options.pin,
        minute=_minute(context, options.at),
        prompt_tokens=routes.tokens(options.tokens, "--tokens"),
        **{name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name, _ in FACTS},
    )
    plan = routes.preview(facts)
    passed, running = _passed(context, facts), Running(context.told)
    known = zip(plan.targets, routes.lacking(plan, facts, running.windows), strict=True)
    skipped = {one: words for one, lack in known if (words := lack or running.stops(*_named(one)))}
    if options.json:
        groups = [
            {"strategy": group.strategy.value, "targets": [_target(one) for one in group.targets]}
            for group in plan.groups
        ]
        told = {"why": plan.why, "affinity": plan.affinity, "groups": groups}
        lacking = {_target(one): words for one, words in skipped.items()}
        context.out.json({**told, "skipped": lacking, "passed_over": passed})
        return 0
    for line in passed:
        context.out.say(f"not {line['rule']}: {line['why']}")
    number = 0
    for index, group in enumerate(plan.groups):
        head = "then" if index else f"{plan.why[0].upper()}{plan.why[1:]}"
        context.out.say(f"{head}, {strategy_words(group.strategy)}" if len(group.targets) > 1 else head)
        for target in group.targets:
            number += 1
            unfit = routes.lacks(target, facts, running.windows)
            unfit = f"{unfit}; asked all the same, for nobody would do" if unfit else ""
            notes = f"skipped: {skipped[target]}" if target in skipped else unfit or running.notes(*_named(target))
            context.out.say(f"{number:3}  {_target(target)}{f', {notes}' if notes else ''}")
    return 0


async def strategy(context: Context, options: argparse.Namespace) -> int:
    """Say who comes first among those that would all do."""
    chosen = Strategy(options.name.replace("-", "_"))
    await context.services.routes.strategy(chosen)
    return _told(context, options, _general(context.services.routes.routing), f"Now {strategy_words(chosen)}.")


async def affinity(context: Context, options: argparse.Namespace) -> int:
    """Keep conversations where they began, or not."""
    await context.services.routes.affinity(options.switch == "on")
    words = "stay where they began" if options.switch == "on" else "may change the provider with every turn"
    return _told(context, options, _general(context.services.routes.routing), f"Conversations {words}.")


async def health_checks(context: Context, options: argparse.Namespace) -> int:
    """Ask resting providers how they do, every so often."""
    await context.services.routes.health_checks(options.seconds)
    words = f"asked every {options.seconds:,} s" if options.seconds else "not asked by themselves"
    return _told(context, options, _general(context.services.routes.routing), f"Resting providers are {words}.")


async def order(context: Context, options: argparse.Namespace) -> int:
    """Say in which order providers serve."""
    await context.services.routes.order(options.name)
    names = context.services.routes.routing.order
    return _told(context, options, {"order": list(names)}, f"Order: {', '.join(names)}.")


async def failover(context: Context, options: argparse.Namespace) -> int:
    """Say whether a provider serves where another one cannot."""
    on = options.switch == "on"
    await context.services.routes.failover(options.name, on)
    words = f"{options.name} serves {'where others cannot' if on else 'only what it is asked for'}."
    return _told(context, options, {"provider": options.name, "failover": on}, words)


async def show_pins(context: Context, options: argparse.Namespace) -> int:
    """List the pins with the base URLs that they make."""
    pins = context.services.routes.routing.pins
    if options.json:
        context.out.json(_pins(pins))
    elif not pins:
        context.out.note("There are no pins. Add one with: patchbay pin add NAME PROVIDER:MODEL")
    else:
        rows = [(pin.name, f"/p/{pin.name}", str(pin.to), pin.key) for pin in pins]
        context.out.table(("name", "base URL ends in", "leads to", "key"), rows)
    return 0


async def add_pin(context: Context, options: argparse.Namespace) -> int:
    """Fix a project or terminal to a target; a pin of that name is replaced."""
    routes = context.services.routes
    pin = Pin(options.name, choice(options.to), options.key)
    before = next((one for one in routes.routing.pins if one.name.lower() == pin.name.lower()), None)
    await routes.put_pin(pin, replaces=before.name if before else "")
    words = f"Pinned: {pin_words(pin)}"
    if before:
        was = f"{before.to}{f', and key {before.key}' if before.key else ''}"
        words = f"Changed: {pin_words(pin)} (was {was})"
    return _told(context, options, _pins(routes.routing.pins), words)


async def remove_pin(context: Context, options: argparse.Namespace) -> int:
    """Remove a pin."""
    routes = context.services.routes
    await routes.remove_pin(options.name)
    return _told(context, options, _pins(routes.routing.pins), f"Removed pin {options.name}.")


def choice(text: str) -> Choice:
    """A target as it is written on the command line."""
    provider, _, model = text.partition(":")
    return Choice(provider.strip(), model.strip())


def no_rule(number: int, count: int) -> str:
    """That there is no rule of that number, in words."""
    last = f"the last one is {count}" if count else "there are none"
    return f"there is no rule {number}; {last}"


def _passed(context: Context, facts: KnownFacts) -> list[dict[str, str]]:
    """The rules before the one that counts, and what each of them asks for."""
    rules = context.services.routes.routing.rules
    found = context.services.routes.passed_over(facts)
    return [{"rule": f"rule {rules[index].name or index + 1}", "why": why} for index, why in found]


def _minute(context: Context, text: str) -> int:
    if text:
        return context.services.routes.time(text, "--at")
    now = dt.datetime.now().astimezone()
    return (now.hour * 60 + now.minute) % _DAY_MINUTES


def _rule(context: Context, number: int) -> Rule:
    rules = context.services.routes.routing.rules
    if not 1 <= number <= len(rules):
        raise ConfigError(no_rule(number, len(rules)), key="number")
    return rules[number - 1]


def _names(context: Context) -> set[str]:
    return {one.name for one in context.services.status.current.providers}


def _named(target: Target) -> tuple[str, str]:
    return target.provider.name, target.model


def _target(target: Target) -> str:
    return f"{target.provider.name}:{target.model}"


def _general(routing: Routing) -> dict[str, Any]:
    return {
        "only": routing.only,
        "strategy": routing.strategy.value,
        "affinity": routing.affinity,
        "order": list(routing.order),
        "health_check_s": routing.health_check_s,
    }


def _rules(routing: Routing) -> list[dict[str, Any]]:
    """Every rule with its words, and with what is set of it."""
    found = []
    for number, rule in enumerate(routing.rules, start=1):
        fields = {key: value for key, value in dataclasses.asdict(rule).items() if value != getattr(Rule(), key)}
        fields["to"] = [str(one) for one in rule.to]
        found.append({"number": number, "enabled": rule.enabled, "words": rule_words(rule), **fields})
    return found


def _pins(pins: tuple[Pin, ...]) -> list[dict[str, str]]:
    return [{"name": pin.name, "to": str(pin.to), "key": pin.key} for pin in pins]


def _told(context: Context, options: argparse.Namespace, answer: Any, words: str) -> int:
    if options.json:
        context.out.json(answer)
    else:
        context.out.note(words)
    return 0
