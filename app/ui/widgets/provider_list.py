"""The list of providers: which one is active, how each does, where its key is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.domain.status import ProviderStatus
from app.ui import formats, theme
from app.ui.icons import symbol
from app.ui.models.providers import HEALTH_MARKS, STATUS_ROLE, key_words
from app.ui.style import CAPTION, GRID, MARGIN, font
from app.ui.widgets.dot import dot
from app.ui.widgets.focus import draw_focus

Index = QModelIndex | QPersistentModelIndex
ITEM_HEIGHT = 7 * GRID
RADIO = 2 * GRID + 2
MARK = 10
DOT = 14


class _ProviderDelegate(QStyledItemDelegate):
    """Radio, name in bold with its color, and below it health and key in words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ITEM_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one: ProviderStatus = index.data(STATUS_ROLE)
        area = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("selected"))
        self._draw_radio(painter, area, one)
        left = area.left() + MARGIN + RADIO + GRID + GRID // 2
        top = QRect(left, area.top() + GRID, area.right() - left - GRID, 3 * GRID - 4)
        painter.setFont(font(strong=True))
        painter.setPen(theme.color("text"))
        dot(one.color).paint(painter, QRect(left - 2, top.center().y() - DOT // 2 + 1, DOT, DOT))
        words = top.adjusted(MARK + GRID - 2, 0, 0, 0)
        name = painter.fontMetrics().elidedText(formats.one_line(one.name), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
        self._draw_caption(painter, QRect(left, top.bottom() + 1, top.width(), 2 * GRID + 2), one)
        painter.restore()
        draw_focus(painter, option)

    def _draw_radio(self, painter: QPainter, item: QRect, one: ProviderStatus) -> None:
        """Drawn by us: the style's own radio cannot be seen on a dark page."""
        icon = symbol("radiobox-marked", "accent") if one.active else symbol("radiobox-blank", "muted")
        icon.paint(painter, radio_place(item))

    def _draw_caption(self, painter: QPainter, place: QRect, one: ProviderStatus) -> None:
        icon, role = HEALTH_MARKS[one.health]
        mark = QRect(place.left(), place.center().y() - MARK // 2 + 1, MARK, MARK)
        symbol(icon, role).paint(painter, mark)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.color("muted"))
        words = place.adjusted(MARK + GRID - 2, 0, 0, 0)
        text = formats.one_line(f"{one.vendor_label}  ·  {key_words(one)}")
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click on the radio makes the provider the active one."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            near = radio_place(option.rect).adjusted(-GRID, -GRID, GRID, GRID)
            view = self.parent()
            if near.contains(event.position().toPoint()) and isinstance(view, ProviderList):
                view.use_wanted.emit(str(index.data()))
                return True
        return False


def radio_place(item: QRect) -> QRect:
    """Where in its item the radio is drawn."""
    return QRect(item.left() + MARGIN, item.center().y() - RADIO // 2, RADIO, RADIO)


class ProviderList(QListView):
    """Arrow keys select, Space or the radio makes active."""

    use_wanted = Signal(str)
    selected = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Providers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_ProviderDelegate(self))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell whoever shows the details."""
        super().currentChanged(current, previous)
        self.selected.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space uses what is selected."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.use_wanted.emit(str(self.currentIndex().data()))
        else:
            super().keyPressEvent(event)
