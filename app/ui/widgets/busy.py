"""What is being waited for, in words, with a moving bar and a way out."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from app.ui.style import GRID, Label

BAR_HEIGHT = 6


class Busy(QWidget):
    """Hidden until `start`; its Cancel button emits `cancelled` and leaves the rest to the owner."""

    cancelled = Signal()

    def __init__(self, *, cancel: str = "&Cancel") -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(QSize(12 * GRID, BAR_HEIGHT))
        self._text = Label(role="muted", wrap=True)
        self._cancel = QPushButton(cancel)
        self._cancel.setAutoDefault(False)
        self._cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._bar)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._cancel)
        self.hide()

    def start(self, text: str) -> None:
        """Show what is waited for, with a bar that only moves."""
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(text)
        self._text.setText(text)
        self.show()

    def progress(self, done: int, total: int, text: str) -> None:
        """Show how far it is."""
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)
        self._text.setText(text)

    def stop(self) -> None:
        """It is over."""
        # A bar with an empty range animates, and wakes the loop, even where nobody sees it.
        self._bar.setRange(0, 1)
        self.hide()
