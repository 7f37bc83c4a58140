"""Who comes first among targets that would all do: one function a strategy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.money import Price
from app.domain.route import Target
from app.domain.routing import Facts, Strategy
from app.proxy.fleet.latencies import STALE_S, Latencies
from app.proxy.fleet.loads import Loads
from app.proxy.fleet.wheel import Wheel

USUAL_OUTPUT_TOKENS = 1_000
"""What an answer is taken to have; the client's bound is mostly far above what comes."""
LEAVE_TIMES = 4
LEAVE_MS = 2_000
"""A conversation leaves who became so many times slower than another, and by so much: no warm cache is worth that."""
TURNS_AHEAD = 4
"""How many turns a conversation is taken to go on for."""
EXPLORE_EVERY = 32
"""One request in so many goes to whoever was not heard of for longest, if that is long."""


class PriceOf(Protocol):
    """`Ledger.price`."""

    def __call__(self, vendor: str, model: str, *, provider: str = "", prompt_tokens: int = 0) -> Price | None:
        """The price as far as it is known by now."""


@dataclass(slots=True)
class Experience:
    """What the strategies order by."""

    price: PriceOf
    loads: Loads = field(default_factory=Loads)
    latencies: Latencies = field(default_factory=Latencies)
    wheel: Wheel = field(default_factory=Wheel)
    asked: int = 0
    """How many orders by latency were made."""


@dataclass(slots=True)
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


def stays(strategy: Strategy, held: Target, targets: Sequence[Target], seen: Experience, moment: Moment) -> bool:
    """Whether a conversation goes on at the target that answered it last, which is fit, whoever would be first now."""
    if strategy is Strategy.PRIORITY:
        return False  # the user's order is where it returns to as soon as it can
    if strategy is Strategy.LATENCY:
        return _soon_enough(held, targets, seen, moment)
    if strategy is Strategy.CHEAPEST:
        return _cheap_enough(held, targets, seen, moment)
    return True


def _soon_enough(held: Target, targets: Sequence[Target], seen: Experience, moment: Moment) -> bool:
    expected_ms = seen.latencies.expected_ms((held.provider.name, held.model), moment.now_s)
    if expected_ms <= LEAVE_MS:
        return True
    others = [one for one in targets if one is not held and not moment.rests(one)]
    waits_ms = (seen.latencies.expected_ms((one.provider.name, one.model), moment.now_s) for one in others)
    best_ms = min(waits_ms, default=expected_ms)
    return expected_ms <= max(best_ms * LEAVE_TIMES, best_ms + LEAVE_MS)


def _cheap_enough(held: Target, targets: Sequence[Target], seen: Experience, moment: Moment) -> bool:
    """Over its next turns it costs least here, where its beginning is read from a warm cache from the first one on."""
    facts = moment.facts
    mine = _cost_nusd(held, seen, facts, warm=True) * TURNS_AHEAD
    others = [one for one in targets if one is not held and not moment.rests(one)]
    return all(
        mine <= _cost_nusd(one, seen, facts) + _cost_nusd(one, seen, facts, warm=True) * (TURNS_AHEAD - 1)
        for one in others
    )


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
    ordered = sorted(targets, key=lambda one: seen.loads.of(one.provider.name, moment.now_s))
    first = next((one for one in ordered if not moment.rests(one)), None)
    if first is not None and not moment.settled:
        seen.loads.chosen(first.provider.name, moment.now_s)
    return ordered


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
    return sorted(targets, key=lambda one: _cost_nusd(one, seen, moment.facts))


def _cost_nusd(target: Target, seen: Experience, facts: Facts, *, warm: bool = False) -> float:
    """What the request is likely to cost, times a million; without end where no price is known."""
    provider = target.provider
    if provider.local:
        return 0.0
    price = seen.price(provider.vendor, target.model, provider=provider.name, prompt_tokens=facts.prompt_tokens)
    if price is None:
        return math.inf
    read = price.cache_read_nusd_per_mtok if warm else price.input_nusd_per_mtok
    output_tokens = min(facts.output_tokens or USUAL_OUTPUT_TOKENS, USUAL_OUTPUT_TOKENS)
    return facts.prompt_tokens * read + output_tokens * price.output_nusd_per_mtok


ORDERS: Mapping[Strategy, Callable[[Sequence[Target], Experience, Moment], Sequence[Target]]] = {
    Strategy.PRIORITY: _priority,
    Strategy.ROUND_ROBIN: _round_robin,
    Strategy.LEAST_USED: _least_used,
    Strategy.LATENCY: _latency,
    Strategy.CHEAPEST: _cheapest,
}
