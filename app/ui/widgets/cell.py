"""Cells of long tables, drawn by hand: the style's own way asks the model seven questions and takes 0.12 ms a cell.

A table of a whole window has some 250 cells and shares its thread with the proxy, so a model that can hands over all
that is drawn at once, with `CELL_ROLE`; and text that was laid out, and every mark, is kept for the next paint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QStaticText
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from app.ui import theme
from app.ui.palette import Colors
from app.ui.widgets.padded import PaddedDelegate

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
MARK = 14
GAP = 6
MOST_KEPT = 8_192
_SELECTED = QStyle.StateFlag.State_Selected.value


@dataclass(frozen=True, slots=True)
class Cell:
    """What is drawn: one line of text in the color of a role, right-aligned for figures, with a mark before it."""

    text: str
    role: str = "text"
    mark: QIcon | None = None
    right: bool = False


class CellDelegate(PaddedDelegate):
    """Draws what `CELL_ROLE` gives; where it gives nothing the style draws."""

    elide = Qt.TextElideMode.ElideMiddle
    """Where text that is too long is cut."""

    def __init__(self, parent: object) -> None:
        super().__init__(parent)
        self._colors: Colors | None = None
        self._inks: dict[str, QColor] = {}
        self._marks: dict[tuple[int, float], QPixmap] = {}
        self._texts: dict[tuple[str, int, int], tuple[QStaticText, int, int]] = {}

    def room_after(self, index: QModelIndex | QPersistentModelIndex) -> int:
        """Pixels that stay free at the right."""
        return self.right

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, mark, text."""
        cell: Any = index.data(CELL_ROLE)
        if cell is None:
            super().paint(painter, option, index)
            return
        if self._colors is not theme.colors():
            self._forget()
        place = option.rect
        if option.state.value & _SELECTED:  # flags of the enum class cost two microseconds a cell
            painter.fillRect(place, self._ink("selected"))
        left, right = place.left() + self.left(index), place.right() - self.room_after(index)
        middle = place.center().y()
        if cell.mark is not None:
            painter.drawPixmap(left, middle - MARK // 2 + 1, self._picture(cell.mark, painter))
            left += MARK + GAP
        text, width, height = self._laid_out(cell.text, right - left, option)
        painter.setPen(self._ink(cell.role))
        painter.drawStaticText(QPoint(right - width if cell.right else left, middle - height // 2 + 1), text)

    def _forget(self) -> None:
        """The theme has changed."""
        self._colors = theme.colors()
        self._inks.clear()
        self._marks.clear()

    def _ink(self, role: str) -> QColor:
        if role not in self._inks:
            self._inks[role] = theme.color(role)
        return self._inks[role]

    def _picture(self, mark: QIcon, painter: QPainter) -> QPixmap:
        asked = (mark.cacheKey(), painter.device().devicePixelRatioF())
        if asked not in self._marks:
            self._marks[asked] = mark.pixmap(QSize(MARK, MARK), asked[1])
        return self._marks[asked]

    def _laid_out(self, text: str, width: int, option: QStyleOptionViewItem) -> tuple[QStaticText, int, int]:
        """The text, cut where it is too long, with its width and height in pixels."""
        metrics = option.fontMetrics
        asked = (text, width, metrics.height())
        if asked not in self._texts:
            if len(self._texts) > MOST_KEPT:
                self._texts.clear()
            made = QStaticText(metrics.elidedText(text, self.elide, max(0, width)))
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            made.prepare(font=option.font)
            size = made.size()
            self._texts[asked] = (made, round(size.width()), round(size.height()))
        return self._texts[asked]
