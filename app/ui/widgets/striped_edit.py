"""A plain text widget with a coloured stripe beside the lines whose format asks for one."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QTextBlock, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit

from app.ui import theme

STRIPE = int(QTextFormat.Property.UserProperty) + 1
"""Property of a character format: the color role of the stripe beside its lines."""
STRIPE_LEFT, STRIPE_WIDTH = 6, 3


class StripedEdit(QPlainTextEdit):
    """Read-only plain text; only the lines in sight are looked at when painting."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, then the stripes."""
        super().paintEvent(event)
        with QPainter(self.viewport()) as painter:
            self._draw_stripes(painter, event.rect().bottom())

    def _draw_stripes(self, painter: QPainter, bottom: int) -> None:
        block = self.firstVisibleBlock()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > bottom:
                return
            if role := _stripe(block):
                height = int(place.height()) + 1
                painter.fillRect(STRIPE_LEFT, int(place.top()), STRIPE_WIDTH, height, theme.color(role))
            block = block.next()


def _stripe(block: QTextBlock) -> str:
    first = block.begin()
    made = block.charFormat() if first.atEnd() else first.fragment().charFormat()
    return str(made.property(STRIPE) or "")
