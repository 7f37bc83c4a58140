"""What an import would do, or did."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.config import FoundSecret, ProviderEntry


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts for the headline, reasons for everything left out, and what is to be taken over."""

    imported: int = 0
    """New providers."""
    changed: int = 0
    """Providers that are there already and differ."""
    skipped: tuple[str, ...] = ()
    """What is left out, each with its reason, for people."""
    providers: tuple[ProviderEntry, ...] = ()
    """The new and the changed ones."""
    secrets: tuple[FoundSecret, ...] = ()
    """Keys that go to the keyring; the file they come from stays as it is."""
    settings: tuple[tuple[str, str], ...] = ()
    """Model choices (`big_model` and its likes) to be taken over."""
