"""Edits of the file's text that leave every comment, blank line and unknown key as it was."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.store.config.account_editing import drop_account_secret, put_accounts

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT

_NOT_KEYS = frozenset({"name", "line", "profile", "endpoints", "accounts", "login", "failover", "weight", "context"})
_KEYS = tuple(one.name for one in dataclasses.fields(ProviderEntry) if one.name not in _NOT_KEYS)

Value = str | int | float | bool | list[str] | None


def set_key(text: str, table: str, key: str, value: Value) -> str:
    """Set a key of `[config]` or of another table; None takes it out."""
    document = _parse(text)
    if value is None:
        if table in document:
            document[table].pop(key, None)
        return _text(document)
    if table not in document:
        _add_table(document, table)
    document[table][key] = value
    return _text(document)


def put_provider(text: str, entry: ProviderEntry, replaces: str) -> str:
    """Write a provider: into the one called `replaces`, keeping what it does not know, or as a new last one."""
    import tomlkit

    document = _parse(text)
    providers = _providers(document)
    table: Any = next((one for one in providers if one.get("name") == replaces), None)
    new = table is None
    if table is None:
        table = tomlkit.table()
    table["name"] = entry.name
    for key in _KEYS:
        _set(table, key, getattr(entry, key))
    _fill(table, "profile", entry.profile)
    _fill(table, "endpoints", entry.endpoints)
    _fill(table, "context", entry.context)
    _put(table, "failover", None if entry.failover else False)
    _put(table, "weight", None if entry.weight == 1 else entry.weight)
    _fill(table, "login", entry.login)
    put_accounts(table, entry.accounts)
    if new:
        _append(document, providers, table)
    return _text(document)


def remove_provider(text: str, name: str) -> str:
    """Take a provider out; nothing happens where there is none of that name."""
    document = _parse(text)
    providers = _providers(document)
    for index in reversed([index for index, one in enumerate(providers) if one.get("name") == name]):
        del providers[index]
    if not len(providers) and "provider" in document:
        del document["provider"]
    return _text(document)


def drop_secret(text: str, provider: str, account: str = "") -> str:
    """Take a key in clear text out: a provider's `api_key` or its account's; the client key where both are empty."""
    if not provider:
        return set_key(text, "config", "anthropic_api_key", None)
    document = _parse(text)
    for table in _providers(document):
        if table.get("name") == provider:
            if account:
                drop_account_secret(table, account)
            else:
                table.pop("api_key", None)
    return _text(document)


def _parse(text: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"cannot be changed while it is not valid TOML ({error}); correct it first") from None


def _text(document: TOMLDocument) -> str:
    import tomlkit

    return tomlkit.dumps(document)


def _providers(document: TOMLDocument) -> AoT:
    import tomlkit
    from tomlkit.items import AoT

    providers = document.get("provider")
    if providers is None:
        return tomlkit.aot()
    if not isinstance(providers, AoT):
        raise ConfigError("cannot be changed here; write each provider as [[provider]]", key="provider")
    return providers


def _add_table(document: TOMLDocument, name: str) -> None:
    import tomlkit

    if document.body:
        document.add(tomlkit.nl())
    document.add(name, tomlkit.table())


def _append(document: TOMLDocument, providers: AoT, table: Any) -> None:
    import tomlkit

    if "provider" in document:
        last = providers[-1]
        if not last.as_string().endswith("\n\n"):
            last.add(tomlkit.nl())
        providers.append(table)
        return
    if document.body and not document.as_string().endswith("\n\n"):
        document.add(tomlkit.nl())
    providers.append(table)
    document.add("provider", providers)


def _set(table: Any, key: str, value: object) -> None:
    """Write a key, or take it out where the value says "not written"."""
    if value in (None, "", False) or (key == "models" and not value):
        table.pop(key, None)
    elif table.get(key) != (plain := _plain(value)):
        table[key] = plain


def _put(table: Any, key: str, value: Value) -> None:
    """Write a key, or take it out where it is None, unless it says that already."""
    if value is None:
        table.pop(key, None)
    elif table.get(key) != value:
        table[key] = value


def _fill(table: Any, key: str, values: tuple[tuple[str, object], ...]) -> None:
    """Write a table below a provider member by member, so that the comments in it stay."""
    inner = table.get(key)
    if inner is None or not values:
        _set(table, key, {name: _plain(value) for name, value in values} or None)
        return
    wanted = {name: _plain(value) for name, value in values}
    for name in [name for name in inner if name not in wanted]:
        del inner[name]
    for name, value in wanted.items():
        if inner.get(name) != value:
            inner[name] = value


def _plain(value: object) -> Any:
    return list(value) if isinstance(value, tuple) else value
