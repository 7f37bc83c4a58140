"""`patchbay env` and `patchbay key …`. A key goes to standard output alone, and once."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.cli.context import Context
from app.cli.key_parser import words
from app.cli.output import plain
from app.cli.patience import for_the_keyring
from app.control.keys import ENVIRONMENT
from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.errors import ConfigError
from app.domain.provider import Secret

_SHOWN_ONCE = "This key is shown only now; Patchbay keeps no more than its digest."
_LISTS = ("models", "dialects", "clients", "networks")
_RATES = {"rpm": "requests_per_minute", "tpm": "tokens_per_minute", "concurrent": "concurrent"}


async def env(context: Context, options: argparse.Namespace) -> int:
    """Print the lines that point a client here, ready for `eval`."""
    if options.pin and options.pin.lower() not in {pin.name.lower() for pin in context.services.routes.routing.pins}:
        raise ConfigError(f"there is no pin {options.pin!r}; `patchbay pin list` shows them", key="--pin")
    with for_the_keyring(context.out):
        lines = await context.services.keys.snippet(options.client, options.shell, pin=options.pin)
    context.out.say(lines.rstrip("\n"))
    if not context.process:
        context.out.note("patchbay: not running now; start it for these lines to be of use")
    return 0


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the client keys; the keys themselves are not kept."""
    keys = context.services.keys
    if keys.problem:
        raise ConfigError(keys.problem)
    used = await _used(context)
    now_us = _now_us()
    if options.json:
        context.out.json([_as_json(key, used.get(key.id, 0), now_us) for key in keys.all()])
        return 0
    rows = [
        (key.id, plain(key.name), _state(key, now_us), _last(key, used), plain(", ".join(_narrowed(key))))
        for key in keys.all()
    ]
    context.out.table(("id", "name", "state", "last used", "may"), rows)
    return 0


async def create(context: Context, options: argparse.Namespace) -> int:
    """Create a client key and print it, this once."""
    policy, tags = _policy(options, KeyPolicy()), words(options.tags) or ()
    secret = await context.services.keys.create(options.name, policy=policy, tags=tags)
    key = next(one for one in context.services.keys.all() if one.name == options.name)
    _doubt(context, options, key)
    return _hand_over(context, options, secret, key, _SHOWN_ONCE)


async def change(context: Context, options: argparse.Namespace) -> int:
    """Change what a client key is called and may do."""
    keys = context.services.keys
    before = _find(context, options.key)
    policy = _policy(options, before.policy)
    key = await keys.change(before.id, name=options.name, policy=policy, tags=words(options.tags))
    _doubt(context, options, key)
    if options.json:
        context.out.json(_as_json(key, (await _used(context)).get(key.id, 0), _now_us()))
    else:
        context.out.note(f"Changed {plain(key.name)} ({key.id}): {plain(', '.join(_narrowed(key)))}.")
    return 0


async def rotate(context: Context, options: argparse.Namespace) -> int:
    """Replace the text of a client key and print the new one, this once."""
    key = _find(context, options.key)
    with for_the_keyring(context.out):
        secret = await context.services.keys.rotate(key.id, overlap_s=options.overlap)
    key = _find(context, key.id)
    over = "The old one opens nothing any more; what already runs under it goes on to its end."
    until = f"The old one opens until {_moment(key.ends_us)}." if key.ends_us else over
    return _hand_over(context, options, secret, key, f"{_SHOWN_ONCE} {until}")


async def revoke(context: Context, options: argparse.Namespace) -> int:
    """Revoke a client key."""
    with for_the_keyring(context.out):
        key = await context.services.keys.revoke(options.key)
    context.out.note(f"Revoked {plain(key.name)} ({key.id}).")
    return 0


async def enable(context: Context, options: argparse.Namespace) -> int:
    """Let a disabled client key open again."""
    return await _switch(context, options, on=True)


async def disable(context: Context, options: argparse.Namespace) -> int:
    """Have a client key open nothing for now."""
    return await _switch(context, options, on=False)


async def _switch(context: Context, options: argparse.Namespace, *, on: bool) -> int:
    key = _find(context, options.key)
    await context.services.keys.change(key.id, policy=replace(key.policy, enabled=on))
    context.out.note(f"{'Enabled' if on else 'Disabled'} {plain(key.name)} ({key.id}).")
    return 0


def _doubt(context: Context, options: argparse.Namespace, key: ClientKey) -> None:
    """Say what of the lists that were given may fit nothing."""
    said = KeyPolicy(models=words(options.models) or (), clients=words(options.clients) or ())
    for doubt in context.services.keys.doubts(said):
        context.out.note(f"{plain(key.name)}: {plain(doubt)}.")


async def _used(context: Context) -> dict[str, int]:
    """When each key was last used; the running program knows of uses that are not written down."""
    stored = await context.services.keys.used_lately()
    told: dict[str, int] = json.loads(context.told).get("keys_used", {}) if context.told else {}
    return {key: max(stored.get(key, 0), told.get(key, 0)) for key in {*stored, *told}}


def _find(context: Context, id_or_name: str) -> ClientKey:
    keys = context.services.keys
    found = [one for one in keys.all() if id_or_name in (one.id, one.name)]
    if not found:
        raise ConfigError(keys.problem or f"there is no client key {id_or_name[:100]!r}", key="key")
    return next((one for one in found if one.id == id_or_name), found[0])


def _policy(options: argparse.Namespace, before: KeyPolicy) -> KeyPolicy:
    """The policy of before with what the options say."""
    said: dict[str, Any] = {name: words(getattr(options, name)) for name in _LISTS}
    said |= {field: getattr(options, name) for name, field in _RATES.items()}
    said["expires_us"] = options.expires
    return replace(before, **{name: value for name, value in said.items() if value is not None})


def _hand_over(context: Context, options: argparse.Namespace, secret: Secret, key: ClientKey, note: str) -> int:
    if options.json:
        context.out.json({"key": secret.value, "id": key.id, "name": key.name})
    else:
        context.out.say(secret.value)
    context.out.note(note)
    return 0


def _as_json(key: ClientKey, used_us: int, now_us: int) -> dict[str, Any]:
    policy = key.policy
    return {
        "id": key.id,
        "name": key.name,
        "tags": list(key.tags),
        "state": _state(key, now_us),
        **{name: list(getattr(policy, name)) for name in _LISTS},
        **{field: getattr(policy, field) for field in _RATES.values()},
        "expires": _iso(policy.expires_us),
        "created": _iso(key.created_us),
        "last_used": _iso(used_us),
        "old_text_ends": _iso(key.ends_us),
    }


def _state(key: ClientKey, now_us: int) -> str:
    if not key.policy.enabled:
        return "disabled"
    return "expired" if replace(key, ends_us=0).is_over(now_us) else "active"


def _narrowed(key: ClientKey) -> list[str]:
    """What a key may do, in words for a table."""
    policy = key.policy
    found = [f"{name} {' '.join(getattr(policy, name))}" for name in _LISTS if getattr(policy, name)]
    units = (("requests_per_minute", "requests/min"), ("tokens_per_minute", "tokens/min"), ("concurrent", "at once"))
    found += [f"{getattr(policy, name):,} {unit}" for name, unit in units if getattr(policy, name)]
    if policy.expires_us:
        found.append(f"until {_moment(policy.expires_us)}")
    if key.tags:
        found.append(f"tags {' '.join(key.tags)}")
    return found or ["everything"]


def _moment(at_us: int) -> str:
    return dt.datetime.fromtimestamp(at_us / 1e6).astimezone().strftime("%Y-%m-%d %H:%M")


def _last(key: ClientKey, used: Mapping[str, int]) -> str:
    """When a key was last used; that of the environment is written nowhere, so only the running program knows."""
    if at_us := used.get(key.id, 0):
        return _moment(at_us)
    return "not in this run" if key.id == ENVIRONMENT else "never"


def _iso(at_us: int) -> str | None:
    return dt.datetime.fromtimestamp(at_us // 1_000_000, tz=dt.UTC).isoformat() if at_us else None


def _now_us() -> int:
    return int(dt.datetime.now(tz=dt.UTC).timestamp() * 1e6)
