"""A picture beside tabs; where there is no room for both, the picture is the first of the tabs."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QTabWidget, QWidget

from app.ui.style import Hairline


class Halves(QSplitter):
    """`widths` are what picture and tabs want, in pixels; the user moves what is between them."""

    def __init__(self, picture: QWidget, title: str, tabs: QTabWidget, widths: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._picture, self._title, self._tabs = picture, title, tabs
        self._room = sum(widths)
        self._narrow = False
        self._wide_state = QByteArray()
        right = QWidget()
        line = QHBoxLayout(right)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self._line = Hairline(vertical=True)
        line.addWidget(self._line)
        line.addWidget(tabs, 1)
        picture.setMinimumWidth(widths[0])
        right.setMinimumWidth(widths[1] * 3 // 4)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(picture)
        self.addWidget(right)
        self.setStretchFactor(0, 1)
        self.setSizes([widths[1] * 5 // 3, widths[1]])

    @property
    def is_narrow(self) -> bool:
        """Whether the picture is a tab."""
        return self._narrow

    def state(self) -> bytes:
        """Where they meet, while they are beside one another."""
        return bytes((self._wide_state if self._narrow else self.saveState()).data())

    def restore(self, state: bytes) -> None:
        """Put them back; Qt refuses what is none."""
        self._wide_state = QByteArray(state)
        if not self._narrow:
            self.restoreState(self._wide_state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Change what is where when the room does."""
        narrow = event.size().width() < self._room
        if narrow is not self._narrow:
            self._narrow = narrow
            self._join() if narrow else self._part()
        super().resizeEvent(event)

    def _join(self) -> None:
        self._wide_state = self.saveState()
        self._tabs.insertTab(0, self._picture, self._title)
        self._tabs.setCurrentIndex(0)
        self._line.hide()

    def _part(self) -> None:
        self._tabs.removeTab(self._tabs.indexOf(self._picture))
        self.insertWidget(0, self._picture)
        self.setStretchFactor(0, 1)
        self._picture.show()
        self._line.show()
        self.restoreState(self._wide_state)
