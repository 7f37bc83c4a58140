"""A table of rows to read: whole rows are selected, the view holds still when rows arrive, widths are remembered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableView,
)

from app.ui import theme
from app.ui.style import GRID, MARGIN, ROW_HEIGHT, font
from app.ui.widgets.cell import MARK, CellDelegate

ScrollHint = QAbstractItemView.ScrollHint


class _RowDelegate(CellDelegate):
    """The first and the last column stand in line with what is above the table."""

    last = -1
    """The column at the right edge."""

    def room_after(self, index: QModelIndex | QPersistentModelIndex) -> int:
        return MARGIN if index.column() == self.last else GRID

    def left(self, index: QModelIndex | QPersistentModelIndex) -> int:
        return GRID if index.column() else MARGIN


class FlatHeader(QHeaderView):
    """Flat titles on the color of the page with one hairline below; the system's own header draws boxes."""

    def __init__(self, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsMovable(True)
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(6 * GRID)
        self.setFixedHeight(ROW_HEIGHT)
        self.setFont(font(0.9))
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    first_left = GRID
    last = -1
    """The column at the right edge, which keeps as much room as the first one has."""

    def left(self, section: int) -> int:
        """Room before the title."""
        return GRID if section else self.first_left

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """A title, aligned like its column."""
        painter.fillRect(rect, theme.color("base"))
        align = self.model().headerData(logicalIndex, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        title = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal))
        place = rect.adjusted(self.left(logicalIndex), 0, -MARGIN if logicalIndex == self.last else -GRID, 0)
        painter.setPen(theme.color("muted"))
        shown = self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, align or Qt.AlignmentFlag.AlignLeft, shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The titles and the line below them."""
        super().paintEvent(event)
        with QPainter(self.viewport()) as painter:
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))


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
        self._rows = _RowDelegate(self)
        self.setItemDelegate(self._rows)
        self.setIconSize(QSize(MARK, MARK))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # of "asked → sent" both ends say something
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
        self._titles = FlatHeader(self)
        self._titles.first_left = MARGIN
        self.setHorizontalHeader(self._titles)
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    def set_up(self, elastic: int) -> None:
        """Call once the model is set: the first widths, and which column takes the space that is left over."""
        self._elastic = elastic
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what space is left over to the elastic column."""
        super().resizeEvent(event)
        self._stretch()

    def set_hidden(self, column: int, *, hidden: bool) -> None:
        """Hide a column while space is scarce."""
        self.setColumnHidden(column, hidden)
        self._stretch()

    def _stretch(self) -> None:
        shown = [column for column in range(len(self._widths)) if not self.isColumnHidden(column)]
        self._rows.last = self._titles.last = max(shown, key=self._titles.visualIndex, default=-1)
        others = sum(self.columnWidth(column) for column in range(len(self._widths)) if column != self._elastic)
        self.setColumnWidth(self._elastic, max(self._widths[self._elastic], self.viewport().width() - others))

    def selected_rows(self) -> list[int]:
        """The selected rows from top to bottom."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def rowsInserted(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        """Hold what is read in its place when rows arrive above it; at the very top the newest are what is read."""
        bar = self.verticalScrollBar()
        at, held = bar.value(), self.selectionModel().hasSelection()
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
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers():
            self._to_edge(last=event.key() == Qt.Key.Key_End)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def _to_edge(self, *, last: bool) -> None:
        """To the first or the last row: Qt would go to the first or the last column, which no row is read by."""
        rows = self.model().rowCount()
        if rows:
            column = self.columnAt(0)
            self.setCurrentIndex(self.model().index(rows - 1 if last else 0, max(0, column)))

    def scrollTo(self, index: QModelIndex | QPersistentModelIndex, hint: ScrollHint = ScrollHint.EnsureVisible) -> None:
        """Up and down only: a row is selected as a whole, and its first columns say which one it is."""
        bar = self.horizontalScrollBar()
        at = bar.value()
        super().scrollTo(index, hint)
        bar.setValue(at)

    def save(self) -> bytes:
        """Widths and order of the columns."""
        return bytes(self.horizontalHeader().saveState().data())

    def restore(self, state: bytes) -> None:
        """What `save` gave; a state of other columns is left alone."""
        header = self.horizontalHeader()
        before, columns = header.saveState(), header.count()
        if not header.restoreState(QByteArray(state)) or header.count() != columns:
            header.restoreState(before)
        for column in range(columns):
            header.setSectionHidden(column, False)
