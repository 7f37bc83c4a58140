"""A column of content that scrolls when the window is low, on the color of pages."""

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
