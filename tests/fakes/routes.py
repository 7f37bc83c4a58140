"""`RouteControl` in memory: changes the status it is given, and makes plans as the program does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.domain.plan import USUAL, lay, passed_over, plan
from app.domain.provider import Provider
from app.domain.route import Target
from app.domain.routing import ErrorRule, Facts, Pin, Plan, Routing, Rule, Strategy
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.proxy.fleet.fitness import lacking, lacks
from app.proxy.fleet.windows import Windows

if TYPE_CHECKING:
    from tests.fakes.services import FakeStatus


class FakeRoutes:
    """Notes every call; `errors[method]` is raised by it."""

    def __init__(
        self, calls: list[tuple[Any, ...]], board: FakeStatus, provider: Callable[[str], Provider | None]
    ) -> None:
        self.calls, self._board, self._provider = calls, board, provider
        self.errors: dict[str, Exception] = {}
        self.windows = Windows()

    def _called(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        if name in self.errors:
            raise self.errors[name]

    def _change(self, **values: Any) -> None:
        self._board.set(routing=replace(self.routing, **values))

    @property
    def routing(self) -> Routing:
        return self._board.current.routing

    async def use(self, provider: str) -> None:
        self._called("use", provider)
        now = self._board.current
        active = provider or (now.providers[0].name if now.providers else "")
        marked = tuple(replace(one, active=one.name == active) for one in now.providers)
        self._board.set(active=active, providers=marked, auto=not provider)

    async def only(self, on: bool) -> None:
        self._called("only", on)
        self._board.set(only=on, routing=replace(self.routing, only=on))

    async def choose(self, tier: Any, model: str) -> None:
        self._called("choose", tier, model)
        changed = (
            replace(one, chosen=model, effective=model) if one.tier is tier else one
            for one in self._board.current.tiers
        )
        self._board.set(tiers=tuple(changed))

    async def strategy(self, strategy: Strategy) -> None:
        self._called("strategy", strategy)
        self._change(strategy=strategy)

    async def affinity(self, on: bool) -> None:
        self._called("affinity", on)
        self._change(affinity=on)

    async def order(self, names: Sequence[str]) -> None:
        self._called("order", tuple(names))
        self._change(order=tuple(names))

    async def failover(self, provider: str, on: bool) -> None:
        self._called("failover", provider, on)
        now = self._board.current
        self._board.set(
            providers=tuple(replace(one, failover=on) if one.name == provider else one for one in now.providers)
        )

    async def health_checks(self, seconds: int) -> None:
        self._called("health_checks", seconds)
        self._change(health_check_s=seconds)

    async def put_rule(self, rule: Rule, *, at: int | None = None, replaces: int | None = None) -> None:
        self._called("put_rule", rule, at, replaces)
        rules = list(self.routing.rules)
        if replaces is not None:
            rules[replaces] = rule
        else:
            rules.insert(len(rules) if at is None else at, rule)
        self._change(rules=tuple(rules))

    async def remove_rule(self, index: int) -> None:
        self._called("remove_rule", index)
        rules = list(self.routing.rules)
        del rules[index]
        self._change(rules=tuple(rules))

    async def move_rule(self, index: int, to: int) -> None:
        self._called("move_rule", index, to)
        rules = list(self.routing.rules)
        rules.insert(to, rules.pop(index))
        self._change(rules=tuple(rules))

    async def put_pin(self, pin: Pin, *, replaces: str = "") -> None:
        self._called("put_pin", pin, replaces)
        pins = [pin if replaces and one.name == replaces else one for one in self.routing.pins]
        self._change(pins=tuple(pins if replaces else (*pins, pin)))

    async def remove_pin(self, name: str) -> None:
        self._called("remove_pin", name)
        self._change(pins=tuple(one for one in self.routing.pins if one.name != name))

    async def put_error_rule(self, rule: ErrorRule, *, at: int | None = None, replaces: int | None = None) -> None:
        self._called("put_error_rule", rule, at, replaces)
        rules = list(self.routing.error_rules)
        if replaces is not None:
            rules[replaces] = rule
        else:
            rules.insert(len(rules) if at is None else at, rule)
        self._change(error_rules=tuple(rules))

    async def remove_error_rule(self, index: int) -> None:
        self._called("remove_error_rule", index)
        rules = list(self.routing.error_rules)
        del rules[index]
        self._change(error_rules=tuple(rules))

    async def move_error_rule(self, index: int, to: int) -> None:
        self._called("move_error_rule", index, to)
        rules = list(self.routing.error_rules)
        rules.insert(to, rules.pop(index))
        self._change(error_rules=tuple(rules))

    def preview(self, facts: Facts) -> Plan:
        return plan(self._snapshot(), facts)

    def usual(self, model: str) -> Plan:
        return lay(self._snapshot(), model, USUAL)

    def passed_over(self, facts: Facts) -> tuple[tuple[int, str], ...]:
        return passed_over(self._snapshot(), facts)

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        return lacking(plan.targets, facts, self.windows)

    def lacks(self, target: Target, facts: Facts) -> str:
        return lacks(target, facts, self.windows)

    def _snapshot(self) -> Snapshot:
        """As the program's, made of the status."""
        now = self._board.current
        found = (self._provider(one.name) for one in now.providers)
        mine = {one.name: one for one in now.providers}
        providers = tuple(replace(one, failover=mine[one.name].failover) for one in found if one is not None)
        settings = Settings(provider="" if now.auto else now.active)
        return Snapshot(settings, providers, routing=now.routing)
