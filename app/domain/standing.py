"""How the proxy stands at one moment, for whoever watches it at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts of now, and of what was turned away since the start."""

    connections: int = 0
    waiting: int = 0
    """Requests in line, for a place or for memory."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Requests that never became exchanges, by reason."""
    breakers: Mapping[str, str] = field(default_factory=dict)
    """The state of each target's breaker that is not closed."""
