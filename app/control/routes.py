"""Where requests go: what is preferred, what else may serve, rules, pins. At once in memory, then in the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, cast

from app.control.configuration import Configuration
from app.control.core import Core
from app.control.proxy import Server
from app.domain.errors import ConfigError
from app.domain.idle_rules import LEAST_ERROR, is_all_day, is_no_error
from app.domain.plan import USUAL, lay, passed_over, plan
from app.domain.provider import Tier
from app.domain.route import Target
from app.domain.routing import Choice, ErrorRule, Facts, ModelWindow, Pin, Plan, Routing, Rule, Strategy
from app.proxy.fleet.fitness import lacking, lacks
from app.proxy.fleet.windows import Windows
from app.store.config.file import ConfigFile
from app.store.config.routing_editing import Entry, as_read, entries_of
from app.store.config.routing_reading import ERROR_RULE, PIN, ROUTE, ROUTING, health_check_s, hours, tokens
from app.store.config.values import BadValueError

_KEYS = {Tier.BIG: "big_model", Tier.MIDDLE: "middle_model", Tier.SMALL: "small_model"}
_FIELDS = {ROUTE: "rules", PIN: "pins", ERROR_RULE: "error_rules"}


class RouteControl:
    """Switches. The next request after a call goes the new way, whatever the disk does.

    Raises ConfigError in words for what cannot be; nothing has changed then.
    """

    def __init__(self, core: Core, configuration: Configuration, server: Server) -> None:
        self._core = core
        self._configuration = configuration
        self._server = server

    @property
    def routing(self) -> Routing:
        """The ways in force."""
        return self._core.snapshots.current.routing

    def preview(self, facts: Facts) -> Plan:
        """Where such a request would go; raises PatchbayError as the proxy would."""
        return plan(self._core.snapshots.current, facts)

    def usual(self, model: str) -> Plan:
        """Where a model goes that no pin and no rule leads elsewhere; raises PatchbayError as the proxy would."""
        return lay(self._core.snapshots.current, model, USUAL)

    def lacking(self, plan: Plan, facts: Facts, learned: Sequence[ModelWindow] = ()) -> tuple[str, ...]:
        """Why each target is passed over for such a request, by all that the proxy knows; empty where it is not.

        `learned` is what the proxy of another process says that it learned; where there is none ours is asked.
        """
        return lacking(plan.targets, facts, Windows(learned)) if learned else self._server.lacking(plan, facts)

    def lacks(self, target: Target, facts: Facts, learned: Sequence[ModelWindow] = ()) -> str:
        """What such a request needs and a target does not have, passed over for it or not: nobody may do better."""
        return lacks(target, facts, Windows(learned or self._server.windows))

    def passed_over(self, facts: Facts) -> tuple[tuple[int, str], ...]:
        """The rules before the one that counts, by index, each with what it asks for that the request does not have."""
        return passed_over(self._core.snapshots.current, facts)

    def tokens(self, text: str, key: str = "tokens") -> int:
        """A number of tokens as people write it: "60k"; `key` is what an error names."""
        return int(_read(tokens, text, key))

    def hours(self, text: str) -> tuple[int, int]:
        """Two times of the day as people write them, in minutes: "22:00-06:00"."""
        start, end = _read(hours, text, "between")
        return int(start), int(end)

    def time(self, text: str, key: str) -> int:
        """One time of the day in minutes: "23:30"; `key` is what an error names."""
        try:
            return int(hours(f"{text}-0")[0])
        except BadValueError:
            raise ConfigError('must be a time of the day, such as "23:30"', key=key) from None

    async def use(self, provider: str) -> None:
        """Prefer a provider; empty is Auto, which ends "only this one" too."""
        if provider:
            self._known(provider)
        to_write = self._configuration.activate(provider)
        if not provider and self.routing.only:
            await self._set(only=False)
        if to_write:
            await self._configuration.keep(lambda file: file.set("provider", provider or None), instead="provider")

    async def only(self, on: bool) -> None:  # noqa: FBT001 (what the switch is set to)
        """Let nothing but the preferred provider serve, or others too where it cannot."""
        if on and not self._core.snapshots.current.settings.provider:
            raise ConfigError("no provider is preferred; choose one first", key="routing.only")
        await self._set(only=on)

    async def strategy(self, strategy: Strategy) -> None:
        """Who comes first among those that would all do."""
        await self._set(strategy=strategy)

    async def affinity(self, on: bool) -> None:  # noqa: FBT001 (what the switch is set to)
        """Keep conversations where they began, or not."""
        await self._set(affinity=on)

    async def order(self, names: Sequence[str]) -> None:
        """The order of the providers; who is not named comes after."""
        for name in names:
            self._known(name)
        await self._set(order=tuple(dict.fromkeys(names)))

    async def health_checks(self, seconds: int) -> None:
        """How often providers that are resting or unheard of are asked; 0 is never."""
        await self._set(health_check_s=_read(health_check_s, seconds, "routing.health_check_s"))

    async def failover(self, provider: str, on: bool) -> None:  # noqa: FBT001 (what the switch is set to)
        """Whether a provider may serve what another could not."""
        entry = next((one for one in self._configuration.entries if one.name == provider), None)
        if entry is None:
            self._known(provider)
            raise ConfigError("is built in; it serves where there is nobody else", key=provider)
        changed = dataclasses.replace(entry, failover=on)
        self._configuration.put(changed)
        await self._configuration.keep(lambda file: file.put(changed))

    async def put_rule(self, rule: Rule, *, at: int | None = None, replaces: int | None = None) -> None:
        """Add a rule, at the end or before the one `at`, or put it in the place of the one `replaces`."""
        self._check(rule.to, "to")
        before = self.routing.rules[replaces : replaces + 1] if replaces is not None and replaces >= 0 else ()
        if is_all_day(rule) and not any(one.between == rule.between for one in before):
            raise ConfigError("ends when it begins; leave it out for every hour of the day", key="between")
        had = {name for one in before for name in one.keys}  # a revoked one does not keep the rule from being changed
        self._check_keys([name for name in rule.keys if name.strip() not in had], "keys")
        await self._put(ROUTE, _with(self.routing.rules, rule, at, replaces))

    async def remove_rule(self, index: int) -> None:
        """Take a rule out."""
        await self._put(ROUTE, _without(self.routing.rules, index))

    async def move_rule(self, index: int, to: int) -> None:
        """Move a rule so that it stands at `to`."""
        kept = _without(self.routing.rules, index)
        await self._put(ROUTE, _with(kept, self.routing.rules[index], to, None))

    async def put_pin(self, pin: Pin, *, replaces: str = "") -> None:
        """Add a pin, or put it in the place of the one called `replaces`."""
        self._check((pin.to,), "to")
        index = self._pin(replaces) if replaces else None
        if pin.key and (index is None or self.routing.pins[index].key != pin.key):
            self._check_keys([pin.key], "key")
        await self._put(PIN, _with(self.routing.pins, pin, None, index))

    async def remove_pin(self, name: str) -> None:
        """Take a pin out."""
        await self._put(PIN, _without(self.routing.pins, self._pin(name)))

    async def key_renamed(self, old: str, new: str) -> None:
        """A client key bears another name: rules and pins that name it go with it."""
        rules = tuple(
            dataclasses.replace(rule, keys=tuple(new if one == old else one for one in rule.keys))
            for rule in self.routing.rules
        )
        pins = tuple(dataclasses.replace(pin, key=new) if pin.key == old else pin for pin in self.routing.pins)
        if rules != self.routing.rules:
            await self._put(ROUTE, rules)
        if pins != self.routing.pins:
            await self._put(PIN, pins)

    async def put_error_rule(self, rule: ErrorRule, *, at: int | None = None, replaces: int | None = None) -> None:
        """Add a rule about errors, at the end or before the one `at`, or put it in the place of the one `replaces`."""
        if rule.provider:
            self._known(rule.provider)
        if is_no_error(rule):
            what = f"belongs to no error; write one from {LEAST_ERROR} to 599, or none"
            raise ConfigError(what, key="status")
        await self._put(ERROR_RULE, _with(self.routing.error_rules, rule, at, replaces))

    async def remove_error_rule(self, index: int) -> None:
        """Take a rule about errors out."""
        await self._put(ERROR_RULE, _without(self.routing.error_rules, index))

    async def move_error_rule(self, index: int, to: int) -> None:
        """Move a rule about errors so that it stands at `to`: the first that fits counts."""
        kept = _without(self.routing.error_rules, index)
        await self._put(ERROR_RULE, _with(kept, self.routing.error_rules[index], to, None))

    async def choose(self, tier: Tier, model: str) -> None:
        """Serve a tier of the active provider with `model`; empty is "as asked". Raises ConfigError without any."""
        active = self._core.snapshots.current.active()
        if active is None:
            raise ConfigError("there is no provider yet; add one first", key="provider")
        key = _KEYS[tier]
        overridden = bool(getattr(self._configuration.config.settings, key))
        if overridden:  # CC-Proxy's choice for every provider would win over the one made here
            self._configuration.change(**{key: ""})
        entry = next((one for one in self._configuration.entries if one.name == active.name), None)
        if entry is None:
            changed = dataclasses.replace(active, **{key: model})  # type: ignore[arg-type]
            extra = tuple(changed if one.name == active.name else one for one in self._configuration.extra)
            self._configuration.extra = extra
            self._configuration.apply(self._configuration.config)
        else:
            entry = dataclasses.replace(entry, **{key: model})  # type: ignore[arg-type]
            self._configuration.put(entry)

        def write(file: ConfigFile) -> None:
            if overridden:
                file.set(key, None)
            if entry is not None:
                file.put(entry)

        await self._configuration.keep(write)

    async def _set(self, **changes: Any) -> None:
        """Change keys of `[routing]`; what is the default is not written."""
        self._configuration.reroute(dataclasses.replace(self._configuration.config.routing, **changes))
        defaults = Routing()
        for key, value in changes.items():
            plain = list(value) if isinstance(value, tuple) else value.value if isinstance(value, Strategy) else value
            written = None if value == getattr(defaults, key) else plain
            await self._configuration.keep(_setting(key, written), instead=f"{ROUTING}.{key}")

    async def _put(self, table: str, wanted: Sequence[Entry]) -> None:
        routing = self._configuration.config.routing
        before, after = entries_of(routing, table), as_read(table, wanted)
        self._configuration.reroute(dataclasses.replace(routing, **{_FIELDS[table]: cast("Any", after)}))
        await self._configuration.keep(lambda file: file.put_entries(table, before, after))

    def _check(self, choices: Sequence[Choice], key: str) -> None:
        for choice in choices:
            self._known(choice.provider, key)

    def _check_keys(self, wanted: Sequence[str], key: str) -> None:
        names = sorted({one.name for one in self._core.snapshots.current.client_keys.values()})
        unknown = next((name for name in wanted if name.strip() and name.strip() not in names), None)
        if unknown is not None:
            known = _there_are(names, "; create one first")
            raise ConfigError(f"there is no client key {unknown!r}{known}", key=key)

    def _known(self, provider: str, key: str = "provider") -> None:
        names = [one.name for one in self._core.snapshots.current.providers]
        if provider not in names:
            known = _there_are(names, "; add one first")
            raise ConfigError(f"there is no provider {provider!r}{known}", key=key)

    def _pin(self, name: str) -> int:
        pins = self.routing.pins
        found = next((index for index, pin in enumerate(pins) if pin.name.lower() == name.lower()), None)
        if found is None:
            known = _there_are([pin.name for pin in pins], "; there are none")
            raise ConfigError(f"there is no pin {name!r}{known}", key="name")
        return found


def _read(convert: Callable[[object], Any], value: object, key: str) -> Any:
    try:
        return convert(value)
    except BadValueError as error:
        raise ConfigError(str(error), key=key) from None


def _there_are(names: Sequence[str], otherwise: str) -> str:
    """The end of a sentence about a name that is none of these."""
    if not names:
        return otherwise
    return (
        f"; there {'are' if len(names) > 1 else 'is'} {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"
    )


def _setting(key: str, value: Any) -> Any:
    return lambda file: file.set(key, value, table=ROUTING)


def _with(entries: Sequence[Entry], entry: Entry, at: int | None, replaces: int | None) -> tuple[Entry, ...]:
    if replaces is not None:
        _there(entries, replaces)
        return (*entries[:replaces], entry, *entries[replaces + 1 :])
    place = len(entries) if at is None else max(0, min(at, len(entries)))
    return (*entries[:place], entry, *entries[place:])


def _without(entries: Sequence[Entry], index: int) -> tuple[Entry, ...]:
    _there(entries, index)
    return (*entries[:index], *entries[index + 1 :])


def _there(entries: Sequence[Entry], index: int) -> None:
    if not 0 <= index < len(entries):
        last = f"the last one is {len(entries)}" if entries else "there are none"
        raise ConfigError(f"there is no number {index + 1}; {last}")
