"""The one place where a new `Snapshot` is made; the proxy sees each change whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.control.subscribers import Subscribers
from app.domain.client_key import ClientKey
from app.domain.provider import Credential, Provider, credential_id
from app.domain.routing import Routing
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot


class Snapshots:
    """Holds the present snapshot. Every method replaces it at once, on the loop's thread, and tells the subscribers."""

    def __init__(self, first: Snapshot) -> None:
        self.current = first
        self._subscribers: Subscribers[Snapshot] = Subscribers()

    def __call__(self) -> Snapshot:
        """The present snapshot; what the proxy calls for each request."""
        return self.current

    def subscribe(self, callback: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Be told of each new snapshot."""
        return self._subscribers.add(callback)

    def configure(self, settings: Settings, providers: tuple[Provider, ...], routing: Routing | None = None) -> None:
        """Take over settings, providers and ways; credentials of what is gone go too."""
        ids = {credential_id(one.name, account.name) for one in providers for account in one.credentials()}
        kept = {name: known for name, known in self.current.credentials.items() if name in ids}
        ways = self.current.routing if routing is None else routing
        self._replace(settings=settings, providers=providers, credentials=MappingProxyType(kept), routing=ways)

    def credentials(self, changed: Mapping[str, Credential]) -> None:
        """Take over what is now known of these providers' credentials."""
        self._replace(credentials=MappingProxyType({**self.current.credentials, **changed}))

    def client_keys(self, keys: Mapping[bytes, ClientKey]) -> None:
        """Take over the client keys, by digest."""
        self._replace(client_keys=MappingProxyType(dict(keys)))

    def pause(self, *, paused: bool) -> None:
        """Have the proxy refuse requests, or serve them again."""
        self._replace(paused=paused)

    def _replace(self, **changes: object) -> None:
        new = dataclasses.replace(self.current, **changes, version=self.current.version + 1)  # type: ignore[arg-type]
        if dataclasses.replace(new, version=self.current.version) != self.current:
            self.current = new
            self._subscribers.tell(new)
