"""What a conversion could not carry: for the record, and for the model."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Notes:
    """Collects while one request is written."""

    dropped: list[str] = field(default_factory=list)
    """Fields that the upstream cannot express, as `Written.dropped` reports them."""
    system: list[str] = field(default_factory=list)
    """Sentences for the system text, where the model must know what is missing or wanted."""

    def drop(self, name: str) -> None:
        """Report a field once."""
        if name not in self.dropped:
            self.dropped.append(name)
