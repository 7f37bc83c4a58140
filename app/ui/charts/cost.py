"""Cost per hour of the last day, each provider in its color."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pyqtgraph as pg

from app.domain.exchange import HourCost
from app.domain.money import NUSD_PER_USD
from app.ui import formats, theme
from app.ui.charts.axes import nice_top, time_ticks, value_ticks
from app.ui.charts.chart import Chart
from app.ui.charts.legend import Series, Shape

HOURS = 24
_HOUR_US = 3_600_000_000
_LEAST_USD = 0.01
REREAD_S = 5.0
"""The history is asked at most this often; a bar of an hour grows slowly."""


class CostChart(Chart):
    """A bar an hour, stacked by provider; x is hours since the first bar."""

    title = "Cost per hour, USD"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._hours: tuple[HourCost, ...] = ()
        self._asked: tuple[int, int] | None = None
        self._asked_s = 0.0
        self._version = 0
        self._bars: dict[str, Any] = {}
        self._costs = np.zeros((0, HOURS))
        self._providers: tuple[str, ...] = ()

    def _first_hour_us(self) -> int:
        return (self._now_us() // _HOUR_US - HOURS + 1) * _HOUR_US

    def subject(self, now_s: float) -> Hashable:
        """What was read last; asks for more where the history has grown."""
        wanted = (self._services.insight.revision, self._first_hour_us())
        if wanted != self._asked and (self._asked is None or now_s - self._asked_s >= REREAD_S):
            self._asked, self._asked_s = wanted, now_s
            work = self._services.insight.hours(wanted[1])
            self._tasks.spawn("read the cost of the last hours", work, self, then=self._took, latest=True)
        colors = tuple((one.name, one.color) for one in self._services.status.current.providers)
        return self._version, wanted[1], colors

    def _took(self, hours: tuple[HourCost, ...]) -> None:
        if hours != self._hours:
            self._hours = hours
            self._version += 1

    def render_at(self, now_s: float) -> None:
        """Stack the bars, the provider that is first in the settings at the bottom."""
        first_us = self._first_hour_us()
        self._take_providers()
        self._costs = np.zeros((len(self._providers), HOURS))
        for hour in self._hours:
            place = (hour.hour_us - first_us) // _HOUR_US
            if 0 <= place < HOURS:
                self._costs[self._providers.index(hour.provider), place] += hour.cost_nusd / NUSD_PER_USD
        shown = np.array([self.legend.on(name) for name in self._providers], dtype=bool)
        costs = self._costs * shown[:, None] if len(shown) else self._costs
        below = np.zeros(HOURS)
        for name, heights in zip(self._providers, costs, strict=True):
            self._bar(name).setOpts(x=np.arange(HOURS) + 0.5, y0=below.copy(), height=heights, width=0.72)
            below = below + heights
        top = nice_top(float(below.max()), _LEAST_USD)
        self.plot.frame(0.0, float(HOURS), 0.0, top)
        self.plot.ticks("left", value_ticks(top, lambda usd: formats.money(round(usd * NUSD_PER_USD))))
        ticks = time_ticks(0, HOURS * 3600, first_us, self.plot.width())
        self.plot.ticks("bottom", [(seconds / 3600, text) for seconds, text in ticks])

    def _take_providers(self) -> None:
        numbers = {one.name: one.color for one in self._services.status.current.providers}
        seen = {hour.provider for hour in self._hours if hour.cost_nusd}
        known = [name for name in numbers if name in seen]
        self._providers = (*known, *sorted({hour.provider for hour in self._hours} - set(known)))
        self.legend.set_series(
            tuple(
                Series(name, formats.one_line(name, 24), Shape.AREA, number=numbers.get(name, 7), widest="$8.88")
                for name in self._providers
                if name in seen
            )
        )
        for name in set(self._bars) - set(self._providers):
            self.plot.removeItem(self._bars.pop(name))
        for name in self._providers:
            self._bar(name).setOpts(brush=theme.series(numbers.get(name, 7)))

    def _bar(self, name: str) -> Any:
        if name not in self._bars:
            self._bars[name] = pg.BarGraphItem(x=[], height=[], width=0.72, pen=None)
            self.plot.addItem(self._bars[name])
        return self._bars[name]

    def recolor(self) -> None:
        """Bars take their colors when they are drawn."""

    def read_at(self, x: float | None) -> tuple[dict[str, str], str]:
        """The hour under the cursor; the sum of the day where there is none."""
        if not self._providers:
            return {}, ""
        costs = self._costs.sum(axis=1) if x is None else self._costs[:, min(HOURS - 1, max(0, int(x)))]
        pairs = zip(self._providers, costs, strict=True)
        values = {name: formats.money(round(usd * NUSD_PER_USD)) for name, usd in pairs}
        if x is None:
            return values, "last 24 h"
        start_us = self._first_hour_us() + int(x) * _HOUR_US
        return (
            values,
            f"{formats.clock(start_us, seconds=False)} to {formats.clock(start_us + _HOUR_US, seconds=False)}",
        )

    def neighbor(self, x: float | None, step: int) -> float | None:
        """The next hour."""
        return HOURS - 0.5 if x is None else min(HOURS - 0.5, max(0.5, int(x) + 0.5 + step))

    def empty(self) -> bool:
        """Nothing was charged."""
        return not self._costs.any()

    def describe(self) -> str:
        """Sum and dearest hour."""
        sums = self._costs.sum(axis=0) if len(self._costs) else np.zeros(HOURS)
        total = formats.money(round(float(sums.sum()) * NUSD_PER_USD))
        if not sums.any():
            return "No cost in the last 24 hours."
        dearest = formats.money(round(float(sums.max()) * NUSD_PER_USD))
        return f"{total} in the last 24 hours, at most {dearest} in one hour."
