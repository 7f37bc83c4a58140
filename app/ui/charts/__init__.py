"""Live charts, one a dock, drawn by pyqtgraph from the meter and from `insight`.

May import: `domain`, the shell's looks and `tasks`; pyqtgraph and numpy only in the chart modules themselves, which are
imported in a thread (`warm_up`) when the first chart is shown. Thread: the loop's; a redraw costs 2 to 4 ms.

`driver` decides when something is drawn: one chart a turn, each at most 4 times a second, none that is hidden, none
whose picture would not change. `reduce` turns the meter into as many points as there are pixels; `axes` chooses ticks;
`legend` switches series and reads the cursor; `chart` is what all charts share; `dock` holds one.

To add one: a file with a `Chart`, and a line in `CHARTS`.

Decisions:
- Pens have width 1 and are opaque; antialiasing is off. A pen of width 2 costs 180 ms for 600 points (pyqtgraph#533).
- x is seconds since the chart was made, ticks are wall-clock times. Epoch seconds lost: too big for 32-bit floats.
- The meter is read when a redraw is due. A signal from the meter lost: it would fire for every token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.charts.chart import Chart

WINDOWS_S = (300, 900, 3600)
WINDOW_NAMES = {300: "5 min", 900: "15 min", 3600: "1 h"}


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """A chart before its module is imported."""

    name: str
    """Key in the saved layout."""
    title: str
    """What is plotted, with its unit."""
    icon: str
    load: Callable[[], type[Chart]]
    windowed: bool = True
    """Shows the last 5 minutes, 15 minutes or hour, as chosen for all charts together."""


def _tokens() -> type[Chart]:
    from app.ui.charts.tokens import TokensChart

    return TokensChart


def _latency() -> type[Chart]:
    from app.ui.charts.latency import LatencyChart

    return LatencyChart


def _cost() -> type[Chart]:
    from app.ui.charts.cost import CostChart

    return CostChart


def _flights() -> type[Chart]:
    from app.ui.charts.flights import FlightsChart

    return FlightsChart


CHARTS = (
    ChartEntry("tokens", "Tokens per second", "chart-areaspline", _tokens),
    ChartEntry("latency", "Latency by request", "timer-outline", _latency),
    ChartEntry("cost", "Cost per hour, USD", "chart-bar", _cost, windowed=False),
    ChartEntry("flights", "Requests in flight", "swap-horizontal", _flights),
)
