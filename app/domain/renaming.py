"""Rules, pins and orders that name a provider, after it got another name or went away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.domain.provider import Provider
from app.domain.routing import Choice, Routing


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


def dangling(routing: Routing, providers: Sequence[Provider]) -> Iterator[str]:
    """What names a provider that is not there, in words: "route 2, to: there is no provider 'X'"."""
    known = {one.name.lower() for one in providers}
    for number, rule in enumerate(routing.rules, start=1):
        called = f"route {number} ({rule.name})" if rule.name else f"route {number}"
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
