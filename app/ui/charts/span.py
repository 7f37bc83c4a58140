"""How much of the past the live charts show: one choice for all of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.ui.charts import WINDOWS_S


class Span(QObject):
    """The window of the live charts in seconds."""

    changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.window_s = WINDOWS_S[0]

    def use(self, window_s: int) -> None:
        """Show that much; what is no choice is ignored."""
        if window_s in WINDOWS_S and window_s != self.window_s:
            self.window_s = window_s
            self.changed.emit(window_s)
