"""Taking over another tool's configuration: first what would happen, then doing it."""

from __future__ import annotations

import dataclasses
from operator import methodcaller
from pathlib import Path

from app.control.background import in_thread
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.keys import KeyControl
from app.control.providers import ProviderControl
from app.control.safekeeping import Keep
from app.control.slots import label
from app.domain.config import Config, FoundSecret, ProviderEntry
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Secret
from app.importers import cc_proxy
from app.importers.report import ImportReport
from app.store.config.reading import MOST_BYTES, read
from app.vendors.resolve import resolve

__all__ = ["ImportControl", "ImportReport"]


class ImportControl:
    """Imports CC-Proxy's `providers.toml`. The file is only ever read."""

    def __init__(self, core: Core, configuration: Configuration, providers: ProviderControl, keys: KeyControl) -> None:
        self._core = core
        self._configuration = configuration
        self._providers = providers
        self._keys = keys

    async def preview(self, path: Path) -> ImportReport:
        """What importing the file would do; raises ConfigError, naming line and key, if it cannot be read."""
        found = await in_thread(_read, path)
        for one in found.secrets:
            self._core.vault.know(Secret(one.value))
        return cc_proxy.plan(found, self._configuration.entries, resolve)

    async def apply(self, path: Path) -> ImportReport:
        """Import the file; what was left out, and why, is in the report. Raises ConfigError."""
        report = await self.preview(path)
        skipped = list(report.skipped)
        secrets = {(one.provider, one.account): Secret(one.value) for one in report.secrets}
        for entry in report.providers:
            try:
                await self._save(entry, secrets.get((entry.name, "")), "keyring")
            except VaultError as error:
                await self._save(entry, secrets.get((entry.name, "")), "session")
                skipped.append(f"key of {entry.name}: kept for this session only. {error.message}")
        for (provider, account), secret in secrets.items():
            if account:
                skipped += await self._give(provider, account, secret)
        await self._accept_client_key(report.secrets)
        await self._choose(report.settings)
        return dataclasses.replace(report, skipped=tuple(skipped))

    async def _save(self, entry: ProviderEntry, secret: Secret | None, keep: Keep) -> None:
        if entry.name in {one.name for one in self._configuration.entries}:
            await self._providers.edit(entry.name, entry, secret, keep=keep)
        else:
            await self._providers.add(entry, secret, keep=keep)

    async def _give(self, provider: str, account: str, secret: Secret) -> list[str]:
        """The key of an account; what became of it, if that is not the usual."""
        try:
            await self._providers.give_key(provider, secret, account)
        except VaultError as error:
            await self._providers.give_key(provider, secret, account, keep="session")
            return [f"key of {label(provider, account)}: kept for this session only. {error.message}"]
        return []

    async def _accept_client_key(self, secrets: tuple[FoundSecret, ...]) -> None:
        """Tools that are set up with the old key go on working."""
        for one in secrets:
            if not one.provider:
                await self._keys.accept(Secret(one.value), "from providers.toml")

    async def _choose(self, settings: tuple[tuple[str, str], ...]) -> None:
        mine = self._configuration.config.settings
        wanted = {key: value for key, value in settings if not getattr(mine, key)}
        if wanted:
            self._configuration.change(**wanted)
            for key, value in wanted.items():
                await self._configuration.write(methodcaller("set", key, value))


def _read(path: Path) -> Config:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", file=str(path)) from None
    return read(data, path.name)
