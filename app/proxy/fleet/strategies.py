"""Who comes first among targets that would all do: one function a strategy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.money import Price
from app.domain.route import Target
from app.domain.routing import Facts, Strategy
from app.proxy.fleet.latencies import STALE_S, Latencies
from app.proxy.fleet.loads import Loads
from app.proxy.fleet.wheel import Wheel

USUAL_OUTPUT_TOKENS = 1_000
"""What an answer is taken to have; the client's bound is mostly far above what comes."""
EXPLORE_EVERY = 32
"""One request in so many goes to whoever was not heard of for longest, if that is long."""


@dataclass(slots=True)
class Experience:
    """What the strategies order by."""

    price: Callable[[str, str], Price | None]
    loads: Loads = field(default_factory=Loads)
    latencies: Latencies = field(default_factory=Latencies)
    wheel: Wheel = field(default_factory=Wheel)
    asked: int = 0
    """How many orders by latency were made."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One request that wants an order."""

    facts: Facts
    now_s: float
    rests: Callable[[Target], bool]
    """Whether nothing of the target can be asked at the moment."""
    settled: bool = False
    """Somebody is first already: nobody's turn is used up."""


def order(strategy: Strategy, targets: Sequence[Target], seen: Experience, moment: Moment) -> Sequence[Target]:
    """The targets, the best first; who is equal stays in the user's order."""
    return ORDERS[strategy](targets, seen, moment)


def _priority(targets: Sequence[Target], _seen: Experience, _moment: Moment) -> Sequence[Target]:
    return targets


def _round_robin(targets: Sequence[Target], seen: Experience, moment: Moment) -> Sequence[Target]:
    turning: list[Target] = []
    others: list[Target] = []
    for one in targets:
        (turning if one.provider.weight > 0 and not moment.rests(one) else others).append(one)
    if len(turning) < 2:
        return [*turning, *others]
    weights = [((one.provider.name, one.model), one.provider.weight) for one in turning]
    places = seen.wheel.order(weights) if moment.settled else seen.wheel.turn(weights)
    return [*(turning[place] for place in places), *others]


def _least_used(targets: Sequence[Target], seen: Experience, moment: Moment) -> Sequence[Target]:
    return sorted(targets, key=lambda one: seen.loads.of(one.provider.name, moment.now_s))


def _latency(targets: Sequence[Target], seen: Experience, moment: Moment) -> Sequence[Target]:
    names = {(one.provider.name, one.model): one for one in targets}
    ordered = sorted(names, key=lambda name: seen.latencies.expected_ms(name, moment.now_s))
    seen.asked += not moment.settled
    if seen.asked % EXPLORE_EVERY == 0 and not moment.settled:
        stale = max(ordered, key=lambda name: seen.latencies.unheard_s(name, moment.now_s))
        if seen.latencies.unheard_s(stale, moment.now_s) >= STALE_S and not moment.rests(names[stale]):
            ordered.remove(stale)
            ordered.insert(0, stale)
    return [names[name] for name in ordered]


def _cheapest(targets: Sequence[Target], seen: Experience, moment: Moment) -> Sequence[Target]:
    prices = [None if one.provider.local else seen.price(one.provider.vendor, one.model) for one in targets]
    if all(one.provider.local for one in targets) or not any(prices):
        return sorted(targets, key=lambda one: not one.provider.local)
    costs = [
        0.0 if one.provider.local else _cost_nusd(price, moment.facts)
        for one, price in zip(targets, prices, strict=True)
    ]
    return [targets[place] for place in sorted(range(len(targets)), key=costs.__getitem__)]


def _cost_nusd(price: Price | None, facts: Facts) -> float:
    if price is None:
        return math.inf
    output_tokens = min(facts.output_tokens or USUAL_OUTPUT_TOKENS, USUAL_OUTPUT_TOKENS)
    return facts.prompt_tokens * price.input_nusd_per_mtok + output_tokens * price.output_nusd_per_mtok


ORDERS: Mapping[Strategy, Callable[[Sequence[Target], Experience, Moment], Sequence[Target]]] = {
    Strategy.PRIORITY: _priority,
    Strategy.ROUND_ROBIN: _round_robin,
    Strategy.LEAST_USED: _least_used,
    Strategy.LATENCY: _latency,
    Strategy.CHEAPEST: _cheapest,
}
