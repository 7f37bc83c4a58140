"""Watches whether the desktop has a place for tray icons: panels start late, restart, or never come."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

QUICK_MS, QUICK_TIMES = 2_000, 60
SLOW_MS = 30_000


class TrayHost(QObject):
    """Asks every 2 s for two minutes, then every 30 s; Qt has no signal for it."""

    came = Signal()
    """There is a panel now, and there was none; an icon that was made before must be made anew."""
    went = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        ask: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        quick_ms: int = QUICK_MS,
    ) -> None:
        super().__init__(parent)
        self._ask = ask
        self._asked = 0
        self.there = False
        self._timer = QTimer(self, interval=quick_ms)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Look now, and from now on."""
        self._look()
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look(self) -> None:
        self._asked += 1
        if self._asked == QUICK_TIMES:
            self._timer.setInterval(SLOW_MS)
        there, self.there = self.there, self._ask()
        if self.there and not there:
            self.came.emit()
        elif there and not self.there:
            self.went.emit()
