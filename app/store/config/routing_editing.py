"""Rules, pins and error rules back into the text of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.domain.errors import ConfigError
from app.domain.routing import ErrorRule, Pin, Routing, Rule, Strategy
from app.store.config.routing_reading import ERROR_RULE, NEAR, PIN, ROUTE, read_routing
from app.store.config.rows import Row, put_rows
from app.store.config.spelling import NONE

Entry = Rule | Pin | ErrorRule
_MINUTES = 60


def put_entries(text: str, name: str, before: Sequence[Entry], after: Sequence[Entry]) -> str:
    """The text with `[[route]]`, `[[pin]]` or `[[error_rule]]` changed from `before` to `after`.

    Raises ConfigError where the file holds something else than `before`.
    """
    row = _ROWS[name]
    return put_rows(text, name, [row(one) for one in before], [row(one) for one in after], NEAR.get(name, NONE))


def entries_of(routing: Routing, name: str) -> tuple[Entry, ...]:
    """What stands in the tables of that name."""
    found: dict[str, tuple[Entry, ...]] = {ROUTE: routing.rules, PIN: routing.pins, ERROR_RULE: routing.error_rules}
    return found[name]


def as_read(name: str, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries as they would be read back from the file; raises ConfigError for what the file cannot hold."""
    rows = [{key: value for key, value in _ROWS[name](one).items() if value is not None} for one in entries]
    return entries_of(read_routing({name: rows}, lambda _, key, message: ConfigError(message, key=key)), name)


def _rule(rule: Any) -> Row:
    """As a person would write it: what is not set is not written."""
    return {
        "name": rule.name or None,
        "enabled": None if rule.enabled else False,
        "models": _list(rule.models),
        "keys": _list(rule.keys),
        "clients": _list(rule.clients),
        "min_tokens": rule.min_tokens or None,
        "max_tokens": rule.max_tokens or None,
        "thinking": rule.thinking,
        "tools": rule.tools,
        "web_search": rule.web_search,
        "image": rule.image,
        "subagent": rule.subagent,
        "between": None if rule.between is None else "-".join(map(_clock, rule.between)),
        "to": [str(choice) for choice in rule.to],
        "strategy": None if rule.strategy is Strategy.PRIORITY else rule.strategy.value,
        "only": True if rule.only else None,
    }


def _pin(pin: Any) -> Row:
    return {"name": pin.name, "to": str(pin.to), "key": pin.key or None}


def _error_rule(rule: Any) -> Row:
    return {
        "means": rule.means.value,
        "status": rule.status or None,
        "text": rule.text or None,
        "provider": rule.provider or None,
    }


_ROWS: dict[str, Callable[[Any], Row]] = {ROUTE: _rule, PIN: _pin, ERROR_RULE: _error_rule}


def _list(names: Sequence[str]) -> list[str] | None:
    return list(names) or None


def _clock(minute: int) -> str:
    return f"{minute // _MINUTES:02}:{minute % _MINUTES:02}"
