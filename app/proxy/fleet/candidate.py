"""A target with one of its provider's credentials: what is tried, rests and is counted."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.provider import Account, Provider
from app.domain.route import Target

Key = tuple[str, str]
"""Names of a provider and of its account."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to try."""

    target: Target
    account: Account
    sole: bool = False
    """The plan has no other that could be asked: it rests for a short time only, unless the provider says more."""
    choice: bool = False
    """Others would do as well, so that a conversation that it answered is remembered."""
    elsewhere: bool = False
    """Another provider of the plan could be asked."""
    lacks: str = ""
    """What this request needs and the target cannot do, in words; empty where it can or nothing better is there."""

    @property
    def provider(self) -> Provider:
        """Whose model it is."""
        return self.target.provider

    @property
    def model(self) -> str:
        """The name sent to the provider."""
        return self.target.model

    @property
    def key(self) -> Key:
        """Whose credential it is asked with."""
        return self.target.provider.name, self.account.name
