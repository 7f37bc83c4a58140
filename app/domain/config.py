"""What `patchbay.toml` says, before vendor presets fill in what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.money import PriceRule
from app.domain.provider import Account
from app.domain.routing import NO_ROUTING, Routing
from app.domain.settings import Settings

ProfileValue = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """One `[[provider]]` as written; None and empty mean "not written": the vendor's preset decides."""

    name: str
    vendor: str = ""
    base_url: str = ""
    dialect: str = ""
    provider_type: str = ""
    """CC-Proxy's word: "openai" or "anthropic"."""
    auth: str = ""
    env_key: str = ""
    api_version: str = ""
    big_models: tuple[str, ...] | None = None
    middle_models: tuple[str, ...] | None = None
    small_models: tuple[str, ...] | None = None
    models: tuple[str, ...] = ()
    big_model: str = ""
    middle_model: str = ""
    small_model: str = ""
    allow_insecure: bool = False
    ca_file: str = ""
    """Certificates (PEM) to trust for this provider beside those of the system."""
    profile: tuple[tuple[str, ProfileValue], ...] = ()
    endpoints: tuple[tuple[str, str], ...] = ()
    """Dialects that it speaks beside its own, each with its base URL; an empty URL takes the preset's one out."""
    accounts: tuple[Account, ...] = ()
    """`[[provider.account]]`: further credentials."""
    login: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    """`[provider.login]`: authorize_url, token_url, client_id, scopes."""
    failover: bool = True
    weight: int = 1
    context: tuple[tuple[str, int], ...] = ()
    """`[provider.context]`: context windows by model name."""
    line: int = 0
    """Where it stands in the file, 1-based, for error texts."""


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A key that stood in clear text in the file; to be moved to the keyring and taken out of the file."""

    provider: str
    """Empty for the client key (`anthropic_api_key`)."""
    value: str = field(repr=False)
    account: str = ""
    """Empty for the provider's own key."""


@dataclass(frozen=True, slots=True)
class Unused:
    """A key or table of the file that means nothing to us: mistyped, another tool's, or a newer version's."""

    what: str
    """With its table: "routing.stratgy"."""
    line: int = 0
    """1-based; 0 where that is not known."""
    like: str = ""
    """The name that it is probably meant to be; empty where none is near."""

    def __str__(self) -> str:
        """Such as: routing.stratgy in line 4 (did you mean strategy?)."""
        where = f" in line {self.line}" if self.line else ""
        return f"{self.what}{where}{f' (did you mean {self.like}?)' if self.like else ''}"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    settings: Settings = field(default_factory=Settings)
    providers: tuple[ProviderEntry, ...] = ()
    routing: Routing = NO_ROUTING
    prices: tuple[PriceRule, ...] = ()
    """`[[price]]`: what the user says that models cost; the first that fits counts."""
    secrets: tuple[FoundSecret, ...] = ()
    ignored: tuple[Unused, ...] = ()
    """What means nothing to us, kept in the file and named in a notice."""
