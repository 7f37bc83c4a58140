"""What the use cases of client keys ask of the place where keys are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from app.domain.client_key import ClientKey, KeyPolicy


class StoredKeys(Protocol):
    """What `store.state.ClientKeys` does; blocking, and raising as it does."""

    def open(self, *, rescue: bool = True) -> tuple[str, ...]:
        """Make or migrate the file; what the user should know."""

    def add(
        self,
        name: str,
        digest: bytes,
        *,
        policy: KeyPolicy | None = None,
        tags: tuple[str, ...] = (),
        exactly: bool = False,
    ) -> ClientKey:
        """Keep a key's digest."""

    def all(self) -> Mapping[bytes, ClientKey]:
        """Every key that is not revoked, by digest."""

    def change(self, key: ClientKey) -> None:
        """Take over name, tags and policy."""

    def rotate(self, key_id: str, digest: bytes, *, overlap_us: int) -> None:
        """Have another text lead to the key."""

    def revoke(self, key_id: str) -> None:
        """Forget a key."""

    def is_revoked(self, digest: bytes) -> bool:
        """Whether that text led to a key that is revoked."""

    def expire(self, ends: Iterable[tuple[str, int]]) -> None:
        """Have keys be over for good."""

    def used(self, moments: Mapping[str, int]) -> None:
        """Note when keys were last used."""

    def last_used(self) -> Mapping[str, int]:
        """When each key was last used."""
