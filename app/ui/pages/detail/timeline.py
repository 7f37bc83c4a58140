"""When the answer arrived, chunk by chunk, and from whom: which targets were considered and tried."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.error_words import in_words
from app.domain.exchange import Attempt, Detail
from app.domain.routing import Weighed
from app.ui import formats, theme
from app.ui.pages.detail.tab import DetailTab
from app.ui.style import GRID, MARGIN, Label, font
from app.ui.tasks import Tasks
from app.ui.widgets.figures import FigureTable, Strip
from app.ui.widgets.scroll import Scroll

Chunks = tuple[tuple[int, int], ...]
_NICE_MS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
TICKS = 6
APART = 3
"""Marks nearer than this, in pixels, are one."""
BOTH = "first byte and token"


@dataclass(frozen=True, slots=True)
class Story:
    """What the chunks tell; times in milliseconds since the start."""

    chunks: Chunks
    end_ms: int
    first_byte_ms: int | None = None
    first_token_ms: int | None = None
    gap_from_ms: int = 0
    gap_ms: int = 0
    """The longest silence between two chunks."""


def story(detail: Detail) -> Story:
    """What the timeline of an exchange tells."""
    chunks = tuple(sorted(detail.timeline))
    last = chunks[-1][0] if chunks else 0
    gap = max(((later[0] - earlier[0], earlier[0]) for earlier, later in pairwise(chunks)), default=(0, 0))
    return Story(
        chunks,
        max(detail.row.duration_ms or 0, last, 1),
        chunks[0][0] if chunks else None,
        detail.row.first_token_ms,
        gap[1],
        gap[0],
    )


def ticks(end_ms: int, most: int = TICKS) -> tuple[int, ...]:
    """Round moments from zero to the end, at most `most` of them after zero."""
    step = next((nice for nice in _NICE_MS if end_ms / nice <= most), _NICE_MS[-1])
    return tuple(range(0, end_ms + 1, step))


def tick_label(at_ms: int) -> str:
    """A moment on the axis, seconds."""
    return f"{at_ms / 1000:g}"


class TimelineChart(QWidget):
    """Bytes over time, one bar for each pixel; drawn from at most 2,000 chunks."""

    def __init__(self) -> None:
        super().__init__()
        self._story = Story((), 1)
        self.setFont(font(0.9))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline of the answer")

    def show_story(self, told: Story) -> None:
        """Draw another exchange."""
        self._story = told
        self.setAccessibleDescription(_in_words(told))
        self.update()

    def sizeHint(self) -> QSize:
        """Wide as the panel, high enough for bars and two lines of labels."""
        return QSize(40 * GRID, 24 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axis, silence, bars, marks."""
        height = self.fontMetrics().height()
        area = QRectF(1, height + GRID, self.width() - 2, self.height() - 2 * height - 2 * GRID)
        # A painter that an error leaves open takes the whole program down with it.
        with QPainter(self) as painter:
            self._draw_axis(painter, area)
            self._draw_gap(painter, area)
            self._draw_bars(painter, area)
            self._draw_marks(painter, area)

    def _x(self, area: QRectF, at_ms: float) -> float:
        return area.left() + area.width() * at_ms / self._story.end_ms

    def _draw_axis(self, painter: QPainter, area: QRectF) -> None:
        height = self.fontMetrics().height()
        for at in ticks(self._story.end_ms):
            x = round(self._x(area, at))
            painter.setPen(theme.color("line"))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(theme.color("muted"))
            label = f"{tick_label(at)}{formats.NBSP}s" if at == 0 else tick_label(at)
            width = self.fontMetrics().horizontalAdvance(label)
            left = min(max(0.0, x - width / 2), self.width() - width)
            painter.drawText(QRectF(left, area.bottom() + GRID / 2, width + 1, height), label)
        painter.setPen(theme.color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _draw_gap(self, painter: QPainter, area: QRectF) -> None:
        told = self._story
        if told.gap_ms * 20 < told.end_ms:
            return
        left, right = self._x(area, told.gap_from_ms), self._x(area, told.gap_from_ms + told.gap_ms)
        painter.fillRect(QRectF(left, area.top(), right - left, area.height()), theme.color("raised"))

    def _draw_bars(self, painter: QPainter, area: QRectF) -> None:
        sums: dict[int, int] = {}
        for at, size in self._story.chunks:
            x = int(self._x(area, at))
            sums[x] = sums.get(x, 0) + size
        most = max(sums.values(), default=1) or 1
        color = theme.color("accent")
        for x, size in sums.items():
            high = max(2.0, area.height() * size / most)
            painter.fillRect(QRectF(x, area.bottom() - high, 1.0, high), color)

    def _draw_marks(self, painter: QPainter, area: QRectF) -> None:
        """First byte and first token, named above."""
        marks = [(self._x(area, at), name, role) for at, name, role in moments(self._story)]
        advance = self.fontMetrics().horizontalAdvance
        if len(marks) == 2 and abs(marks[1][0] - marks[0][0]) < APART:
            marks = [(marks[1][0], BOTH, "ok")]
        lefts = label_lefts([(x, advance(name)) for x, name, _ in marks], self.width())
        for (x, name, role), left in zip(marks, lefts, strict=True):
            painter.setPen(theme.color(role))
            painter.drawLine(QPointF(x, area.top() - GRID / 2), QPointF(x, area.bottom()))
            painter.drawText(QPointF(left, area.top() - GRID), name)


def moments(told: Story) -> list[tuple[int, str, str]]:
    """What is marked, the earlier first: (milliseconds, name, role of the color)."""
    marks = ((told.first_byte_ms, "first byte", "muted"), (told.first_token_ms, "first token", "ok"))
    return sorted((at, name, role) for at, name, role in marks if at is not None)


def label_lefts(wanted: list[tuple[float, float]], width: float) -> list[float]:
    """Where labels begin so that each is near its (middle, own width), none is cut and none lies over another."""
    lefts: list[float] = []
    free = 0.0
    for middle, own in wanted:
        lefts.append(max(free, min(middle - own / 2, width - own)))
        free = lefts[-1] + own + GRID
    end = width
    for place in reversed(range(len(wanted))):
        lefts[place] = min(lefts[place], end - wanted[place][1])
        end = lefts[place] - GRID
    return lefts


def _in_words(told: Story) -> str:
    parts = [f"{len(told.chunks)} chunks in {formats.duration(told.end_ms)}"]
    if told.first_byte_ms is not None:
        parts.append(f"first byte after {formats.duration(told.first_byte_ms)}")
    if told.first_token_ms is not None:
        parts.append(f"first token after {formats.duration(told.first_token_ms)}")
    if told.gap_ms:
        parts.append(f"longest silence {formats.duration(told.gap_ms)}")
    return ", ".join(parts)


class TimelineTab(DetailTab):
    """The chart, its figures, every attempt where there was more than one, and why it went where it did."""

    title = "Timeli&ne"

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        scroll = Scroll()
        self.figures = Strip("First byte", "First token", "Longest silence", "Chunks", "Speed")
        self.chart = TimelineChart()
        self.caption = Label("Bytes from the provider, over seconds since the request", scale=0.9, role="muted")
        self.nothing = Label("No chunk of the answer was recorded.", role="muted")
        self.attempts_title = Label("Attempts", strong=True)
        self.attempts = FigureTable("Target", "Status", "Took (s)", "Problem", words=frozenset({0, 3}))
        self.routing_title = Label("Routing", strong=True)
        self.routing = FigureTable("Target", "After (s)", "Verdict", "Why", words=frozenset({0, 2, 3}))
        chart = (self.figures, self.caption, self.chart, self.nothing)
        for widget in (*chart, self.attempts_title, self.attempts, self.routing_title, self.routing):
            scroll.column.addWidget(widget)
        scroll.column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.column.addWidget(scroll)

    def show_detail(self, detail: Detail, words: str) -> None:
        """Show when it arrived."""
        told = story(detail)
        shown = self.figures.show_value
        shown("First byte", formats.duration(told.first_byte_ms), formats.exact_duration(told.first_byte_ms))
        shown("First token", formats.duration(told.first_token_ms), formats.exact_duration(told.first_token_ms))
        silence = told.gap_ms if len(told.chunks) > 1 else None
        shown("Longest silence", formats.duration(silence), formats.exact_duration(silence))
        shown("Chunks", formats.count(len(told.chunks)))
        shown("Speed", _speed(detail), "Output tokens a second, after the first token")
        self.chart.show_story(told)
        self.chart.setVisible(bool(told.chunks))
        self.caption.setVisible(bool(told.chunks))
        self.nothing.setVisible(not told.chunks)
        several = len(detail.attempts) > 1
        self.attempts_title.setVisible(several)
        self.attempts.setVisible(several)
        self.attempts.show_rows([_attempt(one) for one in detail.attempts] if several else [])
        self.routing_title.setVisible(bool(detail.trace))
        self.routing.setVisible(bool(detail.trace))
        self.routing.show_rows([_weighed(one) for one in detail.trace])

    def forget(self) -> None:
        """Draw nothing."""
        self.chart.show_story(Story((), 1))


def _speed(detail: Detail) -> str:
    row = detail.row
    if row.first_token_ms is None or row.duration_ms is None or row.duration_ms <= row.first_token_ms:
        return formats.DASH
    rate = row.usage.output_tokens * 1000 / (row.duration_ms - row.first_token_ms)
    return f"{formats.rate(rate)}{formats.NBSP}tok/s" if rate else formats.DASH


def _attempt(one: Attempt) -> tuple[str, ...]:
    target = _target(one.provider, one.account, one.model)
    problem = formats.one_line(in_words(one.error), 160) or formats.DASH
    return (target, str(one.status or formats.DASH), f"{one.duration_ms / 1000:,.2f}", problem)


def _weighed(one: Weighed) -> tuple[str, ...]:
    target = _target(one.provider, one.account, one.model)
    why = formats.one_line(one.why, 160) or formats.DASH
    return (target, f"{one.at_ms / 1000:,.2f}", formats.one_line(one.verdict, 20), why)


def _target(provider: str, account: str, model: str) -> str:
    whose = f"{provider} ({account})" if account else provider
    return formats.one_line(f"{whose} › {model}", 80)
