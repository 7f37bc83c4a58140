"""A plot without pyqtgraph's own manners: no menu, no zoom; fixed ranges, our ticks and colors, a cursor to read by."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPen, QResizeEvent

from app.ui import theme
from app.ui.charts.axes import Ticks
from app.ui.style import CAPTION, Label, font, on_base

LEFT_WIDTH, BOTTOM_HEIGHT = 56, 26
_LABEL_PX = 9
"""Half the height of a label."""
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


def pen(role: str) -> QPen:
    """A line of the one width that is cheap to draw."""
    made: QPen = pg.mkPen(theme.color(role), width=1)
    return made


class Canvas(pg.PlotWidget):
    """Ranges and ticks are set by `frame`; the mouse and the arrow keys move the cursor."""

    pointed = Signal(object)
    """x under the cursor, or None where there is no cursor."""
    stepped = Signal(int)
    """An arrow key: -1 or 1."""
    clicked = Signal(float, float)

    def __init__(self) -> None:
        axes = {"left": pg.AxisItem("left"), "bottom": pg.AxisItem("bottom")}
        super().__init__(axisItems=axes, enableMenu=False)  # one that is made and never shown takes 3 ms
        self._ticks: dict[str, Ticks] = {}
        self.setAntialiasing(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(self.Shape.NoFrame)
        item = self.getPlotItem()
        item.hideButtons()
        item.disableAutoRange()
        item.setMouseEnabled(x=False, y=False)
        item.setContentsMargins(0, 2, 12, 0)
        item.getAxis("left").setWidth(LEFT_WIDTH)
        item.getAxis("bottom").setHeight(BOTTOM_HEIGHT)
        self.cursor_line = pg.InfiniteLine(angle=90, movable=False)
        self.cursor_line.setVisible(False)
        self.cursor_line.setZValue(20)
        item.addItem(self.cursor_line, ignoreBounds=True)
        self._words = Label(role="muted", parent=self)
        self._words.setContentsMargins(8, 4, 8, 4)
        on_base(self._words)
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words.hide()
        self.recolor()

    def say(self, text: str) -> None:
        """Words in the middle of a plot that has nothing to show; empty takes them away."""
        if text != self._words.text():
            self._words.setText(text)
            self._place_words()
        self._words.setVisible(bool(text))

    def _place_words(self) -> None:
        self._words.adjustSize()
        plot = QRect(LEFT_WIDTH, 0, self.width() - LEFT_WIDTH, self.height() - BOTTOM_HEIGHT)
        place = self._words.rect()
        place.moveCenter(plot.center())
        self._words.setGeometry(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words stay in the middle."""
        super().resizeEvent(event)
        if hasattr(self, "_words"):
            self._place_words()

    def recolor(self) -> None:
        """Take the colors that hold now."""
        self.setBackground(theme.color("base"))
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(None)
            axis.setTickPen(pen("line"))
            axis.setTextPen(theme.color("muted"))
            axis.setStyle(tickFont=font(CAPTION), tickLength=0, tickTextOffset=6 if side == "left" else 2)
            axis.setStyle(tickAlpha=255 if side == "left" else 0)
            axis.setZValue(-1000)  # the grid belongs below what is plotted
        self.getPlotItem().getAxis("left").setGrid(255)
        self.cursor_line.setPen(pen("muted"))

    def frame(self, left: float, right: float, low: float, high: float) -> None:
        """Show this part of the plane, and so much more that the labels of both ends have room."""
        room = (high - low) * _LABEL_PX / max(4 * _LABEL_PX, self.height() - BOTTOM_HEIGHT)
        low, high = low - room, high + room
        self.getPlotItem().vb.setRange(xRange=(left, right), yRange=(low, high), padding=0, disableAutoRange=True)

    def ticks(self, side: str, ticks: Ticks) -> None:
        """Set the ticks of an axis, if they are others than before; those of a low plot are thinned out."""
        if side == "left":
            room = max(1, (self.height() - BOTTOM_HEIGHT) // (2 * _LABEL_PX))
            ticks = ticks[:: math.ceil((len(ticks) - 1) / room) or 1]
        if self._ticks.get(side) != ticks:
            self._ticks[side] = ticks
            self.getPlotItem().getAxis(side).setTicks([ticks])

    def point_at(self, x: float | None) -> None:
        """Move the cursor line, or take it away."""
        self.cursor_line.setVisible(x is not None)
        if x is not None:
            self.cursor_line.setPos(x)

    def _x_y(self, event: QMouseEvent) -> tuple[float, float]:
        point: Any = self.getPlotItem().vb.mapSceneToView(self.mapToScene(event.position().toPoint()))
        return point.x(), point.y()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read at the mouse; pyqtgraph's own hover machinery is not wanted, it costs 1 ms for each move."""
        self.pointed.emit(self._x_y(event)[0])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click leads to what is behind the point."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(*self._x_y(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing is dragged here."""

    def leaveEvent(self, event: QEvent) -> None:
        """No cursor any more."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def wheelEvent(self, event: Any) -> None:
        """Nothing is zoomed here; the page may scroll."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, Escape takes it away."""
        step = _KEYS.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped.emit(step)
        elif event.key() == Qt.Key.Key_Escape and self.cursor_line.isVisible():
            self.pointed.emit(None)
        else:
            event.ignore()
