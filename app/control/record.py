"""Keeping the recorder told of the settings, and the user told of the recorder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from app.control.core import Core
from app.domain.snapshot import Snapshot
from app.domain.status import Severity

DEGRADED = "recorder"
BYTES_PER_MIB = 1024 * 1024


class Record(Protocol):
    """What `store.history.History` lets itself be told and asked."""

    @property
    def degraded(self) -> str:
        """Why requests are not recorded, in words; empty while they are."""

    def settings(
        self, *, budget_bytes: int, keep_days: int, record_bodies: bool, record_rows: bool, redaction: Sequence[str]
    ) -> None:
        """New bounds."""


class RecordKeeper:
    """Follows the settings and reports what is wrong with the record."""

    def __init__(self, core: Core, record: Record) -> None:
        self._notices = core.notices
        self._record = record
        self._told: dict[str, Any] = {}
        core.snapshots.subscribe(self.follow)

    def follow(self, snapshot: Snapshot) -> None:
        """Tell the recorder its settings if they changed."""
        mine = snapshot.settings
        wanted: dict[str, Any] = {
            "budget_bytes": mine.history_mib * BYTES_PER_MIB,
            "keep_days": mine.history_days,
            "record_bodies": mine.record_bodies,
            "record_rows": mine.record_rows,
            "redaction": mine.redaction,
        }
        if wanted != self._told:
            self._told = wanted
            self._record.settings(**wanted)

    def opened(self, notices: tuple[str, ...]) -> None:
        """What the recorder had to say when it opened its file."""
        for number, text in enumerate(notices):
            self._notices.put(f"history-{number}", Severity.WARNING, text)

    def look(self) -> None:
        """See whether the record is complete."""
        if self._record.degraded:
            text = f"Requests are served but not recorded: {self._record.degraded}"
            self._notices.put(DEGRADED, Severity.ERROR, text)
        else:
            self._notices.drop(DEGRADED)
