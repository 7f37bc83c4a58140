"""What all charts share: legend above, canvas below, one cursor, one description in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui import formats, theme
from app.ui.charts import WINDOW_NAMES
from app.ui.charts.axes import time_ticks
from app.ui.charts.canvas import Canvas
from app.ui.charts.legend import Legend, Series
from app.ui.charts.span import Span
from app.ui.style import GRID, on_base
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

BEATS = 60
"""While nothing runs, the moving edge advances by this part of the window; an empty window stands still."""


class Chart(QWidget):
    """One live chart; `driver` decides when `draw` is called."""

    series: ClassVar[tuple[Series, ...]] = ()
    title: ClassVar[str]

    open_exchange = Signal(str)
    """A point was clicked: the exchange behind it."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        span: Span,
        *,
        now_s: Callable[[], float] = time.monotonic,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        super().__init__()
        on_base(self)
        self._services, self._tasks, self._span = services, tasks, span
        self._now_s, self._now_us = now_s, now_us
        self.origin_s = now_s()
        self._cursor: float | None = None
        self.legend = Legend(self.series)
        self.plot = Canvas()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, 0, 0, GRID // 2)
        layout.setSpacing(2)
        top = QVBoxLayout()
        top.setContentsMargins(GRID // 2, 0, GRID, 0)
        top.addWidget(self.legend)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)
        self.plot.setAccessibleName(f"Chart: {self.title}")
        self.plot.pointed.connect(self._point)
        self.plot.stepped.connect(self._step)
        self.plot.clicked.connect(self._clicked)

    # what a chart says of itself

    def subject(self, now_s: float) -> Hashable:
        """What is drawn, as a value that changes with it."""
        raise NotImplementedError

    def render_at(self, now_s: float) -> None:
        """Hand the data to the items of the plot."""
        raise NotImplementedError

    def read_at(self, x: float | None) -> tuple[dict[str, str], str]:
        """The value of each series at x and that moment in words; of now where x is None."""
        raise NotImplementedError

    def describe(self) -> str:
        """The picture in a sentence, for those who do not see it."""
        raise NotImplementedError

    def empty(self) -> bool:
        """There is nothing to draw; the description stands in the plot then."""
        raise NotImplementedError

    def neighbor(self, x: float | None, step: int) -> float | None:
        """The next x that can be read, to the left (-1) or right (1)."""
        raise NotImplementedError

    def recolor(self) -> None:
        """Take the colors that hold now."""

    # Drawable

    def canvas(self) -> QWidget:
        """The plot's viewport."""
        viewport: QWidget = self.plot.viewport()
        return viewport

    def looks(self) -> Hashable:
        """Subject, window, size, colors and what is switched on."""
        size, dark = self.plot.size().toTuple(), theme.colors().dark
        return self.subject(self._now_s()), self._span.window_s, size, dark, self.legend.on_keys()

    def draw(self) -> None:
        """Draw what is so now."""
        self.render_at(self._now_s())
        self._read()
        words = self.describe()
        self.plot.setAccessibleDescription(words)
        self.plot.say(words if self.empty() else "")

    # shared by the charts over time

    def beat(self, now_s: float) -> int:
        """Advances once a second while requests run, slowly after them, not at all once they left the window."""
        meter = self._services.insight.meter
        if meter.flights or not meter.seconds:
            return int(now_s) if meter.flights else 0
        quiet_s = now_s - meter.seconds[-1].at_s
        if quiet_s < 2:
            return int(now_s)
        window_s = self._span.window_s
        return int(min(now_s, meter.seconds[-1].at_s + window_s + 2) // (window_s / BEATS))

    def frame_time(self, now_s: float, low: float, high: float) -> None:
        """Show the window that ends now."""
        right = now_s - self.origin_s
        left = right - self._span.window_s
        self.plot.frame(left, right, low, high)
        self.plot.ticks("bottom", time_ticks(left, right, self.origin_us(now_s), self.plot.width()))

    def origin_us(self, now_s: float) -> int:
        """Wall clock at x = 0; asked anew each time, because wall clocks are set."""
        return self._now_us() - int((now_s - self.origin_s) * 1_000_000)

    def moment(self, x: float) -> str:
        """The time of day at x."""
        return formats.clock(self.origin_us(self._now_s()) + int(x * 1_000_000))

    @property
    def window_name(self) -> str:
        """The window in words: 5 min."""
        return WINDOW_NAMES[self._span.window_s]

    # cursor and events

    def _point(self, x: float | None) -> None:
        self._cursor = x
        self._read()

    def _step(self, step: int) -> None:
        x = self.neighbor(self._cursor, step)
        if x is not None:
            self._point(x)

    def _read(self) -> None:
        values, moment = self.read_at(self._cursor)
        self.plot.point_at(self._cursor if moment else None)
        self.legend.read(values, moment)

    def _clicked(self, x: float, y: float) -> None:
        found = self.exchange_at(x, y)
        if found:
            self.open_exchange.emit(found)

    def exchange_at(self, x: float, y: float) -> str:
        """Id of the exchange drawn there; empty where there is none."""
        return ""

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "plot"):
            self.plot.recolor()
            self.recolor()
