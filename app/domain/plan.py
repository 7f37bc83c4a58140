"""From a request's facts to the plan of where it may go: pin, named target, rule, or the user's usual way.

Two steps, so that the proxy can keep what the second one found: `pick` says which of these ways counts for a request,
`lay` turns the way and the requested model into targets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Provider, Tier
from app.domain.route import ALIAS, Target, choose, is_claude_tier, is_native, named, offer, overridden, tier_of
from app.domain.routing import Choice, Facts, Group, Pin, Plan, Rule
from app.domain.rule_words import condition_words
from app.domain.snapshot import Snapshot
from app.domain.wildcard import fits

_FACTS = ("subagent", "web_search", "tools", "thinking", "image")
"""Conditions that the body must be read for, the cheapest first."""
_CONDITIONS = (
    ("models",),
    ("keys",),
    ("clients",),
    ("between",),
    ("min_tokens", "max_tokens"),
    *((one,) for one in _FACTS),
)


@dataclass(frozen=True, slots=True)
class Way:
    """What decides: a pin, a rule by its place in the list, or neither."""

    pin: Pin | None = None
    rule: int = -1


USUAL = Way()


def plan(snapshot: Snapshot, facts: Facts) -> Plan:
    """Where a request may go.

    Raises PatchbayError MODEL_NOT_FOUND for a pin that does not exist, an empty model name and a provider that does not
    exist, NO_PROVIDER where there is nobody to ask.
    """
    return lay(snapshot, facts.model, pick(snapshot, facts))


def pick(snapshot: Snapshot, facts: Facts) -> Way:
    """The way that counts for a request; raises PatchbayError MODEL_NOT_FOUND for a pin that does not exist.

    No fact is asked for that no rule needs.
    """
    routing = snapshot.routing
    pin = find_pin(routing.pins, facts.pin, facts.key) if facts.pin or routing.pins else None
    if pin is not None:
        return Way(pin)
    if not routing.rules or named(snapshot.providers, facts.model.removeprefix(ALIAS)) is not None:
        return USUAL
    for index, rule in enumerate(routing.rules):
        if rule.enabled and rule_fits(rule, facts):
            return Way(rule=index)
    return USUAL


def find_pin(pins: Iterable[Pin], name: str, key: str) -> Pin | None:
    """The pin that a URL names, else that of a client key; raises PatchbayError MODEL_NOT_FOUND for an unknown one."""
    if not name:
        return next((pin for pin in pins if pin.key and pin.key == key), None)
    found = next((pin for pin in pins if pin.name.lower() == name.lower()), None)
    if found is None:
        raise PatchbayError(
            ErrorKind.MODEL_NOT_FOUND,
            f"There is no pin {name[:64]!r}. Make it in Patchbay under Routes, or take /p/{name[:64]} out of the base"
            " URL.",
            should_retry=False,
        )
    return found


def rule_fits(rule: Rule, facts: Facts) -> bool:
    """Whether a request meets every condition that the rule sets."""
    if rule.models and not fits(facts.model.removeprefix(ALIAS), rule.models):
        return False
    if (rule.keys and not fits(facts.key, rule.keys)) or (rule.clients and not fits(facts.client, rule.clients)):
        return False
    if rule.between is not None and not _is_between(facts.minute, *rule.between):
        return False
    if rule.min_tokens and facts.prompt_tokens < rule.min_tokens:
        return False
    if rule.max_tokens and facts.prompt_tokens > rule.max_tokens:
        return False
    for name in _FACTS:
        wanted = getattr(rule, name)
        if wanted is not None and getattr(facts, name) != wanted:
            return False
    return True


def unmet(rule: Rule, facts: Facts) -> str:
    """The first condition of a rule that a request does not meet, in words; empty where it fits."""
    for condition in _CONDITIONS:
        alone = Rule(**{name: getattr(rule, name) for name in condition})
        if not rule_fits(alone, facts):
            return condition_words(alone)
    return ""


def passed_over(snapshot: Snapshot, facts: Facts) -> tuple[tuple[int, str], ...]:
    """The rules that were looked at and did not count, by index, each with what it asks for; raises as `pick` does."""
    rules, way = snapshot.routing.rules, pick(snapshot, facts)
    if way.pin is not None or named(snapshot.providers, facts.model.removeprefix(ALIAS)) is not None:
        return ()
    before = rules if way.rule < 0 else rules[: way.rule]
    return tuple((index, unmet(rule, facts) if rule.enabled else "disabled") for index, rule in enumerate(before))


def lay(snapshot: Snapshot, model: str, way: Way) -> Plan:
    """The targets of a requested model on that way; raises PatchbayError MODEL_NOT_FOUND or NO_PROVIDER."""
    requested, affinity = model.removeprefix(ALIAS), snapshot.routing.affinity
    if way.pin is not None:
        target = _of_pin(snapshot, way.pin, requested)
        return Plan((Group((target,)),), f"pin {way.pin.name}", affinity)
    if way.rule >= 0:
        rule = snapshot.routing.rules[way.rule]
        return Plan(_of_rule(snapshot, rule, requested), _rule_why(rule, way.rule), affinity)
    direct = named(snapshot.providers, requested)
    if direct is not None:
        return Plan((Group((direct,)),), f"{direct.provider.name} is named in the request", affinity)
    why = f"{preferred.name} is preferred" if (preferred := snapshot.preferred()) else "auto"
    return Plan(_usual(snapshot, requested), why, affinity)


def target_of(snapshot: Snapshot, choice: Choice, requested: str) -> Target | None:
    """The target that a choice means for a requested model; None where its provider does not exist."""
    wanted = choice.provider.lower()
    provider = next((one for one in snapshot.providers if one.name.lower() == wanted), None)
    if provider is None:
        return None
    if choice.model:
        return Target(provider, choice.model)
    direct = named(snapshot.providers, requested)
    asked = requested if direct is None else direct.model
    return Target(provider, asked) if direct is not None and direct.provider is provider else _alone(provider, asked)


def _alone(provider: Provider, requested: str) -> Target:
    """The provider's own choice; one that serves nothing of the kind gets the name as it is, and judges it itself."""
    try:
        return choose((provider,), provider.name, requested)
    except PatchbayError:
        if not requested:
            raise
        return Target(provider, requested)


def _of_pin(snapshot: Snapshot, pin: Pin, requested: str) -> Target:
    target = target_of(snapshot, pin.to, requested)
    if target is None:
        raise PatchbayError(
            ErrorKind.MODEL_NOT_FOUND,
            f"Pin {pin.name!r} leads to provider {pin.to.provider!r}, which does not exist."
            " Correct it in Patchbay under Routes.",
            should_retry=False,
        )
    return target


def _of_rule(snapshot: Snapshot, rule: Rule, requested: str) -> tuple[Group, ...]:
    found = tuple(target for choice in rule.to if (target := target_of(snapshot, choice, requested)) is not None)
    if rule.only and rule.to:
        if not found:
            missing = ", ".join(sorted({choice.provider for choice in rule.to}))
            raise PatchbayError(
                ErrorKind.NO_PROVIDER,
                f"The route for these requests leads only to {missing}, which does not exist."
                " Correct it in Patchbay under Routes.",
                should_retry=False,
            )
        return _without_repeats((Group(found, rule.strategy),))
    try:
        usual = _usual(snapshot, requested)
    except PatchbayError:
        if not found:
            raise
        usual = ()  # a rule may lead names somewhere that nobody else knows
    return _without_repeats((Group(found, rule.strategy), *usual))


def _rule_why(rule: Rule, index: int) -> str:
    return f"rule {rule.name or index + 1}: {condition_words(rule)}"


def _usual(snapshot: Snapshot, requested: str) -> tuple[Group, ...]:
    """The preferred target and those that stand in for it; without a preferred provider all who can."""
    preferred, ordered = snapshot.preferred(), snapshot.ordered()
    if preferred is None:
        first = _overridden_in_auto(snapshot, ordered, requested)
        found = _without_repeats((Group(first), *_stand_ins(snapshot, requested, _of_auto(ordered))))
        return found or (Group((snapshot.target(requested),)),)
    if snapshot.routing.only:
        return (Group((snapshot.target(requested),)),)
    others = [one for one in ordered if one.failover and one is not preferred]
    try:
        target = snapshot.target(requested)
    except PatchbayError:
        knowing = tuple(Target(one, requested) for one in others if requested and requested in one.listed())
        if not knowing:
            raise
        return (Group(knowing, snapshot.routing.strategy),)
    # A tier may be set to another provider's model; the preferred provider then stands in for that one.
    rest = _stand_ins(snapshot, requested, [one for one in (preferred, *others) if one is not target.provider])
    return _without_repeats((Group((target,)), *rest))


def _stand_ins(snapshot: Snapshot, requested: str, providers: Iterable[Provider]) -> tuple[Group, ...]:
    """What these providers have for a request; who serves the very model comes before who has one like it.

    Claude's tiers are the exception, being what every provider has its own models for: there all are alike.
    """
    override = _override(snapshot, requested)
    direct = named(snapshot.providers, override)
    bare = override if direct is None else direct.model
    found = [Target(one, model) for one in providers if (model := offer(one, requested, bare) if requested else "")]
    if is_claude_tier(requested):
        return (Group(tuple(found), snapshot.routing.strategy),)
    same = tuple(target for target in found if is_native(target.provider, requested))
    alike = tuple(target for target in found if not is_native(target.provider, requested))
    return (Group(same, snapshot.routing.strategy), Group(alike, snapshot.routing.strategy))


def _of_auto(ordered: Sequence[Provider]) -> Sequence[Provider]:
    """Those that Auto may choose from; who stands in for nobody is there only where there is nobody else."""
    return [one for one in ordered if one.failover] or ordered


def _overridden_in_auto(snapshot: Snapshot, ordered: Sequence[Provider], requested: str) -> tuple[Target, ...]:
    """The model that the user chose for the tier, whoever serves it; nothing where none was."""
    override = _override(snapshot, requested)
    known = not is_claude_tier(requested) and any(is_native(one, requested) for one in ordered)
    if not override or not ordered or not requested or known:
        return ()
    return (overridden(ordered, ordered[0], override),)


def _override(snapshot: Snapshot, requested: str) -> str:
    mine = snapshot.settings
    return {Tier.BIG: mine.big_model, Tier.MIDDLE: mine.middle_model, Tier.SMALL: mine.small_model}[tier_of(requested)]


def _without_repeats(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Each target once, where it stands first; groups that are left empty fall out."""
    seen: set[tuple[str, str]] = set()
    kept: list[Group] = []
    for group in groups:
        targets = []
        for target in group.targets:
            name = (target.provider.name, target.model)
            if name not in seen:
                seen.add(name)
                targets.append(target)
        if targets:
            kept.append(Group(tuple(targets), group.strategy))
    return tuple(kept)


def _is_between(minute: int, start: int, end: int) -> bool:
    if start == end:
        return True
    return start <= minute < end if start < end else minute >= start or minute < end
