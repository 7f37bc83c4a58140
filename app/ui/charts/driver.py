"""When charts are drawn: one a turn, at most 4 times a second each, only what is seen and would look different.

The loop belongs to the proxy too. So a turn draws one chart (2 to 4 ms), a chart that proves expensive waits until
drawing it takes no more than a tenth of the time, and where nothing is seen no timer runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

PERIOD_MS = 250
SHARE = 0.1


class Drawable(Protocol):
    """What the driver asks of a chart."""

    def canvas(self) -> QWidget:
        """The widget that is painted; a plot's viewport, for the plot's own region is always empty."""

    def looks(self) -> Hashable:
        """Differs from what it was at the last drawing if drawing would change the picture."""

    def draw(self) -> None:
        """Bring the picture up to date."""


class _Entry:
    """A chart, when it may be drawn next and how it looked last."""

    def __init__(self, chart: Drawable) -> None:
        self.chart = chart
        self.drawn: Hashable = None
        self.not_before_s = 0.0


class ChartDriver(QObject):
    """Draws every chart that was added, as rarely as possible."""

    def __init__(self, parent: QObject | None = None, *, clock_s: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock_s = clock_s
        self._entries: list[_Entry] = []
        self._place = 0
        self.draws = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._turn)

    def add(self, chart: Drawable) -> None:
        """Draw this chart from now on."""
        self._entries.append(_Entry(chart))
        chart.canvas().installEventFilter(self)
        self.poke()

    def remove(self, chart: Drawable) -> None:
        """Draw this chart no more."""
        self._entries = [entry for entry in self._entries if entry.chart is not chart]

    def redraw(self, chart: Drawable) -> None:
        """Draw it at its next turn even if its data has not changed: its size, window or colors have."""
        for entry in self._entries:
            if entry.chart is chart:
                entry.drawn, entry.not_before_s = None, 0.0
        self.poke()

    @property
    def resting(self) -> bool:
        """Nothing is seen, so nothing is asked."""
        return not self._timer.isActive()

    def poke(self) -> None:
        """Something may have become visible."""
        if not self._timer.isActive():
            self._timer.start(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A canvas that is painted is seen: a dock that comes to the front of its tabs has no show event."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Paint):
            self.poke()
        return False

    def _turn(self) -> None:
        seen = [entry for entry in self._entries if really_visible(entry.chart.canvas())]
        if not seen:
            return
        later, earlier = seen[self._place + 1 :], seen[: self._place + 1]
        drawn = next((entry for entry in later + earlier if self._draw(entry)), None)
        if drawn is not None:
            self._place = seen.index(drawn)
        self._timer.start(PERIOD_MS // len(seen) if drawn is not None else PERIOD_MS)

    def _draw(self, entry: _Entry) -> bool:
        """Draw this chart if it is its time and it would look different."""
        begun_s = self._clock_s()
        if begun_s < entry.not_before_s or (looks := entry.chart.looks()) == entry.drawn:
            return False
        entry.drawn = looks
        entry.chart.draw()
        entry.chart.canvas().repaint()
        self.draws += 1
        entry.not_before_s = begun_s + max(PERIOD_MS / 1000, (self._clock_s() - begun_s) / SHARE)
        return True


def really_visible(canvas: QWidget) -> bool:
    """Some of it is on the screen: not hidden, not minimized, not behind another tab."""
    return canvas.isVisible() and not canvas.window().isMinimized() and not canvas.visibleRegion().isEmpty()
