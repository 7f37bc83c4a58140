"""The table of client keys: a table of rows whose last column is a bar with its words."""

from __future__ import annotations

import heapq

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem

from app.ui import theme
from app.ui.models.client_keys import BAR_ROLE, BUDGET, ELASTIC, NAME, TAGS, USED, WIDTHS, Bar, KeyModel
from app.ui.style import GRID, MARGIN
from app.ui.widgets.budget_bar import HEIGHT, OVERHANG, draw_bar
from app.ui.widgets.cell import CellDelegate
from app.ui.widgets.table import Table

Index = QModelIndex | QPersistentModelIndex
BAR_WIDTH = 8 * GRID
MEASURED = 20
"""So many of the longest names are measured for the width of their column."""


class _BarDelegate(CellDelegate):
    """A bar of one width, so that bars compare, and the words beside it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, bar, text; the plain cell where there is no budget."""
        bar: Bar | None = index.data(BAR_ROLE)
        if bar is None:
            super().paint(painter, option, index)
            return
        area = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("selected"))
        height = HEIGHT + 2 * OVERHANG
        place = QRect(area.left() + GRID, area.center().y() - height // 2 + 1, BAR_WIDTH, height)
        draw_bar(painter, place, bar.shares)
        words = area.adjusted(2 * GRID + BAR_WIDTH, 0, -GRID, 0)
        painter.setFont(option.font)
        role = bar.shares.role
        painter.setPen(theme.color(role if role in ("error", "warning") else "text"))
        text = option.fontMetrics.elidedText(bar.text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class KeyTable(Table):
    """Return, F2 and a double click edit; Delete revokes."""

    remove_wanted = Signal()

    def __init__(self, model: KeyModel) -> None:
        super().__init__("Client keys", WIDTHS)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        rows = self.itemDelegate()
        if isinstance(rows, CellDelegate):
            rows.elide = Qt.TextElideMode.ElideRight
        self.setModel(model)
        self.setItemDelegateForColumn(BUDGET, _BarDelegate(self))
        self.set_up(ELASTIC)
        self.named_by_hand = False
        """Somebody has chosen the width of the names; until then they take what they need and is there."""
        self._stretching = False
        self.horizontalHeader().sectionResized.connect(self._resized)
        model.modelReset.connect(self._stretch)

    def _resized(self, column: int, _before: int, _now: int) -> None:
        self.named_by_hand |= column == NAME and not self._stretching

    def _stretch(self) -> None:
        """Room that is left over goes to names that are cut, what then is left to the elastic column."""
        if hasattr(self, "named_by_hand") and not self.named_by_hand:
            others = sum(self.columnWidth(column) for column in range(len(WIDTHS)) if column not in (NAME, ELASTIC))
            room = self.viewport().width() - others - WIDTHS[ELASTIC]
            self._stretching = True
            self.setColumnWidth(NAME, max(WIDTHS[NAME], min(self._longest_name(), room)))
            self._stretching = False
        super()._stretch()

    def _longest_name(self) -> int:
        names = (str(self.model().index(row, NAME).data()) for row in range(self.model().rowCount()))
        some = heapq.nlargest(MEASURED, names, key=len)
        return max(map(self.fontMetrics().horizontalAdvance, some), default=0) + MARGIN + 2 * GRID

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for all columns, tags are the first to go: the foot of the page has them."""
        missing = sum(WIDTHS) - event.size().width()
        self.setColumnHidden(TAGS, missing > 0)
        self.setColumnHidden(USED, missing > WIDTHS[TAGS])
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What can be done with the selected key."""
        if not self.currentIndex().isValid():
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_F2:
            self.opened.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)
