"""Spacing, type and hairlines: the few measures every page shares.

An 8-pixel grid; three sizes of type, weight instead of size for emphasis; panels divided by space and one hairline.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtGui import QFont, QFontDatabase, QPalette, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QSizePolicy, QWidget

from app.ui.theme import color

GRID = 8
MARGIN = 2 * GRID
ROW_HEIGHT = 28
RAIL_WIDTH = 88

CAPTION = 0.9
BODY = 1.0
HEADLINE = 1.7


def font(scale: float = BODY, *, strong: bool = False) -> QFont:
    """The system font in one of the three sizes, with figures of equal width."""
    made = QFont(QApplication.font())
    if made.pointSizeF() > 0:
        made.setPointSizeF(made.pointSizeF() * scale)
    else:
        made.setPixelSize(round(made.pixelSize() * scale))
    if strong:
        made.setWeight(QFont.Weight.DemiBold)
    return tabular(made)


def tabular(made: QFont) -> QFont:
    """The same font with figures of equal width, where it has them."""
    if hasattr(made, "setFeature"):  # Qt 6.7
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def monospace() -> QFont:
    """For ids, keys and JSON, and nothing else."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    size = QApplication.font().pointSizeF()
    if size > 0:
        made.setPointSizeF(size * 0.95)
    return made


class Label(QLabel):
    """A label that shows plain text in one of our sizes and one of our colors, and follows the theme."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        scale: float = BODY,
        strong: bool = False,
        role: str = "text",
        wrap: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self._role, self._inside = role, False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(scale, strong=strong))
        self.setWordWrap(wrap)
        self._paint()

    def set_role(self, role: str) -> None:
        """Take another color."""
        if role != self._role:
            self._role = role
            self._paint()

    def changeEvent(self, event: object) -> None:
        """Follow the theme."""
        super().changeEvent(event)  # type: ignore[arg-type]
        if event.type() == event.Type.PaletteChange and not self._inside:  # type: ignore[attr-defined]
            self._paint()

    def _paint(self) -> None:
        self._inside = True
        palette = QPalette()
        # On the color of pages (`on_base`) a label's text has the role Text, and so it has where it can be selected.
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
            palette.setColor(role, color(self._role))
        self.setPalette(palette)
        self._inside = False


def numeric_label(text: str = "", *, scale: float = BODY, strong: bool = False, role: str = "text") -> Label:
    """A label for a figure: right-aligned, can be selected and copied."""
    label = Label(text, scale=scale, strong=strong, role=role)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class Hairline(QFrame):
    """A line of one pixel between two panels."""

    def __init__(self, parent: QWidget | None = None, *, vertical: bool = False) -> None:
        super().__init__(parent)
        fixed, grows = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        if vertical:
            self.setFixedWidth(1)
            self.setSizePolicy(fixed, grows)
        else:
            self.setFixedHeight(1)
            self.setSizePolicy(grows, fixed)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Midlight)


def on_base(widget: QWidget) -> None:
    """Let a panel stand on the color of pages and tables, not on that of bars."""
    widget.setAutoFillBackground(True)
    widget.setBackgroundRole(QPalette.ColorRole.Base)


def tab_along(*widgets: QWidget) -> None:
    """Let Tab come to these in this order: that of the eye, not that in which they were made."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def plain_tooltip(text: str) -> str:
    """A tooltip that shows its text as it is: Qt would take foreign text that looks like HTML for HTML."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
