"""`patchbay provider account …`: further credentials of a provider."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from app.cli.context import Context
from app.cli.output import plain
from app.cli.patience import for_the_keyring
from app.cli.providers import read_key
from app.cli.running import Running
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Account, CredentialState
from app.domain.rest_words import rest_words
from app.domain.status import AccountStatus, ProviderStatus

OWN = "(own key)"


async def execute(context: Context, options: argparse.Namespace) -> int:
    """Do what is to be done with the accounts of a provider."""
    commands = {"list": show, "add": add, "edit": edit, "remove": remove, "login": login, "test": test}
    return await commands[options.account_action](context, options)


async def show(context: Context, options: argparse.Namespace) -> int:
    """List a provider's own key and its accounts, in the order in which they are used."""
    accounts = _as_told(context, _status(context, options.provider))
    now_us = time.time_ns() // 1_000
    if options.json:
        context.out.json(
            [
                {
                    "name": one.name,
                    "state": one.state.value,
                    "source": one.source,
                    "priority": one.priority,
                    "weight": one.weight,
                    "resting_until_us": one.resting_until_us,
                    "resting_why": one.resting_why,
                }
                for one in accounts
            ]
        )
        return 0
    rows = [(one.name or OWN, _state(one, now_us), one.source, str(one.priority), str(one.weight)) for one in accounts]
    context.out.table(("name", "state", "source", "priority", "weight"), rows)
    return 0


async def add(context: Context, options: argparse.Namespace) -> int:
    """Add an account; its key comes from standard input, from a prompt, or from the environment."""
    account = Account(options.name, options.env_key or "", options.priority or 0, _weight(options.weight))
    secret = None if account.env_key else read_key(f"{options.provider}, account {account.name}")
    try:
        with for_the_keyring(context.out):
            await context.services.accounts.add(options.provider, account, secret, keep="keyring")
    except VaultError as error:
        return _without_keyring(context, error)
    without = "" if secret is not None or account.env_key else "; it has no key yet"
    context.out.note(f"Added account {account.name} to {options.provider}{without}.")
    return 0


async def edit(context: Context, options: argparse.Namespace) -> int:
    """Change an account; its key only where `--key` asks for a new one."""
    changes = {
        key: value
        for key, value in (
            ("name", options.rename),
            ("env_key", options.env_key),
            ("priority", options.priority),
            ("weight", options.weight),
        )
        if value is not None
    }
    if not changes and not options.key:
        raise ConfigError("nothing to change; say --key, --rename, --priority, --weight or --env-key", key="account")
    changed = replace(_account(context, options.provider, options.name), **changes)
    secret = read_key(f"{options.provider}, account {options.name}") if options.key else None
    if options.key and secret is None:
        raise ConfigError("no key was given, so nothing was changed", key="key")
    try:
        with for_the_keyring(context.out):
            await context.services.accounts.edit(options.provider, options.name, changed, secret, keep="keyring")
    except VaultError as error:
        return _without_keyring(context, error)
    context.out.note(f"Changed account {changed.name} of {options.provider}.")
    return 0


async def remove(context: Context, options: argparse.Namespace) -> int:
    """Remove an account and its key."""
    with for_the_keyring(context.out):
        await context.services.accounts.remove(options.provider, options.name)
    context.out.note(f"Removed account {options.name} of {options.provider}.")
    return 0


async def login(context: Context, options: argparse.Namespace) -> int:
    """Log in with the browser, for the own key or for an account."""
    accounts = context.services.accounts

    def opened(address: str) -> None:
        context.out.note("Open this address in a browser on this machine, within five minutes (Ctrl+C gives up):")
        context.out.say(address)

    await accounts.login(options.provider, options.name, opened=opened, keep="keyring")
    whom = f"account {options.name} of {options.provider}" if options.name else options.provider
    context.out.note(f"Logged in: {whom} has a key.")
    return 0


async def test(context: Context, options: argparse.Namespace) -> int:
    """Ask the provider for its models with one account's key."""
    result = await context.services.accounts.test(options.provider, options.name, None)
    if options.json:
        answer = {"ok": result.ok, "message": result.message, "models": list(result.models)}
        context.out.json({**answer, "latency_ms": result.latency_ms})
    else:
        (context.out.say if result.ok else context.out.note)(result.message)
    return 0 if result.ok else 1


def _status(context: Context, name: str) -> ProviderStatus:
    found = next((one for one in context.services.status.current.providers if one.name == name), None)
    if found is None:
        raise ConfigError(f"there is no provider {name!r}", key="name")
    return found


def _as_told(context: Context, provider: ProviderStatus) -> tuple[AccountStatus, ...]:
    """Its accounts as the running Patchbay has them: a command has seen no answer of theirs."""
    running = Running(context.told)
    accounts = []
    for one in provider.accounts:
        key, rest = running.key(provider.name, one.name), running.rest(provider.name, one.name)
        told = replace(one, state=CredentialState(key.state), source=key.source) if key else one
        accounts.append(replace(told, resting_until_us=rest.until_us, resting_why=rest.why) if rest else told)
    return tuple(accounts)


def _account(context: Context, provider: str, name: str) -> Account:
    entry = next((one for one in context.services.providers.entries() if one.name == provider), None)
    if entry is None:
        raise ConfigError(f"there is no provider {provider!r}", key="name")
    found = next((one for one in entry.accounts if one.name == name), None)
    if found is None:
        raise ConfigError(f"{provider} has no account {name!r}", key="account")
    return found


def _state(account: AccountStatus, now_us: int) -> str:
    if account.resting_until_us:
        return rest_words(account.resting_until_us, plain(account.resting_why), now_us)
    usable = account.state in (CredentialState.READY, CredentialState.NOT_NEEDED)
    return "switched off" if usable and not account.weight else account.state.value.replace("_", " ")


def _weight(given: int | None) -> int:
    return 1 if given is None else given


def _without_keyring(context: Context, error: VaultError) -> int:
    context.out.note(f"patchbay: {error.message}\nNothing was changed. Without a keyring, name an environment")
    context.out.note("variable that holds the key: --env-key NAME")
    return 1
