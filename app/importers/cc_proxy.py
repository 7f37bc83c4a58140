"""CC-Proxy's `providers.toml`, already read as a `Config`: which of its providers are new, changed or left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from app.domain.config import Config, ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import Account
from app.importers.report import ImportReport

_CHOICES = ("big_model", "middle_model", "small_model")


def plan(found: Config, present: Sequence[ProviderEntry], check: Callable[[ProviderEntry], object]) -> ImportReport:
    """What importing `found` would do beside the `present` providers; repeating it then does nothing.

    `check` raises ConfigError for an entry that cannot be used. Providers are the same by name.
    """
    known = {entry.name.lower(): entry for entry in present}
    fresh, changed, skipped = [], [], []
    for entry in found.providers:
        mine = known.get(entry.name.lower())
        try:
            check(entry)
        except ConfigError as error:
            skipped.append(f"{entry.name}: {error.message}")
            continue
        if mine is None:
            fresh.append(entry)
        elif mine.base_url and entry.base_url and mine.base_url.rstrip("/") != entry.base_url.rstrip("/"):
            skipped.append(f"{entry.name}: there is another provider of that name; rename one of them")
        elif _merged(mine, entry) == mine:
            skipped.append(f"{entry.name}: already there")
        else:
            changed.append(_merged(mine, entry))
    taken = {entry.name for entry in (*fresh, *changed)}
    skipped += [f"{what}: Patchbay does not use it" for what in found.ignored]
    return ImportReport(
        imported=len(fresh),
        changed=len(changed),
        skipped=tuple(skipped),
        providers=(*fresh, *changed),
        secrets=tuple(one for one in found.secrets if one.provider in taken or not one.provider),
        settings=_choices(found) if taken else (),
    )


def _merged(mine: ProviderEntry, theirs: ProviderEntry) -> ProviderEntry:
    """Our entry with what the other file says; what it does not say stays."""
    said = {
        one.name: getattr(theirs, one.name)
        for one in dataclasses.fields(ProviderEntry)
        if one.name not in ("name", "line") and getattr(theirs, one.name) not in (None, "", (), False)
    }
    said["accounts"] = _accounts(mine.accounts, theirs.accounts)
    return dataclasses.replace(mine, **said)


def _accounts(mine: tuple[Account, ...], theirs: tuple[Account, ...]) -> tuple[Account, ...]:
    """Ours in their places, changed where the other file has one of that name, and after them its new ones."""
    other = {one.name.lower(): one for one in theirs}
    kept = tuple(other.pop(one.name.lower(), one) for one in mine)
    return (*kept, *other.values())


def _choices(found: Config) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key in _CHOICES if (value := getattr(found.settings, key)))
