"""A bar for a budget: what is used, what running requests hold, and a tick where the warning begins.

It repeats what the text beside it says, so that nothing hangs on color or width alone.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.budget_words import Shares
from app.ui.style import GRID

HEIGHT = GRID
OVERHANG = 3
"""How far the tick stands out above and below."""
_RESERVED = 0.45
"""How much of the color the reserved part has; the rest is that of the page."""


def draw_bar(painter: QPainter, place: QRect, shares: Shares) -> None:
    """Draw into `place`, `OVERHANG` pixels of which above and below are for the tick."""
    bar = place.adjusted(0, OVERHANG, 0, -OVERHANG)
    used = round(bar.width() * shares.used)
    if shares.used and not used:
        used = 1  # little is not nothing
    held = round(bar.width() * (shares.used + shares.reserved)) - used
    if shares.reserved and held <= 0:
        held = min(1, bar.width() - used)
    ink = theme.color(shares.role)
    painter.fillRect(bar, theme.color("line"))
    painter.fillRect(QRect(bar.left(), bar.top(), used, bar.height()), ink)
    if held > 0:
        painter.fillRect(QRect(bar.left() + used, bar.top(), held, bar.height()), lighter(ink))
    if shares.warn:
        left = bar.left() + min(bar.width() - 1, round(bar.width() * shares.warn))
        painter.setPen(QPen(theme.color("text"), 1))
        painter.drawLine(left, place.top(), left, place.bottom())


def lighter(ink: QColor) -> QColor:
    """The color of what is reserved: between that of what is used and that of the page."""
    page = theme.color("base")
    mixed = (round(a * _RESERVED + b * (1 - _RESERVED)) for a, b in zip(_rgb(ink), _rgb(page), strict=True))
    return QColor(*mixed)


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


class BudgetBar(QWidget):
    """The bar as a widget; what it shows is said by `setAccessibleName`."""

    def __init__(self) -> None:
        super().__init__()
        self._shares = Shares(0, 0, 0, "accent")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: Shares, words: str) -> None:
        """Show these; `words` say the same."""
        self.setAccessibleName(words)
        if shares != self._shares:
            self._shares = shares
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(20 * GRID, HEIGHT + 2 * OVERHANG)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        with QPainter(self) as painter:
            draw_bar(painter, self.rect(), self._shares)
