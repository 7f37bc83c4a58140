"""Content that scrolls where the window is small, on the color of pages."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.ui.style import MARGIN, on_base


class Scroll(QScrollArea):
    """Add widgets to `column`; `width` keeps lines readable on a wide window."""

    def __init__(self, *, width: int = 0, margin: int = MARGIN, centered: bool = False) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        on_base(inner)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(MARGIN)
        self.column.setAlignment(Qt.AlignmentFlag.AlignTop)
        if width:
            inner.setMaximumWidth(width)
        self.setWidget(inner)
        if centered:
            self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        on_base(self.viewport())


class Fitted(QScrollArea):
    """Holds one widget at the size of this area, or at its own least size and scrolls: it never asks for more room."""

    def __init__(self, held: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(held)
        on_base(held)
        on_base(self.viewport())
