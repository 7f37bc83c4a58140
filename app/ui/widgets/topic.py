"""A button for one of a few topics: the one that is shown stands out in both themes, by ground and weight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton

from app.ui import theme
from app.ui.style import font


class TopicButton(QPushButton):
    """Checkable. The style's own mark of a checked button can hardly be seen on a dark page."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._inside = False
        self.setCheckable(True)
        self.toggled.connect(lambda _on: self._dress())
        self._dress()

    def sizeHint(self) -> QSize:
        """The same whether it is checked or not, so that nothing moves."""
        size, words = super().sizeHint(), self.text()
        strong = QPushButton(words)
        strong.setFont(font(strong=True))
        return size.expandedTo(strong.sizeHint())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and not self._inside:
            self._dress()

    def _dress(self) -> None:
        self._inside = True
        palette = QPalette()
        if self.isChecked():
            palette.setColor(QPalette.ColorRole.Button, theme.color("selected"))
            palette.setColor(QPalette.ColorRole.ButtonText, theme.color("accent"))
        self.setPalette(palette)
        self.setFont(font(strong=self.isChecked()))
        self._inside = False
