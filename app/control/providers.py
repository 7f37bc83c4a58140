"""The providers: added, changed, tested, removed; and their keys on the way to the keyring."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Literal

from app.control.adoption import Adoption
from app.control.background import in_thread
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.credentials import SESSION, SYSTEM_KEYRING, Credentials
from app.control.health import HealthMarks
from app.control.slots import vault_name
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import AuthStyle, Credential, CredentialState, Provider, Secret, Vendor
from app.domain.status import Severity
from app.store.config.reading import name_problem
from app.vendors.presets import VENDORS
from app.vendors.resolve import resolve

if TYPE_CHECKING:
    from app.proxy.probe import ProbeResult

_log = logging.getLogger(__name__)

Keep = Literal["keyring", "session"]
"""Where a key goes: the system keyring, or memory until the program ends."""


class ProviderControl:
    """Changes to providers. Raises ConfigError and VaultError with words for the user; then nothing has changed."""

    def __init__(
        self,
        core: Core,
        configuration: Configuration,
        credentials: Credentials,
        marks: HealthMarks,
        adoption: Adoption,
    ) -> None:
        self._core = core
        self._configuration = configuration
        self._credentials = credentials
        self._marks = marks
        self._adoption = adoption

    def presets(self) -> tuple[Vendor, ...]:
        """The vendors to pick from, in the order to offer them."""
        return VENDORS

    def entries(self) -> tuple[ProviderEntry, ...]:
        """The providers as the configuration writes them."""
        return self._configuration.entries

    def provider(self, name: str) -> Provider | None:
        """The provider of that name as the proxy knows it."""
        return next((one for one in self._core.snapshots.current.providers if one.name == name), None)

    async def add(self, entry: ProviderEntry, secret: Secret | None, *, keep: Keep = "keyring") -> None:
        """Add a provider; the configuration is written only after the key is stored."""
        self._judge(entry, "")
        await _trusted(entry)
        if secret is not None:
            await self._store(entry.name, secret, keep)
        await self._configuration.write(lambda file: file.put(entry))
        self._configuration.put(entry)
        self._took(entry.name, secret, keep)

    async def edit(self, name: str, entry: ProviderEntry, secret: Secret | None, *, keep: Keep = "keyring") -> None:
        """Change a provider, its name too; without `secret` its key stays as it is."""
        if name not in {one.name for one in self.entries()}:
            raise ConfigError(f"there is no provider {name!r}", key="name")
        self._judge(entry, name)
        await _trusted(entry)
        renamed = entry.name != name
        if secret is None and renamed:
            secret, keep = await self._stored(name)
        if secret is not None:
            await self._store(entry.name, secret, keep)
        await self._configuration.write(lambda file: file.put(entry, replaces=name))
        was_active = self._configuration.config.settings.provider == name
        self._configuration.put(entry, replaces=name)
        if renamed and was_active:
            self._configuration.activate(entry.name)
            await self._configuration.keep(lambda file: file.set("provider", entry.name))
        self._marks.forget(name)
        self._took(entry.name, secret, keep)
        if renamed:
            await self._forget(name)

    async def remove(self, name: str) -> None:
        """Take a provider out, and its key out of the keyring."""
        if name not in {one.name for one in self.entries()}:
            raise ConfigError(f"there is no provider {name!r}", key="name")
        await self._configuration.write(lambda file: file.remove(name))
        self._configuration.remove(name)
        self._marks.forget(name)
        await self._forget(name)

    async def test(self, entry: ProviderEntry, secret: Secret | None) -> ProbeResult:
        """Ask the provider for its models; without `secret` with the key that is stored. Raises ConfigError."""
        from app.proxy.probe import ProbeResult, check

        provider = resolve(entry)
        if secret is None:
            credential = self._core.snapshots.current.credential(entry.name)
        else:
            credential = Credential(CredentialState.READY, secret, "just entered")
        if credential.secret is None and provider.auth not in (AuthStyle.NONE, AuthStyle.CLIENT):
            return ProbeResult(ok=False, message=_no_key(credential.state), models=(), latency_ms=0)
        result = await check(provider, credential)
        used = self._core.snapshots.current.credential(entry.name)
        if result.ok and provider == self.provider(entry.name) and credential.secret == used.secret:
            self._marks.provider_answered(entry.name)
        return result

    async def set_models(
        self,
        name: str,
        big: tuple[str, ...],
        middle: tuple[str, ...],
        small: tuple[str, ...],
        models: tuple[str, ...] = (),
    ) -> None:
        """Change the lists of models of a provider."""
        mine = next((one for one in self.entries() if one.name == name), None)
        if mine is None:
            raise ConfigError(f"there is no provider {name!r}", key="name")
        changed = dataclasses.replace(
            mine, big_models=tuple(big), middle_models=tuple(middle), small_models=tuple(small), models=tuple(models)
        )
        await self.edit(name, changed, None)

    async def unlock_keyring(self) -> None:
        """Ask the keyring again, and let the desktop ask its user for the password; raises VaultError."""
        await self._credentials.unlock()
        self._adoption.move()

    def _judge(self, entry: ProviderEntry, replaces: str) -> None:
        problem = "is missing" if not entry.name.strip() else name_problem(entry.name)
        others = {one.name.lower() for one in self._core.snapshots.current.providers if one.name != replaces}
        if entry.name.lower() in others:
            problem = "is taken by another provider; choose another"
        if problem:
            raise ConfigError(problem, key="name")
        resolve(entry)

    async def _store(self, name: str, secret: Secret, keep: Keep) -> None:
        if keep == "session":
            self._core.vault.put_session(vault_name(name), secret)
        else:
            await self._core.vault.put(vault_name(name), secret)

    async def _stored(self, name: str) -> tuple[Secret | None, Keep]:
        """The key under the old name, and where it is kept."""
        secret = await self._core.vault.get(vault_name(name), prompt=True)
        return secret, "session" if self._core.vault.session_only(vault_name(name)) else "keyring"

    def _took(self, name: str, secret: Secret | None, keep: Keep) -> None:
        provider = self.provider(name)
        if provider is not None and secret is not None:
            self._credentials.cleared(name)  # whoever enters the same key again wants it tried again
            self._credentials.took(provider, secret, SESSION if keep == "session" else SYSTEM_KEYRING)

    async def _forget(self, name: str) -> None:
        self._credentials.forgot(name)
        try:
            await self._core.vault.delete(vault_name(name))
        except VaultError as error:
            _log.warning("a key stays in the keyring: %s", error.message)
            text = f"The provider {name} is gone, but its key is still in the system keyring: {error.message}"
            self._core.notices.put(f"key-left/{name}", Severity.WARNING, text)


async def _trusted(entry: ProviderEntry) -> None:
    """Refuse a file of certificates that cannot be used; raises ConfigError."""
    if entry.ca_file:
        from app.proxy.trust import tls_context

        try:
            await in_thread(tls_context, entry.ca_file)
        except ConfigError as error:
            raise ConfigError(error.message, key="ca_file") from None


def _no_key(state: CredentialState) -> str:
    match state:
        case CredentialState.LOCKED:
            return "The system keyring with its key is locked; unlock it, or enter a key."
        case CredentialState.UNAVAILABLE:
            return "The system keyring with its key cannot be read; enter a key."
        case _:
            return "There is no key to test with; enter one."
