"""Drawing of items with room beside their text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionButton, QStyleOptionViewItem

from app.ui import theme
from app.ui.style import GRID
from app.ui.widgets.focus import draw_focus

Index = QModelIndex | QPersistentModelIndex
STYLE_MARGIN = 3
"""What the style leaves beside the text by itself."""


class PaddedDelegate(QStyledItemDelegate):
    """Leaves `left` and `right` pixels free; the frame of the focus goes around the whole item."""

    def __init__(self, parent: object, left: int = GRID, right: int = GRID) -> None:
        super().__init__(parent)  # type: ignore[arg-type]
        self._left, self.right = left, right

    def left(self, index: Index) -> int:
        """Room before the text of this item."""
        return self._left

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Fill the whole item, then let the style draw the text in what is left of it."""
        whole, framed = QRect(option.rect), QStyleOptionViewItem(option)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, theme.color("selected"))
        option.rect = whole.adjusted(self.left(index) - STYLE_MARGIN, 0, STYLE_MARGIN - self.right, 0)
        super().paint(painter, option, index)
        draw_focus(painter, framed)


class TickDelegate(PaddedDelegate):
    """A tick in the middle of its cell; a click anywhere in the cell toggles it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell's ground and a check box."""
        checked = index.data(Qt.ItemDataRole.CheckStateRole)
        if checked is None:
            super().paint(painter, option, index)
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.color("selected"))
        style = QApplication.style()
        box = QStyleOptionButton()
        side = style.pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
        place = QRect(0, 0, side, side)
        place.moveCenter(option.rect.center())
        box.rect = place
        box.palette = theme.outlined(option.palette, theme.colors())
        on = Qt.CheckState(checked) is Qt.CheckState.Checked
        box.state = QStyle.StateFlag.State_Enabled | (QStyle.StateFlag.State_On if on else QStyle.StateFlag.State_Off)
        style.drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, option.widget)
        draw_focus(painter, option)

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click, or Space on the cell."""
        checked = index.data(Qt.ItemDataRole.CheckStateRole)
        if checked is None:
            return False
        clicked = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease
        pressed = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space  # type: ignore[attr-defined]
        if not clicked and not pressed:
            return False
        on = Qt.CheckState(checked) is Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
        return bool(model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole))  # type: ignore[attr-defined]
