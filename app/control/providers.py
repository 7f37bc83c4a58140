"""The providers: added, changed, tested, removed; and their keys on the way to the keyring."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.control.adoption import Adoption
from app.control.background import in_thread
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.credentials import Credentials
from app.control.health import HealthMarks
from app.control.own_listener import refuse_own
from app.control.safekeeping import Keep, forget, source, store, stored
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import AuthStyle, Credential, CredentialState, Provider, Secret, Vendor
from app.domain.renaming import dangling
from app.store.config.reading import name_problem
from app.vendors.presets import VENDORS
from app.vendors.resolve import resolve

if TYPE_CHECKING:
    from app.proxy.probe import ProbeResult


AUTO = "auto"
"""What people write where no provider is preferred."""


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
        self.found_well: Callable[[str, str], None] = lambda _provider, _account: None
        """Told of a provider and account that a trial found well: whoever tried it need not wait for a rest to end."""

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
            await store(self._core, secret, keep, entry.name)
        await self._configuration.write(lambda file: file.put(entry))
        self._configuration.put(entry)
        self._took(entry.name, secret, keep)

    async def edit(self, name: str, entry: ProviderEntry, secret: Secret | None, *, keep: Keep = "keyring") -> None:
        """Change a provider, its name too; without `secret` its key stays as it is, and so do its accounts' keys."""
        before = self._entry(name)
        self._judge(entry, name)
        await _trusted(entry)
        renamed = entry.name != name
        if renamed:
            await self._credentials.tokens.settle()
        if secret is None and renamed:
            secret, keep = await stored(self._core, name)
        if secret is not None:
            await store(self._core, secret, keep, entry.name)
        moved = await self._move_accounts(before, entry) if renamed else ()
        await self._configuration.write(lambda file: file.put(entry, replaces=name))
        was_active = self._configuration.config.settings.provider == name
        self._configuration.put(entry, replaces=name)
        if renamed and was_active:
            self._configuration.activate(entry.name)
            await self._configuration.keep(lambda file: file.set("provider", entry.name))
        self._marks.forget(name)
        self._took(entry.name, secret, keep)
        for account, its, kept in moved:
            self._took(entry.name, its, kept, account)
        stay = {one.name for one in entry.accounts} if not renamed else set()
        gone = tuple(one.name for one in before.accounts if one.name not in stay)
        await self._forget(name, *(("", *gone) if renamed else gone))

    async def remove(self, name: str) -> tuple[str, ...]:
        """Take a provider out, and its key out of the keyring; what leads nowhere since then, in words."""
        entry = self._entry(name)
        lost_before = set(self._leads_nowhere())
        await self._configuration.write(lambda file: file.remove(name))
        self._configuration.remove(name)
        self._marks.forget(name)
        await self._forget(name, "", *(one.name for one in entry.accounts))
        return tuple(words for words in self._leads_nowhere() if words not in lost_before)

    async def test(self, entry: ProviderEntry, secret: Secret | None, account: str = "") -> ProbeResult:
        """Ask the provider for its models; without `secret` with the account's key as stored. Raises ConfigError."""
        from app.proxy.probe import ProbeResult, check

        provider = resolve(entry)
        if secret is None:
            credential = self._core.snapshots.current.credential(entry.name, account)
        else:
            credential = Credential(CredentialState.READY, secret, "just entered")
        if credential.secret is None and provider.auth not in (AuthStyle.NONE, AuthStyle.CLIENT):
            return ProbeResult(ok=False, message=_no_key(credential.state), models=(), latency_ms=0)
        result = await check(provider, credential)
        used = self._core.snapshots.current.credential(entry.name, account)
        if result.ok and provider == self.provider(entry.name) and credential.secret == used.secret:
            self._marks.provider_answered(entry.name, account)
            self.found_well(entry.name, account)
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
        changed = dataclasses.replace(
            self._entry(name),
            big_models=tuple(big),
            middle_models=tuple(middle),
            small_models=tuple(small),
            models=tuple(models),
        )
        await self.edit(name, changed, None)

    async def give_key(self, name: str, secret: Secret, account: str = "", *, keep: Keep = "keyring") -> None:
        """Give a provider, or an account of it, its key; raises VaultError."""
        await store(self._core, secret, keep, name, account)
        self._took(name, secret, keep, account)

    async def unlock_keyring(self) -> None:
        """Ask the keyring again, and let the desktop ask its user for the password; raises VaultError."""
        await self._credentials.unlock()
        self._adoption.move()

    def _judge(self, entry: ProviderEntry, replaces: str) -> None:
        problem = "is missing" if not entry.name.strip() else name_problem(entry.name)
        others = {one.name.lower() for one in self._core.snapshots.current.providers if one.name != replaces}
        if entry.name.lower() == AUTO and replaces.lower() != AUTO:
            problem = "must not be 'auto', which stands for no provider in particular; choose another"
        if entry.name.lower() in others:
            problem = "is taken by another provider; choose another"
        if problem:
            raise ConfigError(problem, key="name")
        refuse_own(resolve(entry), self._core.snapshots.current.settings.port)

    def _leads_nowhere(self) -> tuple[str, ...]:
        return tuple(dangling(self._configuration.config.routing, self._core.snapshots.current.providers))

    def _entry(self, name: str) -> ProviderEntry:
        found = next((one for one in self.entries() if one.name == name), None)
        if found is None:
            raise ConfigError(f"there is no provider {name!r}", key="name")
        return found

    async def _move_accounts(self, before: ProviderEntry, after: ProviderEntry) -> tuple[tuple[str, Secret, Keep], ...]:
        """Store the accounts' keys under the new name as well; each with where it is kept."""
        moved: list[tuple[str, Secret, Keep]] = []
        for account in {one.name for one in before.accounts} & {one.name for one in after.accounts}:
            secret, keep = await stored(self._core, before.name, account)
            if secret is not None:
                await store(self._core, secret, keep, after.name, account)
                moved.append((account, secret, keep))
        return tuple(moved)

    def _took(self, name: str, secret: Secret | None, keep: Keep, account: str = "") -> None:
        provider = self.provider(name)
        if provider is not None and secret is not None:
            self._credentials.cleared(name, account)  # whoever enters the same key again wants it tried again
            self._credentials.took(provider, secret, source(keep), account)

    async def _forget(self, name: str, *accounts: str) -> None:
        for account in accounts:
            self._credentials.forgot(name, account)
            await forget(self._core, name, account)


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
