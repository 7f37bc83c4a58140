"""A target with one of its provider's credentials: what is tried, rests and is counted."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.provider import Account, Provider
from app.domain.route import Target


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to try."""

    target: Target
    account: Account

    @property
    def provider(self) -> Provider:
        """Whose model it is."""
        return self.target.provider

    @property
    def model(self) -> str:
        """The name sent to the provider."""
        return self.target.model
