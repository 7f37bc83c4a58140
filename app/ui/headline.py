"""The strip at the top of the live page: today in a handful of figures, the biggest answer first."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.exchange import Totals
from app.domain.measure import Latency, Meter
from app.ui import formats, standing
from app.ui.style import CAPTION, GRID, HEADLINE, MARGIN, Hairline, Label, plain_tooltip


class _Figure(QWidget):
    def __init__(self, caption: str, *, strong: bool = False) -> None:
        super().__init__()
        self._caption = Label(caption, scale=CAPTION, role="muted")
        self._value = Label(formats.DASH, scale=HEADLINE, strong=strong)
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addWidget(self._value)

    def show_value(self, text: str, exact: str, role: str = "text") -> None:
        if text != self._value.text():
            self._value.setText(text)
            self._value.setAccessibleName(f"{self._caption.text()}: {text}")
        self._value.set_role(role)
        self.setToolTip(plain_tooltip(exact))


class Headline(QWidget):
    """Cost, tokens, requests, failures, first token, in flight."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Today")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN, GRID + 4, MARGIN, GRID + 4)
        self._row.setSpacing(3 * GRID)
        self.cost = self._add("Cost today", strong=True)
        self.tokens_in = self._add("Tokens in")
        self.tokens_out = self._add("Tokens out")
        self._rule()
        self.requests = self._add("Requests")
        self.failed = self._add("Failed")
        self._rule()
        self.first_token = self._add("First token, median")
        self.in_flight = self._add("In flight")
        self._row.addStretch(1)

    def _add(self, caption: str, *, strong: bool = False) -> _Figure:
        figure = _Figure(caption, strong=strong)
        self._row.addWidget(figure)
        return figure

    def _rule(self) -> None:
        self._row.addWidget(Hairline(vertical=True))

    def show_today(self, today: Totals) -> None:
        """Sums since midnight."""
        given = standing.prompt_tokens(today)
        none = today.exchanges == 0
        cost = formats.total_cost(today)
        self.cost.show_value(
            cost, formats.exact_total_cost(today), "muted" if none or cost == formats.UNPRICED else "text"
        )
        cached = (
            f"{given:,} tokens; of these {today.cache_read_tokens:,} read from and "
            f"{today.cache_write_tokens:,} written to the cache"
        )
        self.tokens_in.show_value(formats.tokens(given), cached, "muted" if none else "text")
        out = formats.exact_tokens(today.output_tokens)
        self.tokens_out.show_value(formats.tokens(today.output_tokens), out, "muted" if none else "text")
        self.requests.show_value(formats.count(today.exchanges), "Requests today", "muted" if none else "text")
        share = f"{100 * today.failed / today.exchanges:.1f} % of today's requests" if today.exchanges else "None today"
        self.failed.show_value(formats.count(today.failed), share, "error" if today.failed else "muted")

    def show_now(self, meter: Meter) -> None:
        """What runs, and how fast answers began in the last hour."""
        running = len(meter.flights)
        names = "\n".join(sorted(f"{one.provider} › {one.model}" for one in meter.flights.values()))
        self.in_flight.show_value(formats.count(running), names or "Nothing runs", "accent" if running else "muted")
        middle = median_first_token_ms(meter.latencies)
        exact = "No answer within the last hour" if middle is None else f"{formats.exact_duration(middle)}, last hour"
        self.first_token.show_value(formats.duration(middle), exact, "muted" if middle is None else "text")


def median_first_token_ms(latencies: Iterable[Latency]) -> int | None:
    """Half of the answers began within this time; None where there was no answer."""
    known = [one.first_token_ms for one in latencies if one.first_token_ms is not None]
    return round(statistics.median(known)) if known else None
