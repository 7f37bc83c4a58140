"""Latency of every request that ended: first token and total, on a logarithmic scale.

Logarithmic, because a first token takes 300 ms and an agent's answer three minutes, and both matter.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pyqtgraph as pg

from app.ui import formats, theme
from app.ui.charts.axes import duration_range, duration_ticks
from app.ui.charts.chart import Chart
from app.ui.charts.legend import Series, Shape
from app.ui.charts.reduce import Floats, Points, latencies

FIRST, TOTAL, FAILED = "first", "total", "failed"
_EMPTY = Points(np.array([]), np.array([]), np.array([]), np.array([], dtype=np.bool_), (), ())
_CLICK_PX = 12


class LatencyChart(Chart):
    """A dot for the first token, a ring for the end, a cross for a failure; a line joins what belongs together."""

    title = "Latency by request"
    series = (
        Series(FIRST, "First token", Shape.DOT, role="accent", widest="888 ms"),
        Series(TOTAL, "Total", Shape.RING, role="text", widest="88.8 s"),
        Series(FAILED, "Failed", Shape.CROSS, role="error", widest="88"),
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._points = _EMPTY
        self._joins = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._dots = {
            FIRST: pg.ScatterPlotItem(symbol="o", size=5, antialias=True),
            TOTAL: pg.ScatterPlotItem(symbol="o", size=6, antialias=True),
            FAILED: pg.ScatterPlotItem(symbol="x", size=8, antialias=True),
        }
        for item in (self._joins, *self._dots.values()):
            self.plot.addItem(item)
        self.recolor()

    def recolor(self) -> None:
        """The joins step back, failures stand out."""
        self._joins.setPen(pg.mkPen(theme.color("line"), width=1))
        first, total, failed = (one.color() for one in self.series)
        self._dots[FIRST].setBrush(first)
        self._dots[FIRST].setPen(None)
        self._dots[TOTAL].setBrush(theme.color("base"))
        self._dots[TOTAL].setPen(pg.mkPen(total, width=1))
        self._dots[FAILED].setBrush(failed)
        self._dots[FAILED].setPen(None)

    def subject(self, now_s: float) -> Hashable:
        """What ended last, and the moving edge."""
        ended = self._services.insight.meter.latencies
        return len(ended), ended[-1].exchange_id if ended else "", self.beat(now_s)

    def render_at(self, now_s: float) -> None:
        """Points, and an axis of whole decades around them."""
        points = self._points = latencies(self._services.insight.meter, now_s, self._span.window_s)
        low, high = _range(points)
        self.frame_time(now_s, np.log10(low), np.log10(high))
        self.plot.ticks("left", duration_ticks(low, high))
        x, first, total = points.at_s - self.origin_s, np.log10(points.first_token_ms), np.log10(points.total_ms)
        self._put(FIRST, x, first, np.isfinite(first))
        self._put(TOTAL, x, total, points.ok)
        self._put(FAILED, x, total, ~points.ok)
        joined = np.isfinite(first) & self.legend.on(FIRST) & self.legend.on(TOTAL)
        pairs = np.column_stack((first[joined], total[joined])).ravel()
        self._joins.setData(np.repeat(x[joined], 2), pairs)

    def _put(self, key: str, x: Floats, y: Floats, which: Any) -> None:
        self._dots[key].setData(x[which], y[which]) if self.legend.on(key) else self._dots[key].setData([], [])

    def read_at(self, x: float | None) -> tuple[dict[str, str], str]:
        """The request that is nearest to the cursor; medians where there is no cursor."""
        if not len(self._points.at_s):
            return {}, ""
        if x is None:
            failed = int((~self._points.ok).sum())
            values = {FIRST: _median(self._points.first_token_ms), TOTAL: _median(self._points.total_ms)}
            return {**values, FAILED: formats.count(failed) if failed else ""}, ""
        place = self._nearest(x)
        first, total = self._points.first_token_ms[place], self._points.total_ms[place]
        values = {FIRST: formats.duration(first if np.isfinite(first) else None)}
        values[TOTAL if self._points.ok[place] else FAILED] = formats.duration(total)
        moment = self.moment(self._points.at_s[place] - self.origin_s)
        return values, f"{formats.one_line(self._points.providers[place], 30)}, {moment}"

    def _nearest(self, x: float) -> int:
        return int(np.argmin(np.abs(self._points.at_s - self.origin_s - x)))

    def neighbor(self, x: float | None, step: int) -> float | None:
        """The request before or after."""
        if not len(self._points.at_s):
            return None
        last = len(self._points.at_s) - 1
        place = last if x is None else min(last, max(0, self._nearest(x) + step))
        return float(self._points.at_s[place] - self.origin_s)

    def exchange_at(self, x: float, y: float) -> str:
        """The nearest request, if the click was near it."""
        if not len(self._points.at_s):
            return ""
        place = self._nearest(x)
        scale = self._span.window_s / max(1, self.plot.width())
        near = abs(self._points.at_s[place] - self.origin_s - x) <= _CLICK_PX * scale
        return self._points.exchange_ids[place] if near else ""

    def empty(self) -> bool:
        """No request ended."""
        return not len(self._points.at_s)

    def describe(self) -> str:
        """Medians and failures."""
        number = len(self._points.at_s)
        if not number:
            return f"No request ended in the last {self.window_name}."
        return (
            f"{number} requests ended in the last {self.window_name}; half of them had their first token within "
            f"{_median(self._points.first_token_ms)} and were done within {_median(self._points.total_ms)}; "
            f"{int((~self._points.ok).sum())} failed."
        )


def _median(values: Floats) -> str:
    known = values[np.isfinite(values)]
    return formats.duration(float(np.median(known))) if len(known) else formats.DASH


def _range(points: Points) -> tuple[float, float]:
    """Round durations with room above and below; from 100 ms to 10 s where there is nothing."""
    every = np.concatenate((points.first_token_ms, points.total_ms))
    every = every[np.isfinite(every)]
    if not len(every):
        return 100.0, 10_000.0
    return duration_range(min(every.min() * 0.8, 300.0), max(every.max() * 1.2, 10_000.0))
