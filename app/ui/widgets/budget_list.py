"""The list of budgets: whose use, a bar, the amount with its unit, when it begins anew, and what needs attention."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.ui import theme
from app.ui.budget_words import Line
from app.ui.icons import symbol
from app.ui.models.budgets import LINE_ROLE
from app.ui.style import CAPTION, GRID, MARGIN, font
from app.ui.widgets.budget_bar import HEIGHT, OVERHANG, draw_bar

Index = QModelIndex | QPersistentModelIndex
MARK = 14
_GAP = GRID // 2


class _BudgetDelegate(QStyledItemDelegate):
    """Title and amount, the bar below them over the whole width, then facts, then what needs attention."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self.measure(parent.fontMetrics().height())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Higher where there is an alert to show."""
        line: Line | None = index.data(LINE_ROLE)
        return self._high if line is not None and line.alert else self._low

    def measure(self, height: int) -> None:
        """Keep how high rows are with text of that height: Qt asks for every row whenever one has changed."""
        base = 2 * MARGIN - GRID + height + HEIGHT + 2 * OVERHANG
        self._low, self._high = QSize(0, base + height + _GAP), QSize(0, base + 2 * (height + _GAP))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: Line | None = index.data(LINE_ROLE)
        if line is None:
            return
        whole = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, theme.color("selected"))
        painter.fillRect(whole.left() + MARGIN, whole.bottom(), whole.width() - 2 * MARGIN, 1, theme.color("line"))
        area = whole.adjusted(MARGIN, MARGIN - _GAP, -MARGIN, 0)
        height = painter.fontMetrics().height()
        top = QRect(area.left(), area.top(), area.width(), height)
        self._draw_pair(painter, top, line.title, line.amount, strong=True)
        bar = QRect(area.left(), top.bottom() + _GAP, area.width(), HEIGHT + 2 * OVERHANG)
        draw_bar(painter, bar, line.shares)
        facts = QRect(area.left(), bar.bottom() + _GAP, area.width(), height)
        self._draw_pair(painter, facts, line.facts, line.manner, strong=False)
        if line.alert:
            self._draw_alert(painter, facts.translated(0, height + _GAP), line)
        painter.restore()

    def _draw_pair(self, painter: QPainter, place: QRect, left: str, right: str, *, strong: bool) -> None:
        """Words at the left, cut where they are too long; at the right what must be whole."""
        painter.setFont(font(strong=strong) if strong else font(CAPTION))
        painter.setPen(theme.color("text" if strong else "muted"))
        metrics = painter.fontMetrics()
        room = place.width() - metrics.horizontalAdvance(right) - 2 * GRID
        painter.drawText(place, _RIGHT, right)
        shown = metrics.elidedText(left, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(place, _LEFT, shown)

    def _draw_alert(self, painter: QPainter, place: QRect, line: Line) -> None:
        icon = "alert-octagon" if line.alert_role == "error" else "alert"
        symbol(icon, line.alert_role).paint(
            painter, QRect(place.left(), place.center().y() - MARK // 2 + 1, MARK, MARK)
        )
        painter.setFont(font(CAPTION))
        painter.setPen(theme.color(line.alert_role))
        words = place.adjusted(MARK + GRID - 2, 0, 0, 0)
        shown = painter.fontMetrics().elidedText(line.alert, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, _LEFT, shown)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BudgetList(QListView):
    """Arrow keys select; Return, F2 and a double click edit, Delete removes."""

    edit_wanted = Signal()
    remove_wanted = Signal()
    selected = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Budgets")
        self.setFont(font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._delegate = _BudgetDelegate(self)
        self.setItemDelegate(self._delegate)
        self.doubleClicked.connect(lambda _index: self.edit_wanted.emit())

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell whoever offers what can be done with it."""
        super().currentChanged(current, previous)
        self.selected.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut texts anew."""
        super().resizeEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What can be done with the selected one."""
        wanted = {
            Qt.Key.Key_Return: self.edit_wanted,
            Qt.Key.Key_Enter: self.edit_wanted,
            Qt.Key.Key_F2: self.edit_wanted,
            Qt.Key.Key_Delete: self.remove_wanted,
        }.get(Qt.Key(event.key()))
        if wanted is not None and self.currentIndex().isValid():
            wanted.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another size of type: lay out anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_delegate"):
            self._delegate.measure(self.fontMetrics().height())
            self.scheduleDelayedItemsLayout()
