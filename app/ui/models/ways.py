"""Which request goes where, as lines of a picture: pins, rules and the three tiers, each with its targets in order.

A pure function of `AppStatus` and of the plans that control makes for the tiers; no Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from app.domain.errors import PatchbayError
from app.domain.facts import KnownFacts
from app.domain.provider import CredentialState, Tier
from app.domain.rest_words import partly_words, rest_words
from app.domain.route import CLAUDE_NAMES, Target
from app.domain.routing import Facts, Pin, Plan, Resting, Rule, Strategy
from app.domain.rule_words import condition_words
from app.domain.status import AppStatus, Health, ProviderStatus
from app.ui.formats import one_line
from app.ui.models.pins import BY_TIER
from app.ui.models.strategies import STRATEGY_TURNS
from app.ui.standing import AS_ASKED

MOST_STOPS = 5
"""Targets of one way in the picture; those beyond are counted."""
_NAME, _WHY = 60, 90
UNFIT = "unfit"
NOBODY_FIT = "nobody can do that, so it is asked all the same"

_TIERS = (
    (Tier.BIG, "Big", "Opus and its likes"),
    (Tier.MIDDLE, "Middle", "Sonnet and all others"),
    (Tier.SMALL, "Small", "Haiku and its likes"),
)
_HEALTH = {
    Health.OK: ("circle", "ok", "ok"),
    Health.UNKNOWN: ("circle-outline", "muted", "not used yet"),
    Health.DEGRADED: ("triangle", "warning", "failing"),
    Health.DOWN: ("square", "error", "down"),
}
_NO_KEY = {
    CredentialState.MISSING: "no key",
    CredentialState.LOCKED: "keyring locked",
    CredentialState.UNAVAILABLE: "no keyring",
    CredentialState.REJECTED: "key rejected",
}


class Kind(StrEnum):
    """What a line of the picture stands for."""

    HEADING = "heading"
    PIN = "pin"
    RULE = "rule"
    TIER = "tier"
    TRIED = "tried"
    """A request that somebody tries out."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One target of a way, and how it stands."""

    provider: str
    model: str
    color: int | None
    """Number of the provider's color; None for one that does not exist."""
    rank: int
    """Those that share a rank are told apart by the strategy."""
    icon: str
    role: str
    word: str
    """How it stands, in two or three words: "ok", "resting"."""
    why: str = ""
    """Why it is passed over, or what else there is to know."""
    skipped: bool = False
    lit: bool = False
    """A request would go here now."""


@dataclass(frozen=True, slots=True)
class Way:
    """One line of the picture."""

    kind: Kind
    key: str
    """The pin's name, the rule's place in the list, the tier."""
    title: str
    words: str = ""
    stops: tuple[Stop, ...] = ()
    tail: str = ""
    """What comes after the targets: "then the usual way", "and 3 more"."""
    on: bool = True


class Plans(Protocol):
    """What control knows of ways; `RouteControl` is one."""

    def usual(self, model: str) -> Plan:
        """Where a model goes that no pin and no rule leads elsewhere."""

    def preview(self, facts: Facts) -> Plan:
        """Where such a request would go."""

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        """Why each target is passed over for the request."""

    def lacks(self, target: Target, facts: Facts) -> str:
        """What the request needs and the target does not have, passed over for it or not."""

    def passed_over(self, facts: Facts) -> tuple[tuple[int, str], ...]:
        """The rules before the one that counts, by index, each with what it asks for."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Where one request would go."""

    why: str
    way: Way | None
    """None where it would go nowhere; `why` then says what is wrong."""
    passed: tuple[str, ...] = ()
    """The rules that did not fit, and why, in words."""


def picture(status: AppStatus, usual: Callable[[str], Plan], now_us: int) -> tuple[Way, ...]:
    """Every way of this status, in the order in which they are looked at, under their headings."""
    return (*_pins(status, now_us), *_rules(status, now_us), *_usual(status, usual, now_us))


def tried(status: AppStatus, plans: Plans, asked: KnownFacts, now_us: int) -> Trial:
    """Where one request would go, and why there."""
    try:
        plan, passed = plans.preview(asked), plans.passed_over(asked)
    except PatchbayError as error:
        return Trial(error.message, None)
    stops, tail = _planned(status, plan, "", now_us)
    weighed = zip(stops, plan.targets, plans.lacking(plan, asked), strict=False)
    known = tuple(_fit(stop, lack, plans.lacks(target, asked)) for stop, target, lack in weighed)
    rules = status.routing.rules
    names = (one_line(rules[index].name, _NAME) or f"rule {index + 1}" for index, _ in passed)
    words = tuple(f"{name}: {one_line(why, _WHY)}" for name, (_, why) in zip(names, passed, strict=True))
    unfit = any(stop.word == UNFIT and not stop.skipped for stop in known)
    why = f"{plan.why}; {NOBODY_FIT}" if unfit else plan.why
    return Trial(why, Way(Kind.TRIED, "", one_line(asked.model, _NAME), "", _lit(known), tail), words)


def _fit(stop: Stop, passed_for: str, lack: str) -> Stop:
    """The same, passed over where it cannot do what is asked for, unless nobody can."""
    if stop.skipped or not lack:
        return replace(stop, lit=False)
    stop = replace(stop, icon="minus-circle-outline", role="warning", word=UNFIT, lit=False)
    return replace(stop, why=passed_for or lack, skipped=bool(passed_for))


def _pins(status: AppStatus, now_us: int) -> Iterator[Way]:
    if status.routing.pins:
        yield Way(Kind.HEADING, "pins", "Pins", "before everything else")
    for pin in status.routing.pins:
        yield Way(
            Kind.PIN, pin.name, f"/p/{one_line(pin.name, _NAME)}", _pin_words(pin), _pin_stops(status, pin, now_us)
        )


def _pin_words(pin: Pin) -> str:
    return f"and client key {one_line(pin.key, _NAME)}" if pin.key else "base URL"


def _pin_stops(status: AppStatus, pin: Pin, now_us: int) -> tuple[Stop, ...]:
    return _lit((stop_of(status, pin.to.provider, pin.to.model or BY_TIER, 1, now_us),))


def _rules(status: AppStatus, now_us: int) -> Iterator[Way]:
    if status.routing.rules:
        yield Way(Kind.HEADING, "rules", "Rules", "the first that fits counts")
    for place, rule in enumerate(status.routing.rules):
        yield _rule(status, place, rule, now_us)


def _rule(status: AppStatus, place: int, rule: Rule, now_us: int) -> Way:
    ordered = rule.strategy is Strategy.PRIORITY
    stops = tuple(
        stop_of(status, choice.provider, choice.model or BY_TIER, number if ordered else 1, now_us)
        for number, choice in enumerate(rule.to[:MOST_STOPS], start=1)
    )
    words = _capital(one_line(condition_words(rule), 200))
    turns = "" if ordered or len(rule.to) < 2 else f"{STRATEGY_TURNS[rule.strategy]}, "
    after = "nothing else" if rule.only and rule.to else "then everything else below" if rule.to else "everything below"
    more = f"and {len(rule.to) - MOST_STOPS} more, " if len(rule.to) > MOST_STOPS else ""
    title = one_line(rule.name, _NAME) or f"Rule {place + 1}"
    shown = _lit(stops) if rule.enabled else stops
    return Way(Kind.RULE, str(place), title, words, shown, f"{turns}{more}{after}", on=rule.enabled)


def _usual(status: AppStatus, usual: Callable[[str], Plan], now_us: int) -> Iterator[Way]:
    yield Way(Kind.HEADING, "usual", "Everything else" if _special(status) else "Every request", usual_words(status))
    for tier, title, words in _TIERS:
        model = CLAUDE_NAMES[tier]
        try:
            plan = usual(model)
        except PatchbayError as error:
            yield Way(Kind.TIER, tier, title, one_line(error.message), on=False)
        else:
            stops, tail = _planned(status, plan, model, now_us)
            yield Way(Kind.TIER, tier, title, words, stops, tail)


def _special(status: AppStatus) -> bool:
    return bool(status.routing.pins or status.routing.rules)


def usual_words(status: AppStatus) -> str:
    """Who is asked, in words: "Anthropic first, then the others in your order"."""
    turns = STRATEGY_TURNS[status.routing.strategy]
    if status.auto:
        return f"Auto: {turns}"
    name = one_line(status.active, 40)
    if status.only:
        return f"{name} and nobody else"
    others = sum(one.failover and one.name != status.active for one in status.providers)
    if not others:
        return f"{name}; nobody stands in for it"
    return f"{name} first, then {'the others ' if others > 1 else 'the other '}{turns if others > 1 else ''}".rstrip()


def _planned(status: AppStatus, plan: Plan, asked: str, now_us: int) -> tuple[tuple[Stop, ...], str]:
    stops: list[Stop] = []
    rank, more = 0, len(plan.targets) - MOST_STOPS
    for group in plan.groups:
        ordered = group.strategy is Strategy.PRIORITY
        rank += not ordered
        for target in group.targets:
            if len(stops) == MOST_STOPS:
                break
            rank += ordered
            model = AS_ASKED if target.model == asked else target.model
            stops.append(stop_of(status, target.provider.name, model, rank, now_us))
    return _lit(tuple(stops)), f"and {more} more" if more > 0 else ""


def _lit(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """The same with those marked that come first among those that can be asked."""
    first = min((one.rank for one in stops if not one.skipped), default=0)
    return tuple(replace(one, lit=True) if one.rank == first and not one.skipped else one for one in stops)


def stop_of(status: AppStatus, provider: str, model: str, rank: int, now_us: int) -> Stop:
    """How a target stands now."""
    found = next((one for one in status.providers if one.name.lower() == provider.lower()), None)
    name, shown = one_line(provider, 40), one_line(model, _NAME)
    if found is None:
        return Stop(
            name,
            shown,
            None,
            rank,
            "help-circle-outline",
            "error",
            "unknown",
            "There is no such provider",
            skipped=True,
        )
    lack = _NO_KEY.get(found.credential)
    if lack is not None:
        why = one_line(found.health_text, _WHY)
        why = "" if why.startswith(lack) else why
        return Stop(name, shown, found.color, rank, "square", "error", lack, why, skipped=True)
    icon, role, word = _HEALTH[found.health]
    resting = rests(status, found, "" if model in (BY_TIER, AS_ASKED) else model, now_us)
    if not resting:
        return Stop(name, shown, found.color, rank, icon, role, word)
    first = min(resting, key=lambda one: one.until_us)
    accounts = max(1, len(found.accounts))
    if len({one.account for one in resting}) < accounts and not _all_rests(found, now_us):
        many = len({one.account for one in resting})
        note = partly_words(many, accounts, first.until_us, "", now_us)
        return Stop(name, shown, found.color, rank, icon, role, word, note)
    words = rest_words(first.until_us, "", now_us)
    why = f"{words}: {one_line(first.why, _WHY)}" if first.why else words
    return Stop(name, shown, found.color, rank, "timer-sand", "warning", "resting", why, skipped=True)


def rests(status: AppStatus, provider: ProviderStatus, model: str, now_us: int) -> tuple[Resting, ...]:
    """What of a provider rests for a model, or for all of them; the provider as a whole included."""
    found = [
        one
        for one in status.resting
        if one.provider == provider.name and one.model in ("", model) and one.until_us > now_us
    ]
    if _all_rests(provider, now_us) and not found:
        found.append(Resting(provider.name, "", "", provider.resting_until_us, provider.resting_why))
    return tuple(found)


def _all_rests(provider: ProviderStatus, now_us: int) -> bool:
    return provider.resting_until_us > now_us


def next_change_us(status: AppStatus, now_us: int) -> int:
    """When the next rest ends; 0 where nothing rests."""
    ends = [one.until_us for one in status.resting] + [one.resting_until_us for one in status.providers]
    return min((end for end in ends if end > now_us), default=0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
