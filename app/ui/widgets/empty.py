"""What a page shows where there is nothing yet: what will be here, and the action that fills it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.icons import symbol
from app.ui.style import GRID, MARGIN, Label

WIDTH = 56 * GRID
MARK = 40


class Empty(QWidget):
    """A mark, a headline, a sentence and at most two buttons, in the middle of the space."""

    def __init__(self, icon: str, *, width: int = WIDTH) -> None:
        super().__init__()
        self._width = width
        self._icon = symbol(icon, "muted")
        self._mark = QLabel()
        self._mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = Label(strong=True, scale=1.2)
        self._text = Label(role="muted", wrap=True)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setFixedWidth(width)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(GRID)
        layout.addStretch(2)
        layout.addWidget(self._mark)
        layout.addWidget(self._title)
        layout.addWidget(self._text, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(GRID)
        layout.addLayout(self._buttons)
        layout.addStretch(3)

    def say(self, title: str, text: str, *actions: tuple[str, Callable[[], None]]) -> None:
        """Show these words and these (label, what to do) buttons, the first one the most likely."""
        self._title.setText(title)
        self._text.setText(text)
        # A layout that centres a wrapped label gives it the height of its longest word's line.
        self._text.setFixedHeight(self._text.heightForWidth(self._width))
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._buttons.addStretch(1)
        for label, action in actions:
            button = QPushButton(label)
            button.clicked.connect(lambda _checked=False, action=action: action())
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._draw()

    def minimumSizeHint(self) -> QSize:
        """Without the mark, which goes where there is no room for it."""
        least: QSize = super().minimumSizeHint()
        return least - QSize(0, MARK + GRID) if self._mark.isVisibleTo(self) else least

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words and buttons come before the mark."""
        super().resizeEvent(event)
        self._mark.setVisible(self.height() >= self.minimumSizeHint().height() + MARK + GRID)

    def _draw(self) -> None:
        self._mark.setPixmap(self._icon.pixmap(QSize(MARK, MARK), self.devicePixelRatioF()))

    def changeEvent(self, event: object) -> None:
        """Follow the theme."""
        super().changeEvent(event)  # type: ignore[arg-type]
        if event.type() == event.Type.PaletteChange:  # type: ignore[attr-defined]
            self._draw()
