"""Accounts as the faces see them; a login waits until its `browser` comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.domain.provider import Account, CredentialState, Login, Secret
from app.domain.status import AccountStatus

if TYPE_CHECKING:
    from tests.fakes.services import FakeServices

ADDRESS = "https://openrouter.ai/auth?callback_url=http%3A%2F%2Flocalhost%3A51234%2Fcallback&code_challenge=abc"


class FakeAccounts:
    """Notes every call; `errors[method]` is raised by it. Vendors in `offering` have a login."""

    def __init__(self, calls: list[tuple[Any, ...]], vendor_of: Callable[[str], str]) -> None:
        self.calls, self._vendor_of = calls, vendor_of
        self.errors: dict[str, Exception] = {}
        self.offering = {"openrouter": "OpenRouter"}
        self.browser: asyncio.Event | None = None
        self.probe: Any = None

    async def _called(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        await asyncio.sleep(0)
        if name in self.errors:
            raise self.errors[name]

    async def add(self, provider: str, account: Account, secret: Secret | None, *, keep: str) -> None:
        await self._called("add_account", provider, account, secret, keep)

    async def edit(self, provider: str, name: str, account: Account, secret: Secret | None, *, keep: str) -> None:
        await self._called("edit_account", provider, name, account, secret, keep)

    async def remove(self, provider: str, name: str) -> None:
        await self._called("remove_account", provider, name)

    async def test(self, provider: str, account: str, secret: Secret | None) -> Any:
        await self._called("test_account", provider, account, secret)
        return self.probe

    def logins(self, vendor: str) -> bool:
        return vendor in self.offering

    def login_with(self, provider: str) -> str:
        return self.offering.get(self._vendor_of(provider), "")

    async def login(self, provider: str, account: str = "", *, opened: Callable[[str], None], keep: str) -> None:
        await self._called("login", provider, account, keep)
        opened(ADDRESS)
        if self.browser is not None:
            await self.browser.wait()
        if "came_back" in self.errors:
            raise self.errors["came_back"]


def give_accounts(services: FakeServices) -> None:
    """The first provider has two accounts beside its own key: one rejected, one that came from a login."""
    status = services.status.current
    first, *others = status.providers
    shown = (
        AccountStatus("", CredentialState.READY, "system keyring"),
        AccountStatus("work", CredentialState.REJECTED, "environment variable WORK_KEY", 0, 3),
        AccountStatus("home", CredentialState.READY, "login, kept in the system keyring", 2, 1),
    )
    accounts = (Account("work", "WORK_KEY", weight=3), Account("home", priority=2, login=Login.OAUTH))
    entry, *rest = services.providers.entries()
    services.providers.set_entries((replace(entry, accounts=accounts), *rest))
    services.status.set(providers=(replace(first, accounts=shown), *others))
