"""What every use case works on: the present state, who is told, and where work goes that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.control.background import Background
from app.control.notices import Notices
from app.control.snapshots import Snapshots
from app.domain.clock import Clock
from app.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Core:
    """Built once, by the composition root."""

    snapshots: Snapshots
    vault: Vault
    clock: Clock
    notices: Notices = field(default_factory=Notices)
    background: Background = field(default_factory=Background)
