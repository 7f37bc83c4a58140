"""The frozen configuration that the proxy reads; replaced whole, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.domain.client_key import ClientKey
from app.domain.provider import OWN_KEY, Account, Credential, CredentialState, Provider, credential_id
from app.domain.route import Target, choose
from app.domain.routing import NO_ROUTING, Routing
from app.domain.settings import Settings

_WAITING = Credential(CredentialState.WAITING)


def _nothing() -> Mapping[str, Credential]:
    return MappingProxyType({})


def _no_keys() -> Mapping[bytes, ClientKey]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the data plane needs to decide about one request, at one moment."""

    settings: Settings = field(default_factory=Settings)
    providers: tuple[Provider, ...] = ()
    credentials: Mapping[str, Credential] = field(default_factory=_nothing)
    """By `credential_id`."""
    client_keys: Mapping[bytes, ClientKey] = field(default_factory=_no_keys)
    """By digest: HMAC-SHA256(pepper, key)."""
    routing: Routing = NO_ROUTING
    pepper: bytes = field(default=b"", repr=False)
    paused: bool = False
    version: int = 0

    def ordered(self) -> tuple[Provider, ...]:
        """Every provider in the user's order; who is not named in it comes after, as in the file."""
        order = {name.lower(): place for place, name in enumerate(self.routing.order)}
        if not order:
            return self.providers
        return tuple(sorted(self.providers, key=lambda one: order.get(one.name.lower(), len(order))))

    def preferred(self) -> Provider | None:
        """The provider that the user prefers; None is Auto, as is one that does not exist."""
        return next((one for one in self.providers if one.name == self.settings.provider), None)

    def active(self) -> Provider | None:
        """The preferred provider, in Auto the first in the user's order; None without any."""
        return self.preferred() or next(iter(self.ordered()), None)

    def target(self, requested: str) -> Target:
        """Where a requested model leads to; raises PatchbayError as `route.choose` does."""
        mine = self.settings
        overrides = (mine.big_model, mine.middle_model, mine.small_model)
        return choose(self.ordered(), mine.provider, requested, overrides)

    def credential(self, provider: str, account: str = "") -> Credential:
        """A credential of a provider, its own key by default; WAITING while nothing is known about it."""
        return self.credentials.get(credential_id(provider, account), _WAITING)

    def usable(self, provider: Provider) -> Account:
        """The first of its accounts whose key is at hand; its own key where none is."""
        ready = (CredentialState.READY, CredentialState.NOT_NEEDED)
        found = (one for one in provider.credentials() if one.weight)
        return next((one for one in found if self.credential(provider.name, one.name).state in ready), OWN_KEY)
