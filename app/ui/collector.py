"""Keeps Python's cycle collector on Qt's thread.

Python collects cycles in whatever thread happens to allocate. In a worker that means walking, and freeing, Qt's objects
while Qt itself changes them on the main thread without the interpreter's lock: the process dies (PySide 6.11, within
seconds of two busy threads). So automatic collection is off while there is a desktop, and done at its loop's turns.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QAbstractEventDispatcher, QObject

YOUNG = 5_000
"""Objects made and not freed before the youngest generation is looked through: 0.5 ms."""
GENERATIONS = 10
"""So many collections of a generation before the next older one is looked through too."""


class Collector(QObject):
    """Collects on the thread it was started on, at the turns of Qt's event loop; costs no timer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rounds = [0, 0]
        self._running = False
        self._was_enabled = True

    def start(self) -> None:
        """Take over. What exists now is taken to stay, and never looked through again."""
        if self._running:
            return
        self._running, self._was_enabled = True, gc.isenabled()
        gc.disable()
        gc.freeze()
        QAbstractEventDispatcher.instance().awake.connect(self._turn)

    def stop(self) -> None:
        """Give collection back to Python."""
        if not self._running:
            return
        self._running = False
        QAbstractEventDispatcher.instance().awake.disconnect(self._turn)
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def _turn(self) -> None:
        if gc.get_count()[0] < YOUNG:
            return
        generation = 0
        for older, rounds in enumerate(self._rounds, start=1):
            self._rounds[older - 1] = rounds + 1
            if rounds + 1 < GENERATIONS:
                break
            self._rounds[older - 1] = 0
            generation = older
        gc.collect(generation)
