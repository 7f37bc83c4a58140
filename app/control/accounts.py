"""Further credentials of a provider: added, changed, tried, removed, or come by with a login in the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.control.configuration import Configuration
from app.control.core import Core
from app.control.credentials import ENVIRONMENT_SOURCE, Credentials
from app.control.login import log_in
from app.control.providers import ProviderControl
from app.control.safekeeping import Keep, forget, source, store, stored
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Account, Login, LoginWay, Provider, Secret
from app.store.config.account_reading import account_name_problem
from app.vendors.presets import vendor as _preset

if TYPE_CHECKING:
    from app.proxy.probe import ProbeResult


class AccountControl:
    """Changes to accounts. Raises ConfigError and VaultError with words for the user; then nothing has changed.

    The account named "" is the provider's own key: it can be logged in for and tried here, and is changed with its
    provider.
    """

    def __init__(
        self, core: Core, configuration: Configuration, credentials: Credentials, providers: ProviderControl
    ) -> None:
        self._core = core
        self._configuration = configuration
        self._credentials = credentials
        self._providers = providers
        self._changing = asyncio.Lock()
        """One change at a time, from reading the entry to writing it; no keyring is waited for meanwhile."""

    async def add(self, provider: str, account: Account, secret: Secret | None, *, keep: Keep = "keyring") -> None:
        """Add an account; the configuration is written only after the key is stored."""
        _judged(self._entry(provider), account, "")
        if secret is not None:
            await store(self._core, secret, keep, provider, account.name)
        await self._change(provider, lambda present: (*_judged(present, account, ""), account))
        self._took(provider, account.name, secret, keep)

    async def edit(
        self, provider: str, name: str, account: Account, secret: Secret | None = None, *, keep: Keep = "keyring"
    ) -> None:
        """Change an account, its name too; without `secret` its key stays as it is."""
        _judged(self._known(provider, name), account, name)
        renamed = account.name != name
        if secret is None and renamed:
            await self._credentials.tokens.settle()
            secret, keep = await stored(self._core, provider, name)
        if secret is not None:
            await store(self._core, secret, keep, provider, account.name)
        await self._change(
            provider,
            lambda present: tuple(account if one.name == name else one for one in _judged(present, account, name)),
        )
        self._took(provider, account.name, secret, keep)
        if renamed:
            await self._forget(provider, name)

    async def remove(self, provider: str, name: str) -> None:
        """Take an account out, and its key out of the keyring."""
        self._known(provider, name)
        await self._change(provider, lambda entry: tuple(one for one in entry.accounts if one.name != name))
        await self._forget(provider, name)

    async def test(self, provider: str, account: str = "", secret: Secret | None = None) -> ProbeResult:
        """Ask the provider for its models with this account's key, or with one that was just entered."""
        entry = self._entry(provider)
        if account and secret is None:
            self._known(provider, account)
        return await self._providers.test(entry, secret, account)

    def logins(self, vendor: str) -> bool:
        """Whether this vendor offers a login."""
        preset = _preset(vendor)
        return preset is not None and preset.login is not None

    def login_with(self, provider: str) -> str:
        """With whom one logs in for this provider, as a button says it; empty where there is no such way."""
        found = self._providers.provider(provider)
        if found is None or found.login is None:
            return ""
        preset = _preset(found.vendor)
        return preset.label if preset is not None and preset.login == found.login else found.name

    async def login(
        self, provider: str, account: str = "", *, opened: Callable[[str], None], keep: Keep = "keyring"
    ) -> None:
        """Log in with the browser, for the provider's own key or for an account, which is made if there is none yet.

        `opened` is given the address to show; returns when the credential is in use. Raises PatchbayError besides,
        where the login fails. A keyring that does not take what it brought is a VaultError too, but the login holds
        then until the program ends.
        """
        known, way = self._way(provider)
        self._refuse_login(provider, account)
        secret = await log_in(known, way, self._core.clock, opened)
        self._entry(provider)  # it may have gone meanwhile
        problem: VaultError | None = None
        try:
            await store(self._core, secret, keep, provider, account)
        except VaultError as error:
            problem, keep = error, "session"
            await store(self._core, secret, keep, provider, account)
        if account:
            await self._change(provider, lambda entry: _logged_in(entry, account))
        self._took(provider, account, secret, keep)
        if problem is not None:
            text = f"The login worked, but holds only until Patchbay ends: {problem.message}"
            raise VaultError(problem.kind, text) from None

    def _refuse_login(self, provider: str, account: str) -> None:
        """Before anyone is sent to a browser for nothing."""
        entry = self._entry(provider)
        if account and account not in {one.name for one in entry.accounts}:
            _judged(entry, Account(account), "")
        known = self._core.snapshots.current.credential(provider, account)
        if not account and known.source.startswith(ENVIRONMENT_SOURCE):
            raise ConfigError(
                f"{provider} has its key from the {known.source}, which always wins; "
                "unset that one, or log in for an account",
                key="account",
            )

    def _way(self, provider: str) -> tuple[Provider, LoginWay]:
        found = self._providers.provider(provider)
        if found is None:
            raise ConfigError(f"there is no provider {provider!r}", key="name")
        if found.login is None:
            raise ConfigError(f"{provider} offers no login; enter a key for it", key="login")
        return found, found.login

    def _entry(self, provider: str) -> ProviderEntry:
        found = next((one for one in self._configuration.entries if one.name == provider), None)
        if found is None:
            raise ConfigError(f"there is no provider {provider!r}", key="name")
        return found

    def _known(self, provider: str, account: str) -> ProviderEntry:
        """The provider's entry; raises ConfigError where it has no such account."""
        entry = self._entry(provider)
        if account not in {one.name for one in entry.accounts}:
            raise ConfigError(f"{provider} has no account {account!r}", key="account")
        return entry

    async def _change(self, provider: str, accounts: Callable[[ProviderEntry], tuple[Account, ...]]) -> None:
        async with self._changing:
            entry = self._entry(provider)
            changed = replace(entry, accounts=accounts(entry))
            await self._configuration.write(lambda file: file.put(changed))
            self._configuration.put(changed)

    def _took(self, provider: str, account: str, secret: Secret | None, keep: Keep) -> None:
        known = self._providers.provider(provider)
        if known is not None and secret is not None:
            self._credentials.cleared(provider, account)  # whoever enters the same key again wants it tried again
            self._credentials.took(known, secret, source(keep), account)

    async def _forget(self, provider: str, account: str) -> None:
        self._credentials.forgot(provider, account)
        await forget(self._core, provider, account)


def _judged(entry: ProviderEntry, account: Account, replaces: str) -> tuple[Account, ...]:
    """The provider's accounts, among which this one may be in the other's place; raises ConfigError if it may not."""
    others = {one.name.lower() for one in entry.accounts if one.name != replaces}
    problem = account_name_problem(account.name)
    if not problem and account.name.lower() in others:
        problem = f"is taken by another account of {entry.name}; choose another"
    if problem:
        raise ConfigError(problem, key="account")
    return entry.accounts


def _logged_in(entry: ProviderEntry, name: str) -> tuple[Account, ...]:
    """The accounts with that one as a login has made it."""
    before = next((one for one in entry.accounts if one.name == name), None)
    mine = replace(before or Account(name), login=Login.OAUTH, env_key="")
    return tuple(mine if one is before else one for one in entry.accounts) + (() if before else (mine,))
