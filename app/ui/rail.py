"""The rail of pages at the left edge: icon and word, Ctrl+1 to Ctrl+9."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolBar, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.pages import Page
from app.ui.style import CAPTION, GRID, RAIL_WIDTH, font

_HEIGHT = 60
_ICON = 22


class RailButton(QToolButton):
    """One page."""

    def __init__(self, page: type[Page], number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(page.title)
        self.setIcon(icons.symbol(page.icon, "muted", active="accent"))
        self.setCheckable(True)
        self.setFont(font(CAPTION))
        self.setAccessibleName(page.title)
        self.setToolTip(f"{page.title} (Ctrl+{number})" if number <= 9 else page.title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The same for every page."""
        return QSize(RAIL_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bar at the edge and a tint mark the page that is shown."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = QRectF(self.rect()).adjusted(6, 2, -6, -2)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(inner, 6, 6)
        elif self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(inner, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawRoundedRect(inner.adjusted(1, 1, -1, -1), 5, 5)
        state = QIcon.State.On if self.isChecked() else QIcon.State.Off
        left = (self.width() - _ICON) // 2
        self.icon().paint(painter, left, 9, _ICON, _ICON, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Normal, state)
        painter.setPen(theme.color("text" if self.isChecked() else "muted"))
        words = QRectF(0, 9 + _ICON, self.width(), self.height() - 12 - _ICON)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())


class Rail(QToolBar):
    """All pages, one of them current."""

    chosen = Signal(int)

    def __init__(self, pages: tuple[type[Page], ...], parent: QWidget | None = None) -> None:
        super().__init__("Pages", parent)
        self.setObjectName("rail")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toggleViewAction().setEnabled(False)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, GRID, 0, GRID)
        column.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        for place, page in enumerate(pages):
            button = RailButton(page, place + 1, holder)
            self._group.addButton(button, place)
            column.addWidget(button)
        column.addStretch(1)
        holder.setFixedWidth(RAIL_WIDTH)
        self.addWidget(holder)

    def show_chosen(self, place: int) -> None:
        """Mark that page."""
        self._group.button(place).setChecked(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline to the right, no handle and no bevel."""
        painter = QPainter(self)
        painter.setPen(theme.color("line"))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk the rail."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        button = self._group.button(self._group.checkedId() + step)
        if step and button is not None:
            button.setFocus()
            button.click()
        else:
            super().keyPressEvent(event)
