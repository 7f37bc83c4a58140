"""A list that is put in order by dragging, or with Alt and the arrow keys; its items may bear a tick.

Decisions: dragging is done with plain mouse events. Qt's own lost: on Windows `QDrag.exec` holds the event loop, and
with it the proxy, for as long as somebody holds an item (doc.qt.io/qt-6/qdrag.html#exec).
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionViewItem,
)

from app.ui import theme
from app.ui.icons import symbol
from app.ui.models.listed import LISTED_ROLE, Listed, ListedModel
from app.ui.style import CAPTION, GRID, MARGIN, font
from app.ui.widgets.dot import dot
from app.ui.widgets.focus import draw_focus

Index = QModelIndex | QPersistentModelIndex
ITEM_HEIGHT = 6 * GRID
MORE_HEIGHT = 2 * GRID
"""For each further line of the note."""
GRIP, NUMBER, DOT, MARK = 14, 2 * GRID + 4, 14, 10


class _ListedDelegate(QStyledItemDelegate):
    """Grip, tick, number, dot, title, and a second line in small type."""

    def __init__(self, view: ReorderList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All of one height."""
        return QSize(0, self._view.item_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """From left to right."""
        one: Listed = index.data(LISTED_ROLE)
        area = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("selected"))
        left = area.left() + (GRID if self._view.movable else MARGIN)
        if self._view.movable:
            middle = area.center().y()
            symbol("drag-vertical", "muted").paint(painter, QRect(left - 2, middle - GRIP // 2, GRIP, GRIP))
            left += GRIP
        right = area.right() - MARGIN
        if one.ticked is not None:
            place = self._view.tick_place(area)
            _draw_tick(painter, place, option, on=one.ticked)
            if self._view.tick_right:
                right = place.left() - GRID
            else:
                left = place.right() + GRID
        if one.number:
            painter.setFont(font())
            painter.setPen(theme.color("muted"))
            place = QRect(left, area.top(), NUMBER, area.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, one.number)
            left += NUMBER + 2
        _draw_lines(painter, QRect(left, area.top(), right - left, area.height()), one)
        painter.restore()
        draw_focus(painter, option)


def _draw_lines(painter: QPainter, place: QRect, one: Listed) -> None:
    half = ITEM_HEIGHT // 2
    top = QRect(place.left(), place.top() + 4, place.width(), half - 3) if one.note else QRect(place)
    if one.color is not None:
        dot(one.color).paint(painter, QRect(top.left() - 2, top.center().y() - DOT // 2 + 1, DOT, DOT))
        top.adjust(DOT + 2, 0, 0, 0)
    painter.setFont(font(strong=True))
    painter.setPen(theme.color("text" if one.on else "muted"))
    _draw_text(painter, top, one.title)
    if not one.note:
        return
    note = QRect(top.left(), top.bottom() + 1, place.right() - top.left(), place.bottom() - top.bottom() - 4)
    if one.icon:
        icon = QRect(note.left(), note.center().y() - MARK // 2 + 1, MARK, MARK)
        symbol(one.icon, one.role).paint(painter, icon)
        note.adjust(MARK + 6, 0, 0, 0)
    painter.setFont(font(CAPTION))
    painter.setPen(theme.color("muted"))
    if note.height() < ITEM_HEIGHT // 2 + MORE_HEIGHT // 2:
        _draw_text(painter, note, one.note)
        return
    room = note.width() * (note.height() // painter.fontMetrics().height()) - NUMBER
    shown = painter.fontMetrics().elidedText(one.note, Qt.TextElideMode.ElideRight, room)
    painter.drawText(note, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, shown)


def _draw_text(painter: QPainter, place: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _draw_tick(painter: QPainter, place: QRect, option: QStyleOptionViewItem, *, on: bool) -> None:
    box = QStyleOptionButton()
    box.rect = place
    box.palette = theme.outlined(option.palette, theme.colors())
    box.state = QStyle.StateFlag.State_Enabled | (QStyle.StateFlag.State_On if on else QStyle.StateFlag.State_Off)
    QApplication.style().drawPrimitive(
        QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, option.widget
    )


class ReorderList(QListView):
    """Arrow keys select, Alt with them moves, Space ticks, Return opens, Delete asks to remove."""

    moved = Signal(int, int)
    """(from, to): the item was put there already."""
    ticked = Signal(int, bool)
    opened = Signal(int)
    remove_wanted = Signal(int)
    selected = Signal()

    def __init__(self, name: str, *, movable: bool = True, tick_right: bool = False, note_lines: int = 1) -> None:
        super().__init__()
        self.item_height = ITEM_HEIGHT + (note_lines - 1) * MORE_HEIGHT
        self.movable, self.tick_right = movable, tick_right
        self.rows = ListedModel()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_ListedDelegate(self))
        self.doubleClicked.connect(self._double_clicked)
        self.rows.modelAboutToBeReset.connect(self._remember)
        self.rows.modelReset.connect(self._recall)
        self._kept, self._kept_row = "", -1
        self._pressed: tuple[int, QPoint] | None = None
        self._target = -1
        """Between which items a dragged one would come to stand, while it is dragged."""

    @property
    def row(self) -> int:
        """The selected one; -1 where there is none."""
        return self.currentIndex().row() if self.currentIndex().isValid() else -1

    def select(self, row: int) -> None:
        """Go to an item."""
        if 0 <= row < self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(row))

    def step(self, by: int) -> None:
        """Move the selected item up (-1) or down (1)."""
        self._move(self.row, self.row + by)

    def tick_place(self, item: QRect) -> QRect:
        """Where in its item the tick is drawn."""
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
        left = item.right() - MARGIN - side if self.tick_right else item.left() + GRID + self.movable * (GRIP + 2)
        return QRect(left, item.center().y() - side // 2, side, side)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell the buttons."""
        super().currentChanged(current, previous)
        self.selected.emit()

    def _move(self, row: int, to: int) -> None:
        if self.movable and self.rows.move(row, to):
            self.select(to)
            self.scrollTo(self.rows.index(to))
            self.selected.emit()
            self.moved.emit(row, to)

    def _tick(self, row: int) -> None:
        one = self.rows.listed(row)
        if one is not None and one.ticked is not None:
            self.ticked.emit(row, not one.ticked)

    def _double_clicked(self, index: Index) -> None:
        self.opened.emit(index.row())

    def _remember(self) -> None:
        one = self.rows.listed(self.row)
        self._kept, self._kept_row = (one.key, self.row) if one is not None else ("", -1)
        self._drop()

    def _recall(self) -> None:
        """The same item, else what now stands in its place."""
        place = self.rows.place(self._kept)
        last = self.rows.rowCount() - 1
        self.select(place if place >= 0 else min(max(self._kept_row, 0), last))
        self.selected.emit()

    # keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, tick, open, remove."""
        key, row = event.key(), self.row
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if key == Qt.Key.Key_Escape and self._target >= 0:
            self._drop()
        elif key in steps and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.step(steps[Qt.Key(key)])
        elif row >= 0 and key == Qt.Key.Key_Space:
            self._tick(row)
        elif row >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row)
        elif row >= 0 and key == Qt.Key.Key_Delete:
            self.remove_wanted.emit(row)
        else:
            super().keyPressEvent(event)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A tick toggles; elsewhere a drag may begin."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        self._drop()
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            one = self.rows.listed(index.row())
            near = self.tick_place(self.visualRect(index)).adjusted(-GRID, -GRID, GRID, GRID)
            if one is not None and one.ticked is not None and near.contains(place):
                self.setCurrentIndex(index)
                self._tick(index.row())
                return
            self._pressed = (index.row(), place)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where the item would come to stand."""
        if self._pressed is None or not self.movable:
            super().mouseMoveEvent(event)
            return
        place = event.position().toPoint()
        far = (place - self._pressed[1]).manhattanLength() >= QApplication.startDragDistance()
        if self._target < 0 and not far:
            return
        self._target = self._gap(place)
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        beyond = min(place.y(), 0) or max(place.y() - self.viewport().height(), 0)
        if beyond:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + beyond)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put it down."""
        pressed, gap = self._pressed, self._target
        self._drop()
        if pressed is not None and gap >= 0:
            self._move(pressed[0], gap - 1 if gap > pressed[0] else gap)
        else:
            super().mouseReleaseEvent(event)

    def _gap(self, place: QPoint) -> int:
        top = place.y() + self.verticalScrollBar().value()
        return max(0, min(self.rows.rowCount(), round(top / self.item_height)))

    def _drop(self) -> None:
        self._pressed, self._target = None, -1
        self.unsetCursor()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The items, and a bar where the dragged one would come to stand."""
        super().paintEvent(event)
        if self._target >= 0:
            with QPainter(self.viewport()) as painter:
                top = self._target * self.item_height - self.verticalScrollBar().value()
                painter.fillRect(GRID, max(0, top - 1), self.viewport().width() - 2 * GRID, 2, theme.color("accent"))
