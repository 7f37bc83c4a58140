"""Edits of a provider's `[[provider.account]]` tables: the ones that stay keep their comments and what is not ours."""

from __future__ import annotations

from typing import Any

from app.domain.errors import ConfigError
from app.domain.provider import Account, Login

_DEFAULT = Account()


def put_accounts(provider: Any, accounts: tuple[Account, ...]) -> None:
    """Write the accounts into the provider's table, in their order.

    An account is found again by its name; one that was renamed is the one table and the one account that are left over.
    """
    import tomlkit
    from tomlkit.items import AoT

    present = provider.get("account")
    if present is not None and not isinstance(present, AoT):
        raise ConfigError("cannot be changed here; write each account as [[provider.account]]", key="provider.account")
    tables = _matched(list(present or ()), accounts)
    stay = [table for table in tables if table is not None]
    if present is not None and (not stay or tables[: len(stay)] != [one for one in present if _among(one, stay)]):
        del provider["account"]
        present = None
    if not accounts:
        return
    new = present is None
    if present is None:
        present = tomlkit.aot()
    else:
        for index in reversed([index for index, one in enumerate(present) if not _among(one, stay)]):
            del present[index]
    for table, account in zip(tables, accounts, strict=True):
        made = table if table is not None else tomlkit.table()
        _fill(made, account)
        if new:
            present.append(made)  # tomlkit parts them by itself
        elif table is None:
            _append(present, made)
    if new:
        provider["account"] = present


def _matched(present: list[Any], accounts: tuple[Account, ...]) -> list[Any]:
    """The table of each account; None for a new one."""
    by_name = {str(table.get("name")): table for table in present}
    left = [table for name, table in by_name.items() if name not in {one.name for one in accounts}]
    new = [account.name for account in accounts if account.name not in by_name]
    if len(left) == len(new) == 1:
        by_name[new[0]] = left[0]
    return [by_name.get(account.name) for account in accounts]


def _among(table: Any, tables: list[Any]) -> bool:
    """The very table: two of them may be equal."""
    return any(table is one for one in tables)


def _append(present: Any, table: Any) -> None:
    """Add a table after the last one, a blank line before it, and one after it where there was one."""
    import tomlkit

    if len(present):
        last = present[-1]
        if not last.as_string().endswith("\n\n"):
            last.add(tomlkit.nl())
        elif not table.as_string().endswith("\n\n"):
            table.add(tomlkit.nl())
    present.append(table)


def drop_account_secret(provider: Any, account: str) -> None:
    """Take the `api_key` of one account out."""
    for table in provider.get("account", ()):
        if table.get("name") == account:
            table.pop("api_key", None)


def _fill(table: Any, account: Account) -> None:
    written: dict[str, object] = {
        "name": account.name,
        "env_key": account.env_key,
        "priority": account.priority,
        "weight": account.weight,
        "login": account.login.value,
    }
    usual = {"env_key": "", "priority": _DEFAULT.priority, "weight": _DEFAULT.weight, "login": Login.KEY.value}
    for key, value in written.items():
        if key in usual and value == usual[key]:
            table.pop(key, None)
        elif table.get(key) != value:
            table[key] = value
