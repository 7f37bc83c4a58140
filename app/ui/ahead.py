"""Makes ready what will be wanted later, a step at a time, so that no single turn of the loop is long."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, Qt, QTimer

FIRST_MS = 3_000
"""The window and its charts come first."""
BETWEEN_MS = 100
LATE_MS = 4
"""A turn that comes so late finds the loop busy with what somebody waits for: an idle one is late by less than 1."""


class Ahead(QObject):
    """Takes the steps of `work` while it is on and the loop has time; what was done once is not done again."""

    def __init__(self, work: Iterator[None], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._due_s = 0.0
        self._turn = QTimer(self, singleShot=True)
        self._turn.setTimerType(Qt.TimerType.PreciseTimer)
        self._turn.timeout.connect(self._next)

    def start(self) -> None:
        """Begin, or go on."""
        self._wait(FIRST_MS)

    def stop(self) -> None:
        """Rest until `start`."""
        self._turn.stop()

    def _wait(self, ms: int) -> None:
        self._due_s = time.monotonic() + ms / 1_000
        self._turn.start(ms)

    def _next(self) -> None:
        if time.monotonic() - self._due_s > LATE_MS / 1_000:
            self._wait(FIRST_MS)
            return
        for _ in self._work:
            self._wait(BETWEEN_MS)
            return
