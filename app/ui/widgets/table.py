"""A table of rows to read: whole rows are selected, the view holds still when rows arrive, widths are remembered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.ui.style import ROW_HEIGHT, font

MARK = 14


class _RowDelegate(QStyledItemDelegate):
    """Draws no focus frame round single cells: the row is what has the focus."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        option.state &= ~QStyle.StateFlag.State_HasFocus
        super().paint(painter, option, index)


class Table(QTableView):
    """The look and manners of every long table."""

    current_changed = Signal()
    """Another row is read now, or none: see `currentIndex`."""
    opened = Signal()
    """Return or a double click on the current row."""
    copy_wanted = Signal()

    def __init__(self, name: str, widths: Sequence[int]) -> None:
        super().__init__()
        self._widths, self._elastic = tuple(widths), 0
        self.setAccessibleName(name)
        self.setFont(font())
        self.setItemDelegate(_RowDelegate(self))
        self.setIconSize(QSize(MARK, MARK))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsMovable(True)
        columns.setStretchLastSection(False)
        columns.setFixedHeight(ROW_HEIGHT)
        columns.setMinimumSectionSize(40)
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    def set_up(self, elastic: int) -> None:
        """Call once the model is set: the first widths, and which column takes the space that is left over."""
        self._elastic = elastic
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what space is left over to the elastic column."""
        super().resizeEvent(event)
        others = sum(self.columnWidth(column) for column in range(len(self._widths)) if column != self._elastic)
        self.setColumnWidth(self._elastic, max(self._widths[self._elastic], self.viewport().width() - others))

    def selected_rows(self) -> list[int]:
        """The selected rows from top to bottom."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def rowsInserted(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        """Hold what is read in its place when rows arrive above it; at the very top the newest are what is read."""
        bar = self.verticalScrollBar()
        at, held = bar.value(), self.currentIndex().isValid()
        above = start * ROW_HEIGHT < at or (start == 0 and held)
        super().rowsInserted(parent, start, end)
        if above and start * ROW_HEIGHT <= at:
            self.updateGeometries()
            bar.setValue(at + (end - start + 1) * ROW_HEIGHT)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Tell whoever shows the details."""
        super().currentChanged(current, previous)
        self.current_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens, Ctrl+C copies rows and not one cell."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def save(self) -> bytes:
        """Widths and order of the columns."""
        return bytes(self.horizontalHeader().saveState().data())

    def restore(self, state: bytes) -> None:
        """What `save` gave; a state of other columns is left alone."""
        header = self.horizontalHeader()
        before, columns = header.saveState(), header.count()
        if not header.restoreState(QByteArray(state)) or header.count() != columns or header.hiddenSectionCount():
            header.restoreState(before)
