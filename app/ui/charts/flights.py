"""Requests in flight: the most that ran at one moment, and when one failed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pyqtgraph as pg

from app.ui import formats
from app.ui.charts.axes import steady_top, value_ticks
from app.ui.charts.chart import Chart
from app.ui.charts.legend import Series as LegendSeries
from app.ui.charts.legend import Shape
from app.ui.charts.reduce import Series, in_flight

RUNNING, FAILED = "running", "failed"


class FlightsChart(Chart):
    """An area for what runs, a cross where something failed."""

    title = "Requests in flight"
    series = (
        LegendSeries(RUNNING, "In flight", Shape.AREA, role="accent", widest="88"),
        LegendSeries(FAILED, "Failed", Shape.CROSS, role="error", widest="88"),
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._counts = Series(np.array([0.0, 1.0]), np.array([np.nan]), np.array([0.0]))
        self._top = 4.0
        self._area = pg.PlotCurveItem([0, 1], [0], stepMode="center", fillLevel=0, pen=None, antialias=False)
        self._line = pg.PlotCurveItem([0, 1], [0], stepMode="center", antialias=False)
        self._failed = pg.ScatterPlotItem(symbol="x", size=8, pen=None, antialias=True)
        for item in (self._area, self._line, self._failed):
            self.plot.addItem(item)
        self.recolor()

    def recolor(self) -> None:
        """A pale area below a clear edge."""
        running, failed = (one.color() for one in self.series)
        pale = self.palette().highlight().color()
        self._area.setBrush(pale)
        self._line.setPen(pg.mkPen(running, width=1))
        self._failed.setBrush(failed)

    def subject(self, now_s: float) -> Hashable:
        """How many run, how many ended, and the moving edge."""
        meter = self._services.insight.meter
        last = meter.seconds[-1] if meter.seconds else None
        return len(meter.flights), (last.at_s, last.started, last.failed) if last else 0, self.beat(now_s)

    def render_at(self, now_s: float) -> None:
        """Whole requests from zero up."""
        counts = self._counts = in_flight(self._services.insight.meter, now_s, self._span.window_s)
        known = counts.first[np.isfinite(counts.first)]
        self._top = steady_top(float(known.max()) if len(known) else 0.0, self._top, least=4.0)
        self.frame_time(now_s, 0.0, self._top)
        self.plot.ticks("left", value_ticks(self._top, lambda value: formats.count(int(value)), whole=True))
        x = counts.edges_s - self.origin_s
        heights = np.nan_to_num(counts.first)
        for item in (self._area, self._line):
            item.setVisible(self.legend.on(RUNNING))
        self._area.setData(x, heights, stepMode="center")
        self._line.setData(x, counts.first, stepMode="center", connect="finite")
        failed = np.flatnonzero(counts.second) if self.legend.on(FAILED) else np.array([], dtype=np.intp)
        self._failed.setData((x[failed] + x[failed + 1]) / 2, np.maximum(heights[failed], self._top * 0.06))

    def _place(self, x: float | None) -> int | None:
        last = len(self._counts.first) - 1
        if x is None:
            return last
        place = int(np.searchsorted(self._counts.edges_s - self.origin_s, x, side="right")) - 1
        return place if 0 <= place <= last else None

    def read_at(self, x: float | None) -> tuple[dict[str, str], str]:
        """The step under the cursor; what runs now where there is none."""
        place = self._place(x)
        if place is None:
            return {}, ""
        if x is None:
            return {RUNNING: str(len(self._services.insight.meter.flights))}, ""
        running, failed = self._counts.first[place], int(self._counts.second[place])
        values = {RUNNING: str(int(running)) if np.isfinite(running) else formats.DASH}
        if failed:
            values[FAILED] = str(failed)
        return values, self.moment(self._counts.edges_s[place] - self.origin_s)

    def neighbor(self, x: float | None, step: int) -> float | None:
        """The middle of the next step."""
        last = len(self._counts.first) - 1
        place = self._place(x)
        place = last if place is None or x is None else min(last, max(0, place + step))
        middle: float = (self._counts.edges_s[place] + self._counts.edges_s[place + 1]) / 2 - self.origin_s
        return middle

    def empty(self) -> bool:
        """Nothing ran within the window."""
        return not np.nansum(self._counts.first)

    def describe(self) -> str:
        """What runs now, the most, and the failures."""
        now = len(self._services.insight.meter.flights)
        if self.empty():
            return f"No request in the last {self.window_name}."
        known = self._counts.first[np.isfinite(self._counts.first)]
        most = int(known.max()) if len(known) else 0
        return (
            f"{now} requests in flight now, at most {most} at once in the last {self.window_name}; "
            f"{int(self._counts.second.sum())} failed."
        )
