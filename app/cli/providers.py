"""`patchbay provider …`."""

from __future__ import annotations

import argparse
import getpass
import shlex
import sys

from app.cli.context import Context
from app.cli.patience import for_the_keyring
from app.cli.running import Key, Running
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import AuthStyle, Secret


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the providers and where their keys come from; without any, the vendors to pick from."""
    status, running = context.services.status.current, Running(context.told)
    preferred = "" if status.auto else status.active
    keys = {one.name: running.key(one.name) or Key(one.credential, one.credential_source) for one in status.providers}
    if options.json:
        context.out.json(
            [
                {
                    "name": one.name,
                    "vendor": one.vendor,
                    "base_url": one.base_url,
                    "active": one.name == preferred,
                    "credential": keys[one.name].state,
                    "credential_source": keys[one.name].source,
                    "models": list(one.models),
                    "accounts": [account.name for account in one.accounts if account.name],
                }
                for one in status.providers
            ]
        )
        return 0
    if not status.providers:
        names = ", ".join(vendor.name for vendor in context.services.providers.presets())
        context.out.note(
            f"There is no provider yet. Add one with: patchbay provider add NAME --vendor VENDOR\n({names})"
        )
        return 0
    rows = [
        (
            "*" if one.name == preferred else "",
            one.name,
            one.vendor,
            one.base_url,
            keys[one.name].source or keys[one.name].state.replace("_", " "),
            ", ".join(one.models[:3]) + (" …" if len(one.models) > 3 else ""),
        )
        for one in status.providers
    ]
    context.out.table(("", "name", "vendor", "address", "key", "models"), rows)
    for words in running.resting():
        context.out.note(words)
    return 0


async def add(context: Context, options: argparse.Namespace) -> int:
    """Add a provider; the key comes from standard input, from a prompt, or later from the environment."""
    entry = ProviderEntry(
        name=options.name,
        vendor=options.vendor,
        base_url=options.base_url,
        env_key=options.env_key,
        big_models=_models(options.big),
        middle_models=_models(options.middle),
        small_models=_models(options.small),
    )
    wanted = not options.env_key and _needs_key(context, entry)
    secret = read_key(options.name) if wanted else None
    try:
        with for_the_keyring(context.out):
            await context.services.providers.add(entry, secret, keep="keyring")
    except VaultError as error:
        context.out.note(f"patchbay: {error.message}\nNothing was changed. Without a keyring, name an environment")
        context.out.note("variable that holds the key: --env-key NAME")
        return 1
    without = "; it has no key yet" if wanted and secret is None else ""
    context.out.note(f"Added {entry.name}{without}.")
    if without and context.services.accounts.login_with(entry.name):
        context.out.note(f"Log in for one with the browser: patchbay provider account login {shlex.quote(entry.name)}")
    return 0


async def test(context: Context, options: argparse.Namespace) -> int:
    """Ask a provider for its models."""
    entry = _entry(context, options.name)
    result = await context.services.providers.test(entry, None)
    if options.json:
        answer = {"ok": result.ok, "message": result.message, "models": list(result.models)}
        context.out.json({**answer, "latency_ms": result.latency_ms})
    else:
        (context.out.say if result.ok else context.out.note)(result.message)
        for model in result.models:
            context.out.say(model)
    return 0 if result.ok else 1


async def remove(context: Context, options: argparse.Namespace) -> int:
    """Remove a provider and its key; say what led to it."""
    was_only = context.services.routes.routing.only and context.services.settings.current.provider == options.name
    with for_the_keyring(context.out):
        lost = await context.services.providers.remove(options.name)
    context.out.note(f"Removed {options.name}.")
    if was_only:
        context.out.note("Nothing else served; that is over. Patchbay chooses among all providers (Auto).")
    if lost:
        context.out.note("Leads nowhere now:")
    for words in lost:
        context.out.note(f"  {words}")
    return 0


def _models(given: list[str] | None) -> tuple[str, ...] | None:
    return tuple(given) if given else None


def _entry(context: Context, name: str) -> ProviderEntry:
    for entry in context.services.providers.entries():
        if entry.name == name:
            return entry
    raise ConfigError(f"there is no provider {name!r}", key="name")


def _needs_key(context: Context, entry: ProviderEntry) -> bool:
    preset = next((one for one in context.services.providers.presets() if one.name == entry.vendor), None)
    return preset is None or preset.auth not in (AuthStyle.NONE, AuthStyle.CLIENT)


def read_key(name: str) -> Secret | None:
    """The key, never from an argument; None for an empty answer, or where there is no input to ask."""
    if sys.stdin is None:
        return None
    value = getpass.getpass(f"Key of {name} (empty: add it later): ") if sys.stdin.isatty() else sys.stdin.readline()
    return Secret(value.strip()) if value.strip() else None
