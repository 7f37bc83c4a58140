"""Client keys as the proxy knows them: never the key itself, but whose it is and what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """What a client key may do; an empty tuple and a zero do not narrow."""

    enabled: bool = True
    expires_us: int = 0
    """From this moment on the key opens nothing; UTC microseconds."""
    models: tuple[str, ...] = ()
    """Models that requests may lead to, by themselves or as `provider:model`, `*` for any part, in either case.

    A requested name on the list opens the user's own routes where it stands there letter by letter or is one of
    Claude's, which stand for tiers.
    """
    dialects: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    """Tools by their `User-Agent`, as the record names them: "claude-code"."""
    networks: tuple[str, ...] = ()
    """Addresses and networks in CIDR form that it may be used from."""
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    concurrent: int = 0


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A client key. While a new key replaces an old one, both texts lead to the same `id`."""

    id: str
    name: str
    tags: tuple[str, ...] = ()
    policy: KeyPolicy = field(default_factory=KeyPolicy)
    created_us: int = 0
    ends_us: int = 0
    """When this text of a rotated key ends; 0 where it was not rotated."""
    expired: bool = False
    """The time of the key or of this text was over once: that stays so, though the clock may have gone back."""

    @property
    def ends(self) -> tuple[int, ...]:
        """The moments from which on the key or this text opens nothing; UTC microseconds."""
        return tuple(end for end in (self.policy.expires_us, self.ends_us) if end)

    def is_over(self, now_us: int) -> bool:
        """Whether the key, or this text of it, opens nothing any more; `now_us` is UTC microseconds."""
        return self.expired or any(end <= now_us for end in self.ends)
