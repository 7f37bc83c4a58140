"""The place of one credential: a provider, and which of its accounts."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.provider import OWN_KEY, Account, Provider, credential_id


def vault_name(provider: str, account: str = "") -> str:
    """What a credential is called in the vault."""
    return f"provider/{provider}/account/{account}" if account else f"provider/{provider}"


def notice_id(provider: str, account: str = "") -> str:
    """What a notice about a credential is called."""
    return f"key/{provider}/{account}" if account else f"key/{provider}"


def label(provider: str, account: str = "") -> str:
    """A credential in words: "OpenRouter", "OpenRouter, account work"."""
    return f"{provider}, account {account}" if account else provider


@dataclass(frozen=True, slots=True)
class Slot:
    """A provider as it is configured now, with one of its accounts."""

    provider: Provider
    account: Account = OWN_KEY

    @property
    def id(self) -> str:
        """As the snapshot knows it."""
        return credential_id(self.provider.name, self.account.name)

    @property
    def vault_name(self) -> str:
        """As the vault knows it."""
        return vault_name(self.provider.name, self.account.name)

    @property
    def notice_id(self) -> str:
        """As the notices know it."""
        return notice_id(self.provider.name, self.account.name)

    @property
    def label(self) -> str:
        """As people know it."""
        return label(self.provider.name, self.account.name)


def slots(providers: tuple[Provider, ...]) -> tuple[Slot, ...]:
    """Every credential of these providers: the own keys first, as the file has them."""
    every = [Slot(one, account) for one in providers for account in one.credentials()]
    return tuple(sorted(every, key=lambda slot: bool(slot.account.name)))
