"""Tokens per second: what comes out above the line, what goes in below it, each half with a scale of its own.

One scale lost: a prompt of 100,000 tokens goes in within one second and flattens an answer of 80 tokens a second.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pyqtgraph as pg

from app.ui import formats, theme
from app.ui.charts.axes import steady_top
from app.ui.charts.chart import Chart
from app.ui.charts.legend import Series as LegendSeries
from app.ui.charts.legend import Shape
from app.ui.charts.reduce import Floats, Series, token_rates, token_sums

OUTPUT, INPUT = "output", "input"
HAIRLINE = 0.012


class TokensChart(Chart):
    """Output and input tokens per second."""

    title = "Tokens per second"
    series = (
        LegendSeries(OUTPUT, "Output", Shape.AREA, role="accent", widest="888 k"),
        LegendSeries(INPUT, "Input", Shape.AREA, role="muted", widest="888 k"),
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._rates = Series(np.array([0.0, 1.0]), np.array([np.nan]), np.array([np.nan]))
        self._tops = {OUTPUT: 10.0, INPUT: 100.0}
        self._areas = {key: _area() for key in (OUTPUT, INPUT)}
        for area in self._areas.values():
            self.plot.addItem(area)
        self._middle = pg.InfiniteLine(angle=0, pos=0, movable=False)
        self.plot.addItem(self._middle, ignoreBounds=True)
        self.recolor()

    def recolor(self) -> None:
        """Output in the accent, input in grey."""
        for one in self.series:
            self._areas[one.key].setBrush(one.color())
        self._middle.setPen(pg.mkPen(theme.color("muted"), width=1))

    def subject(self, now_s: float) -> Hashable:
        """Whole seconds: the one that runs is not drawn."""
        return self.beat(now_s)

    def render_at(self, now_s: float) -> None:
        """Two areas; the scale of each half fits what it shows."""
        self._rates = token_rates(self._services.insight.meter, now_s, self._span.window_s)
        both = {OUTPUT: self._rates.first, INPUT: self._rates.second}
        for key, values in both.items():
            known = values[np.isfinite(values)]
            largest = float(known.max()) if len(known) else 0.0
            self._tops[key] = steady_top(largest, self._tops[key], least=10.0)
            self._show(key, values)
        self.frame_time(now_s, -1.0, 1.0)
        up, down = self._tops[OUTPUT], self._tops[INPUT]
        halves = [(1.0, up), (0.5, up / 2), (0.0, 0.0), (-0.5, down / 2), (-1.0, down)]
        self.plot.ticks("left", [(place, formats.tokens(value)) for place, value in halves])

    def _show(self, key: str, values: Floats) -> None:
        sign = 1.0 if key == OUTPUT else -1.0
        # A request that waits is a hairline; where none ran there is nothing.
        heights = np.nan_to_num(np.maximum(values / self._tops[key], HAIRLINE))
        self._areas[key].setVisible(self.legend.on(key))
        self._areas[key].setData(self._rates.edges_s - self.origin_s, sign * heights, stepMode="center")

    def read_at(self, x: float | None) -> tuple[dict[str, str], str]:
        """The rates of the step under the cursor."""
        place = self._place(x)
        if place is None:
            return {}, ""
        output, given = self._rates.first[place], self._rates.second[place]
        values = {OUTPUT: _words(output), INPUT: _words(given)}
        return values, "" if x is None else self.moment(self._rates.edges_s[place] - self.origin_s)

    def _place(self, x: float | None) -> int | None:
        last = len(self._rates.first) - 1
        if x is None:  # now is the last step of which something is known
            return last if np.isfinite(self._rates.first[last]) else max(0, last - 1)
        place = int(np.searchsorted(self._rates.edges_s - self.origin_s, x, side="right")) - 1
        return place if 0 <= place <= last else None

    def neighbor(self, x: float | None, step: int) -> float | None:
        """The middle of the next step."""
        last = len(self._rates.first) - 1
        place = self._place(x)
        place = last if place is None or x is None else min(last, max(0, place + step))
        middle: float = (self._rates.edges_s[place] + self._rates.edges_s[place + 1]) / 2 - self.origin_s
        return middle

    def empty(self) -> bool:
        """No token went by, and nothing waits for one."""
        return not np.isfinite(self._rates.first).any()

    def describe(self) -> str:
        """Sums and peaks of the window."""
        out, given = token_sums(self._services.insight.meter, self._now_s(), self._span.window_s)
        if not out and not given:
            return f"No tokens in the last {self.window_name}."
        peak = float(np.nan_to_num(self._rates.first).max())
        return (
            f"In the last {self.window_name}: {formats.tokens(given)} tokens in, {formats.tokens(out)} tokens out, "
            f"at most {formats.rate(peak)} tokens a second out."
        )


def _area() -> Any:
    return pg.PlotCurveItem([0, 1], [0], stepMode="center", fillLevel=0, pen=None, antialias=False)


def _words(value: float) -> str:
    return formats.rate(float(value)) if np.isfinite(value) else formats.DASH
