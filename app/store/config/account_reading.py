"""`[[provider.account]]` and `[provider.login]`: further credentials of a provider, and how to log in for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.domain.config import FoundSecret
from app.domain.errors import ConfigError
from app.domain.provider import Account, Login
from app.store.config import values

KEYS = frozenset({"name", "env_key", "priority", "weight", "login", "api_key"})
NAME_MOST_CHARS = 32
NUMBER_MOST = 1_000_000
_EXAMPLE = 'give the account a name, such as name = "work"'

Fail = Callable[[int, str, str], ConfigError]
"""Makes the error for the account of that number (0-based), its key, and what is wrong."""


def account_tables(found: object) -> list[dict[str, Any]] | None:
    """The tables; None where they are written otherwise."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return None
    return found


def read_accounts(tables: list[dict[str, Any]], fail: Fail) -> tuple[Account, ...]:
    """Every account; raises ConfigError."""
    found = tuple(_account(table, number, fail) for number, table in enumerate(tables))
    first: dict[str, int] = {}
    for number, account in enumerate(found):
        if first.setdefault(account.name.lower(), number) != number:
            raise fail(number, "name", f"there is already an account {account.name!r}; give this one another name")
    return found


def account_secrets(provider: str, tables: list[dict[str, Any]], fail: Fail) -> Iterator[FoundSecret]:
    """The keys that stand in clear text."""
    for number, table in enumerate(tables):
        if table.get("api_key", "") != "":
            value = _converted(table, "api_key", number, fail, values.text)
            yield FoundSecret(provider, value, table["name"])


def read_login(table: dict[str, Any], fail: Callable[[str, str], ConfigError]) -> tuple[tuple[str, Any], ...]:
    """The keys of `[provider.login]`; scopes as a list, or as one text with blanks between them."""
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        try:
            plain = value.split() if key == "scopes" and isinstance(value, str) else value
            found.append((key, values.texts(plain) if key == "scopes" else values.text(plain)))
        except values.BadValueError as error:
            raise fail(key, str(error)) from None
    return tuple(found)


def account_name_problem(name: str) -> str:
    """Why an account cannot be called so, in words; empty where it can."""
    if not name.strip():
        return f"is missing; {_EXAMPLE}"
    if len(name) > NAME_MOST_CHARS or not name.isprintable() or name != name.strip() or "/" in name:
        return f"must be at most {NAME_MOST_CHARS} printable characters, without / and without blanks around them"
    return ""


def _account(table: dict[str, Any], number: int, fail: Fail) -> Account:
    name = table.get("name")
    problem = account_name_problem(name) if isinstance(name, str) else f"is missing; {_EXAMPLE}"
    if problem:
        raise fail(number, "name", problem)
    fields: dict[str, Any] = {}
    if "env_key" in table:
        fields["env_key"] = _converted(table, "env_key", number, fail, values.text)
    for key in ("priority", "weight"):
        if key in table:
            fields[key] = _converted(table, key, number, fail, lambda value: values.whole(value, 0, NUMBER_MOST))
    if "login" in table:
        fields["login"] = _converted(table, "login", number, fail, lambda value: values.choice(value, Login))
    return Account(name=str(name), **fields)


def _converted(table: dict[str, Any], key: str, number: int, fail: Fail, convert: Callable[[object], Any]) -> Any:
    try:
        return convert(table[key])
    except values.BadValueError as error:
        raise fail(number, key, str(error)) from None
