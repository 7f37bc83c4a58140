"""What every command works with."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.cli.output import Output
from app.control.body_key import BodyKey
from app.control.doctor import Doctor
from app.control.services import Services
from app.control.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class Context:
    """Built by the composition root for one command."""

    services: Services
    doctor: Doctor
    upkeep: Upkeep
    body_key: BodyKey
    process: int = 0
    """Of the running Patchbay; 0 where none runs."""
    told: str = ""
    """What the running Patchbay says of itself (`control.report`); empty where none does."""
    out: Output = field(default_factory=Output)
