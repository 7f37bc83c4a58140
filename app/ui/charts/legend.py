"""The row above a plot: what each series is, its value under the cursor or now, and whether it is shown."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from app.ui import theme
from app.ui.style import CAPTION, GRID, Label, font, plain_tooltip

_SWATCH = 10
_GAP = 6


class Shape(StrEnum):
    """How a series is drawn, repeated in its legend: never told by color alone."""

    AREA = "area"
    DOT = "dot"
    RING = "ring"
    CROSS = "cross"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart."""

    key: str
    label: str
    shape: Shape
    role: str = ""
    """The palette's role that colors it, or empty for a provider's color."""
    number: int = 0
    """Of the provider's color."""
    widest: str = ""
    """The longest value it is expected to show, so that the row does not jump."""

    def color(self) -> QColor:
        """Its color in the theme that holds now."""
        return theme.color(self.role) if self.role else theme.series(self.number)


class LegendEntry(QAbstractButton):
    """One series: swatch, name, value; a click hides or shows it."""

    def __init__(self, series: Series, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series = series
        self.value = ""
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(series.label)
        self.setAccessibleName(f"Show {series.label}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(f"{series.label}: click to hide or show")

    def set_value(self, value: str) -> None:
        """Show a value beside the name."""
        if value != self.value:
            self.value = value
            self.updateGeometry()
            self.update()

    def _fonts(self) -> tuple[QFont, QFont]:
        return font(CAPTION), font(CAPTION, strong=True)

    def sizeHint(self) -> QSize:
        """As wide as the widest value."""
        plain, strong = self._fonts()
        metrics = QFontMetrics(strong)
        value = max(metrics.horizontalAdvance(self.value), metrics.horizontalAdvance(self.series.widest))
        width = _SWATCH + _GAP + QFontMetrics(plain).horizontalAdvance(self.text())
        return QSize(width + (_GAP + value if value else 0) + 4, max(20, QFontMetrics(plain).height() + 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Swatch, name, value."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        _draw_shape(painter, QPointF(2 + _SWATCH / 2, middle), self.series, on=self.isChecked())
        plain, strong = self._fonts()
        left = 2 + _SWATCH + _GAP
        painter.setFont(plain)
        painter.setPen(theme.color("muted"))
        if not self.isChecked():
            struck = QFont(plain)
            struck.setStrikeOut(True)
            painter.setFont(struck)
        text_width = QFontMetrics(plain).horizontalAdvance(self.text())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, 0, text_width + 2, self.height()), align, self.text())
        if self.isChecked() and self.value:
            painter.setFont(strong)
            painter.setPen(theme.color("text"))
            rest = QRectF(left + text_width + _GAP, 0, self.width(), self.height())
            painter.drawText(rest, align, self.value)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def _draw_shape(painter: QPainter, at: QPointF, series: Series, *, on: bool) -> None:
    color = series.color() if on else theme.color("line")
    half = _SWATCH / 2
    painter.setPen(QPen(color, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match series.shape:
        case Shape.AREA:
            painter.fillRect(QRectF(at.x() - half, at.y() - half + 1, _SWATCH, _SWATCH - 2), color)
        case Shape.DOT:
            painter.setBrush(color)
            painter.drawEllipse(at, 2.6, 2.6)
        case Shape.RING:
            painter.drawEllipse(at, 3.2, 3.2)
        case Shape.CROSS:
            painter.drawLine(QPointF(at.x() - 3, at.y() - 3), QPointF(at.x() + 3, at.y() + 3))
            painter.drawLine(QPointF(at.x() - 3, at.y() + 3), QPointF(at.x() + 3, at.y() - 3))
        case Shape.LINE:
            painter.drawLine(QPointF(at.x() - half, at.y()), QPointF(at.x() + half, at.y()))


class Legend(QWidget):
    """All series of a chart in a row, and the moment they are read at."""

    switched = Signal()

    def __init__(self, series: tuple[Series, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * GRID)
        self._moment = Label(scale=CAPTION, role="muted")
        self._rest = Label(scale=CAPTION, role="muted")
        self._row.addWidget(self._rest)
        self._row.addStretch(1)
        self._row.addWidget(self._moment)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._entries: list[LegendEntry] = []
        self.set_series(series)

    def set_series(self, series: tuple[Series, ...]) -> None:
        """Show these series; one that was hidden before stays so."""
        if [entry.series for entry in self._entries] == list(series):
            return
        hidden = {entry.series.key for entry in self._entries if not entry.isChecked()}
        for entry in self._entries:
            self._row.removeWidget(entry)
            entry.deleteLater()
        self._entries = [LegendEntry(one, self) for one in series]
        for place, entry in enumerate(self._entries):
            entry.setChecked(entry.series.key not in hidden)
            entry.toggled.connect(self.switched)
            self._row.insertWidget(place, entry)
        self._fit()

    def _fit(self) -> None:
        """Show as many entries as there is room for; the others are counted, and named in a tooltip."""
        gap = self._row.spacing()
        room = self.width() - (self._moment.sizeHint().width() + gap if self._moment.text() else 0)
        widths = [entry.sizeHint().width() + gap for entry in self._entries]
        shown = len(widths)
        if sum(widths) > room:
            room -= self._rest.fontMetrics().horizontalAdvance("+88") + gap
            shown = sum(total <= room for total in itertools.accumulate(widths))
        for place, entry in enumerate(self._entries):
            entry.setVisible(place < shown)
        left_out = [entry.text() for entry in self._entries[shown:]]
        self._rest.setText(f"+{len(left_out)}" if left_out else "")
        self._rest.setToolTip(plain_tooltip("\n".join(left_out)))
        self._rest.setVisible(bool(left_out))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room."""
        super().resizeEvent(event)
        self._fit()

    def on(self, key: str) -> bool:
        """Whether that series is to be drawn."""
        return all(entry.isChecked() for entry in self._entries if entry.series.key == key)

    def on_keys(self) -> tuple[str, ...]:
        """The series that are to be drawn."""
        return tuple(entry.series.key for entry in self._entries if entry.isChecked())

    def read(self, values: dict[str, str], moment: str = "") -> None:
        """Show the values of a moment; an empty moment means now."""
        for entry in self._entries:
            entry.set_value(values.get(entry.series.key, ""))
        if self._moment.text() != moment:
            self._moment.setText(moment)
        self._fit()
