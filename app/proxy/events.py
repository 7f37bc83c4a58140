"""What the data plane tells the rest of the program about providers."""

from __future__ import annotations

from typing import Protocol


class ProxyEvents(Protocol):
    """Told of what providers do, on the loop's thread; must return at once and never raise."""

    def credential_rejected(self, provider: str, message: str, account: str = "") -> None:
        """A provider said that a key of ours is no good; not that there is something it may not do."""

    def provider_answered(self, provider: str, account: str = "") -> None:
        """A provider answered a request that bore this account's key."""

    def failed_over(self, from_provider: str, to_provider: str, why: str) -> None:
        """A request that one provider could not serve is given to another; `why` is the first one's error."""

    def provider_failed(self, provider: str, kind: str, message: str, account: str = "") -> None:
        """A request failed on a provider's side, or for what its account may spend; `kind` is `ErrorKind.word`."""

    def provider_refused(self, provider: str, status: int, message: str, account: str = "") -> None:
        """A provider answered that something is wrong with the request itself."""
