"""Makes ready what will be wanted later, one piece at a time, so that no single turn of the loop is long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer

FIRST_MS = 3_000
"""The window and its charts come first."""
BETWEEN_MS = 300


class Ahead(QObject):
    """Runs the pieces that `pieces` gives while it is on; what was done once is not done again."""

    def __init__(self, pieces: Callable[[], Iterator[Callable[[], object]]], parent: QObject) -> None:
        super().__init__(parent)
        self._pieces = pieces()
        self._turn = QTimer(self, singleShot=True, interval=FIRST_MS)
        self._turn.timeout.connect(self._next)

    def start(self) -> None:
        """Begin, or go on."""
        self._turn.start(FIRST_MS)

    def stop(self) -> None:
        """Rest until `start`."""
        self._turn.stop()

    def _next(self) -> None:
        piece = next(self._pieces, None)
        if piece is not None:
            piece()
            self._turn.start(BETWEEN_MS)
