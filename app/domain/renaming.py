"""Rules, pins, orders and prices that name a provider or a client key, after it got another name or went away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from app.domain.money import PriceRule
from app.domain.provider import Provider
from app.domain.routing import Choice, Routing, Rule
from app.domain.wildcard import fits


def renamed(routing: Routing, old: str, new: str) -> Routing:
    """The same ways with a provider under its new name."""

    def choice(one: Choice) -> Choice:
        return replace(one, provider=new) if one.provider.lower() == old.lower() else one

    def name(one: str) -> str:
        return new if one.lower() == old.lower() else one

    return replace(
        routing,
        order=tuple(map(name, routing.order)),
        rules=tuple(replace(rule, to=tuple(map(choice, rule.to))) for rule in routing.rules),
        pins=tuple(replace(pin, to=choice(pin.to)) for pin in routing.pins),
        error_rules=tuple(replace(rule, provider=name(rule.provider)) for rule in routing.error_rules),
    )


def repriced(prices: Sequence[PriceRule], old: str, new: str) -> tuple[PriceRule, ...]:
    """The same prices with a provider under its new name."""
    return tuple(replace(rule, provider=new) if rule.provider == old else rule for rule in prices)


def dangling(routing: Routing, providers: Sequence[Provider]) -> Iterator[str]:
    """What names a provider that is not there, in words: "route 2, to: there is no provider 'X'"."""
    known = {one.name.lower() for one in providers}
    for number, rule in enumerate(routing.rules, start=1):
        called = _called(number, rule)
        for choice in rule.to:
            if choice.provider.lower() not in known:
                yield f"{called}, to: there is no provider {choice.provider!r}"
    for pin in routing.pins:
        if pin.to.provider.lower() not in known:
            yield f"pin {pin.name}, to: there is no provider {pin.to.provider!r}"
    for number, error_rule in enumerate(routing.error_rules, start=1):
        if error_rule.provider and error_rule.provider.lower() not in known:
            yield f"error rule {number}, provider: there is no provider {error_rule.provider!r}"
    for name in routing.order:
        if name.lower() not in known:
            yield f"routing.order: there is no provider {name!r}"


def keyless(routing: Routing, keys: Collection[str]) -> Iterator[str]:
    """What names a client key that is not there, in words: "pin website, key: there is no client key 'work'".

    Names with `*` in them need not fit anything yet.
    """
    for number, rule in enumerate(routing.rules, start=1):
        for name in rule.keys:
            if "*" not in name and not any(fits(key, (name,)) for key in keys):
                yield f"{_called(number, rule)}, keys: there is no client key {name!r}"
    for pin in routing.pins:
        if pin.key and pin.key not in keys:
            yield f"pin {pin.name}, key: there is no client key {pin.key!r}"


def uncounted(prices: Sequence[PriceRule], providers: Collection[str], vendors: Collection[str]) -> Iterator[str]:
    """Prices for a provider or a vendor that is not there, in words: "price 2 (glm-5): there is no provider 'X'"."""
    for number, rule in enumerate(prices, start=1):
        for what, name, known in (("provider", rule.provider, providers), ("vendor", rule.vendor, vendors)):
            if name and name not in known:
                yield f"price {number} ({rule.model}): there is no {what} {name!r}"


def _called(number: int, rule: Rule) -> str:
    return f"route {number} ({rule.name})" if rule.name else f"route {number}"
