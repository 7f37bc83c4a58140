"""Our own mark for tray and window, and the one family of symbols for buttons.

The mark is drawn in `resources/icons/*.svg` and rendered once for each size, because panels scale badly. The symbols
are Material Design Icons from QtAwesome's files, loaded when the first is wanted; `symbol` takes a name: "chart-line".
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.ui import theme
from app.ui.standing import Mark

if TYPE_CHECKING:
    import qtawesome  # noqa: F401 (so that whoever packs the program sees that its files are needed)

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256)
SMALL = 24
GLYPH = 0.875
"""Size of a symbol's font within its square, as QtAwesome has it."""
BADGE_SMALL, BADGE = 9 / 16, 7 / 16
"""Share of the side that the badge takes: nine whole pixels of sixteen, less where there is room."""


@cache
def mark(which: Mark = Mark.PLAIN) -> QIcon:
    """The mark as an icon of all sizes; a menu bar that tints its icons gets one it can tint."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(render(which, size))
    return icon


@cache
def menu_bar_mark(which: Mark = Mark.PLAIN) -> QIcon:
    """The mark for a menu bar that colors its icons itself (macOS): one color on nothing."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(render(which, size, drawing="patchbay-mono"))
    icon.setIsMask(True)
    return icon


def render(which: Mark, size: int, drawing: str = "") -> QPixmap:
    """The mark at one size in pixels; up to 24 pixels it has a simpler drawing of its own."""
    drawing = drawing or ("patchbay-small" if size <= SMALL else "patchbay")
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _draw(painter, drawing, QRectF(0, 0, size, size))
    if which.value:
        side = size * (BADGE_SMALL if size <= SMALL else BADGE)
        _draw(painter, which.value, QRectF(size - side, size - side, side, side))
    painter.end()
    return pixmap


def _draw(painter: QPainter, name: str, place: QRectF) -> None:
    QSvgRenderer(QByteArray((RESOURCES / "icons" / f"{name}.svg").read_bytes())).render(painter, place)


@cache
def symbol_files() -> tuple[bytes, dict[str, str]]:
    """The symbol font and the codes of its characters: QtAwesome's files, read by `warm_up` before they are wanted.

    Its code is not imported: that names every type of Qt (0.2 s), and loads eight fonts more.
    """
    places = (Path(place) / "qtawesome" / "fonts" for place in sys.path)
    file = next(file for place in places for file in place.glob("materialdesignicons6-webfont-*.ttf"))
    codes = json.loads(file.with_name(file.stem.replace("webfont-", "webfont-charmap-") + ".json").read_bytes())
    return file.read_bytes(), codes


@cache
def _family() -> str:
    """Of the symbol font."""
    number = QFontDatabase.addApplicationFontFromData(QByteArray(symbol_files()[0]))
    return QFontDatabase.applicationFontFamilies(number)[0]


def symbol(name: str, role: str = "text", *, active: str = "", disabled: str = "muted") -> QIcon:
    """A Material Design icon in the color of a role; it follows the theme by itself.

    `active` is the role when checked or selected. Raises KeyError for a name that does not exist.
    """
    character = chr(int(symbol_files()[1][name], 16))
    return QIcon(_Symbol(character, role, active or role, disabled))


class _Symbol(QIconEngine):
    """Draws the icon font's glyph in the color that holds at that moment."""

    def __init__(self, character: str, role: str, active: str, disabled: str) -> None:
        super().__init__()
        self._character, self._role, self._active, self._disabled = character, role, active, disabled

    def paint(self, painter: QPainter, rect: Any, mode: QIcon.Mode, state: QIcon.State) -> None:
        if mode is QIcon.Mode.Disabled:
            role = self._disabled
        elif state is QIcon.State.On or mode is QIcon.Mode.Selected:
            role = self._active
        else:
            role = self._role
        made = QFont(_family())
        made.setPixelSize(max(1, round(min(rect.width(), rect.height()) * GLYPH)))
        painter.save()  # whoever lends it paints on with it
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(made)
        painter.setPen(theme.color(role))
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: Any, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Symbol(self._character, self._role, self._active, self._disabled)
