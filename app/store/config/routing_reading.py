"""`[routing]`, `[[route]]`, `[[pin]]` and `[[error_rule]]`: where requests go, as people write it.

A text may stand wherever a list of texts may; numbers of tokens may be written "60k", hours "22:00-06:00" or "22-6".
A key that `[[route]]`, `[[pin]]` or `[[error_rule]]` does not have is an error: a condition that nobody reads would
make a rule hold for everything.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from app.domain.errors import ConfigError
from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Routing, Rule, Strategy
from app.store.config import values
from app.store.config.places import Place
from app.store.config.spelling import NONE, key_problem

ROUTING, ROUTE, PIN, ERROR_RULE = "routing", "route", "pin", "error_rule"
TABLES = frozenset({ROUTING, ROUTE, PIN, ERROR_RULE})
PROVIDER, CONTEXT = "provider", "context"
NEAR = {ROUTE: {"model": "models", "key": "keys", "client": "clients"}}
"""Near spellings of keys that are taken, by table."""
STANDING = frozenset({"failover", "weight", CONTEXT})
MOST_RULES = 200
MOST_WEIGHT = 1_000_000
MOST_TOKENS = 1_000_000_000
PIN_MOST_CHARS = 64
DAY_S = 86_400
LEAST_CHECK_S = 10
_HOURS = re.compile(r"\s*(\d{1,2})(?::(\d{2}))?\s*(?:-|\u2013|to)\s*(\d{1,2})(?::(\d{2}))?\s*", re.ASCII)
_TOKENS = re.compile(r"(\d+|\d{1,3}(?:[,_]\d{3})+)\s*([km]?)", re.IGNORECASE | re.ASCII)
_FACTOR = {"": 1, "k": 1_000, "m": 1_000_000}

Fail = Callable[[tuple[Place, ...], str, str], ConfigError]
"""Makes the error from where it may be, the key, and what is wrong."""
Convert = Callable[[object], Any]
W = TypeVar("W", Strategy, Meaning)


def read_routing(document: Mapping[str, Any], fail: Fail) -> Routing:
    """All four tables; raises ConfigError that names the line and the key."""
    routing = document.get(ROUTING, {})
    if not isinstance(routing, dict):
        raise fail((("", 0, ROUTING),), ROUTING, "must be a table; write [routing]")
    known = {key: convert for key, convert in _ROUTING.items() if key in routing}
    return Routing(
        **{key: _value(routing, key, convert, ROUTING, 0, fail) for key, convert in known.items()},
        rules=tuple(
            _possible(Rule(**row), index, fail)
            for index, row in enumerate(_rows(document, ROUTE, _RULE, ("to",), fail))
        ),
        pins=_unique(tuple(Pin(**row) for row in _rows(document, PIN, _PIN, ("name", "to"), fail)), fail),
        error_rules=tuple(
            _telling(ErrorRule(**row), index, fail)
            for index, row in enumerate(_rows(document, ERROR_RULE, _ERROR_RULE, ("means",), fail))
        ),
    )


def read_standing(table: Mapping[str, Any], index: int, fail: Fail) -> dict[str, Any]:
    """What a `[[provider]]` says of its part in routing: `failover`, `weight`, `[provider.context]`."""
    fields = {
        key: _converted(table, key, convert, ((PROVIDER, index, key), (PROVIDER, index, "")), f"{PROVIDER}.{key}", fail)
        for key, convert in _STANDING.items()
        if key in table
    }
    context = table.get(CONTEXT, {})
    places = ((f"{PROVIDER}.{CONTEXT}", index, ""), (PROVIDER, index, CONTEXT), (PROVIDER, index, ""))
    if not isinstance(context, dict):
        raise fail(places, f"{PROVIDER}.{CONTEXT}", 'must be a table such as "glm-*" = 200000')
    windows = (
        (model, _converted(context, model, _window, places, f"{PROVIDER}.{CONTEXT}.{model}", fail)) for model in context
    )
    return {**fields, CONTEXT: tuple(windows)}


def choice(value: object) -> Choice:
    """`provider:model`, or a provider alone; raises BadValueError."""
    text = values.text(value).strip()
    provider, _, model = text.partition(":")
    if not provider.strip():
        raise values.BadValueError('must name a provider, or provider and model such as "OpenRouter:z-ai/glm-5"')
    return Choice(provider.strip(), model.strip())


def hours(value: object) -> tuple[int, int]:
    """Two times of the day in minutes; raises BadValueError."""
    found = _HOURS.fullmatch(values.text(value))
    if found is not None:
        hour, minute, end_hour, end_minute = (int(part or 0) for part in found.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if start < DAY_S // 60 and end <= DAY_S // 60 and max(minute, end_minute) < 60:
            return start, end
    raise values.BadValueError('must be two times of the day, such as "22:00-06:00"')


def tokens(value: object) -> int:
    """A number of tokens, "60k" and "60,000" too; raises BadValueError, for "1,5k" as well, which is not 15,000."""
    if isinstance(value, str) and (found := _TOKENS.fullmatch(value.strip())):
        value = int(re.sub("[,_]", "", found[1])) * _FACTOR[found[2].lower()]
    try:
        return values.whole(value, 0, MOST_TOKENS)
    except values.BadValueError:
        what = f'must be a number of tokens from 0 to {MOST_TOKENS:,}, such as 60000, "60k" or "1m"'
        raise values.BadValueError(what) from None


def word(value: object, words: type[W]) -> W:
    """One of an enumeration's words, spelled with blanks or hyphens as well; raises BadValueError."""
    plain = re.sub(r"[\s-]+", "_", value.strip().lower()) if isinstance(value, str) else value
    return values.choice(plain, words)


def names(value: object) -> tuple[str, ...]:
    """A list of texts, or one text; raises BadValueError. Blanks around them do not count, and none may be empty."""
    found = tuple(one.strip() for one in values.texts([value] if isinstance(value, str) else value))
    if not all(found):
        raise values.BadValueError("must not hold an empty name")
    return found


def health_check_s(value: object) -> int:
    """How often resting providers are asked, in seconds, 0 for never; raises BadValueError."""
    with contextlib.suppress(values.BadValueError):
        found = values.whole(value, 0, DAY_S)
        if not 0 < found < LEAST_CHECK_S:
            return found
    raise values.BadValueError(f"must be 0, or {LEAST_CHECK_S} to {DAY_S:,} seconds")


def pin_name_problem(name: str) -> str:
    """Why a pin cannot be called so, in words; empty where it can: it becomes a part of a base URL."""
    if not name or len(name) > PIN_MOST_CHARS or not name.isprintable() or name != name.strip() or "/" in name:
        return f"must be 1 to {PIN_MOST_CHARS} printable characters, without / and without blanks around them"
    return ""


def _window(value: object) -> int:
    found = tokens(value)
    if not found:
        raise values.BadValueError("must be a number of tokens above 0")
    return found


def _pin_name(value: object) -> str:
    name = values.text(value)
    if problem := pin_name_problem(name):
        raise values.BadValueError(problem)
    return name


def _choices(value: object) -> tuple[Choice, ...]:
    found = tuple(choice(one) for one in names(value))
    if not found:
        raise values.BadValueError(_MISSING["to"].removeprefix("is missing; "))
    return found


_ROUTING: Mapping[str, Convert] = {
    "only": values.flag,
    "strategy": lambda value: word(value, Strategy),
    "affinity": values.flag,
    "order": names,
    "health_check_s": health_check_s,
}
ROUTING_KEYS = frozenset(_ROUTING)
_STANDING: Mapping[str, Convert] = {
    "failover": values.flag,
    "weight": lambda value: values.whole(value, 1, MOST_WEIGHT),
}
_RULE: Mapping[str, Convert] = {
    "name": values.text,
    "enabled": values.flag,
    **dict.fromkeys(("models", "keys", "clients"), names),
    **dict.fromkeys(("min_tokens", "max_tokens"), tokens),
    **dict.fromkeys(("thinking", "tools", "web_search", "image", "subagent"), values.flag),
    "between": hours,
    "to": _choices,
    "strategy": lambda value: word(value, Strategy),
    "only": values.flag,
}
_PIN: Mapping[str, Convert] = {"name": _pin_name, "to": choice, "key": values.text}
_ERROR_RULE: Mapping[str, Convert] = {
    "means": lambda value: word(value, Meaning),
    "status": lambda value: values.whole(value, 100, 599),
    "text": values.text,
    "provider": values.text,
}
_MISSING = {
    "to": 'is missing; say where they go, such as to = "OpenRouter:z-ai/glm-5" or to = ["OpenRouter", "Ollama"]',
    "name": 'is missing; give the pin a name, such as name = "website" for base URLs that end in /p/website',
    "means": f"is missing; write one of {', '.join(Meaning)}",
}


def _rows(
    document: Mapping[str, Any], name: str, known: Mapping[str, Convert], needed: tuple[str, ...], fail: Fail
) -> Iterator[dict[str, Any]]:
    tables = document.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise fail(((name, 0, ""), ("", 0, name)), name, f"must be written as [[{name}]]")
    if len(tables) > MOST_RULES:
        raise fail(((name, MOST_RULES, ""),), name, f"must not be there more than {MOST_RULES} times")
    near = NEAR.get(name, NONE)
    for index, table in enumerate(tables):
        for key in table:
            if problem := key_problem(key, table, f"[[{name}]]", known, near):
                raise fail(_places(name, index, key), f"{_called(name, index + 1)}, {key}", problem)
        for key in needed:
            if key not in table:
                raise fail(((name, index, ""), ("", 0, name)), f"{_called(name, index + 1)}, {key}", _MISSING[key])
        yield {(meant := near.get(key, key)): _value(table, key, known[meant], name, index, fail) for key in table}


def _value(table: Mapping[str, Any], key: str, convert: Convert, name: str, index: int, fail: Fail) -> Any:
    where = _places(name, index, key)
    called = f"{name}.{key}" if name == ROUTING else f"{_called(name, index + 1)}, {key}"
    return _converted(table, key, convert, where, called, fail)


def _places(name: str, index: int, key: str) -> tuple[Place, ...]:
    return (name, index, key), (name, index, ""), ("", 0, f"{name}.{key}"), ("", 0, name)


def _converted(
    table: Mapping[str, Any], key: str, convert: Convert, where: tuple[Place, ...], called: str, fail: Fail
) -> Any:
    try:
        return convert(table[key])
    except values.BadValueError as error:
        raise fail(where, called, str(error)) from None


def _unique(pins: tuple[Pin, ...], fail: Fail) -> tuple[Pin, ...]:
    first: dict[str, int] = {}
    for index, pin in enumerate(pins):
        if first.setdefault(pin.name.lower(), index) != index:
            where = ((PIN, index, "name"), (PIN, index, ""))
            raise fail(where, f"pin {index + 1}, name", f"there is already a pin {pin.name!r}; choose another name")
    return pins


def _possible(rule: Rule, index: int, fail: Fail) -> Rule:
    if 0 < rule.max_tokens < rule.min_tokens:
        message = f"must not be above max_tokens, which is {rule.max_tokens}: no request would fit"
        raise fail(_places(ROUTE, index, "min_tokens"), f"{_called(ROUTE, index + 1)}, min_tokens", message)
    return rule


def _telling(rule: ErrorRule, index: int, fail: Fail) -> ErrorRule:
    if not rule.status and not rule.text and not rule.provider:
        message = 'must say which errors it means: a status, a text such as text = "overloaded", or a provider'
        raise fail(((ERROR_RULE, index, ""),), f"error rule {index + 1}", message)
    return rule


def _called(name: str, number: int) -> str:
    """Such as: error rule 2."""
    return f"{name.replace('_', ' ')} {number}"
