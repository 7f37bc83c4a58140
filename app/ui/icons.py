"""Our own mark for tray and window, and the one family of symbols for buttons.

The mark is drawn in `resources/icons/*.svg` and rendered once for each size, because panels scale badly. The symbols
are Material Design Icons from QtAwesome, loaded when the first is wanted; `symbol` takes a name such as "chart-line".
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.ui import theme
from app.ui.standing import Mark

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256)
SMALL = 24
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


def warm_up() -> None:
    """Import the symbols' library; runs in a thread (0.2 s)."""
    import qtawesome.iconic_font  # noqa: F401 (to have it loaded)


@cache
def _family() -> Any:
    """Only the one font: QtAwesome's own loader reads all nine of them (60 ms more)."""
    import qtawesome
    from qtawesome.iconic_font import IconicFont

    fonts = Path(qtawesome.__file__).parent / "fonts"
    name = "materialdesignicons6-webfont"
    file = next(path.name for path in sorted(fonts.glob(f"{name}-*.ttf")))
    charmap = file.replace("webfont-", "webfont-charmap-").replace(".ttf", ".json")
    return IconicFont(("mdi6", file, charmap))


def symbol(name: str, role: str = "text", *, active: str = "", disabled: str = "muted") -> QIcon:
    """A Material Design icon in the color of a role; it follows the theme by itself.

    `active` is the role when checked or selected. Raises Exception (QtAwesome's) for a name that does not exist.
    """
    return QIcon(_Symbol(name, role, active or role, disabled))


class _Symbol(QIconEngine):
    """Draws the icon font's glyph in the color that holds at that moment."""

    def __init__(self, name: str, role: str, active: str, disabled: str) -> None:
        super().__init__()
        self._name, self._role, self._active, self._disabled = name, role, active, disabled

    def paint(self, painter: QPainter, rect: Any, mode: QIcon.Mode, state: QIcon.State) -> None:
        if mode is QIcon.Mode.Disabled:
            role = self._disabled
        elif state is QIcon.State.On or mode is QIcon.Mode.Selected:
            role = self._active
        else:
            role = self._role
        _glyph(self._name, theme.color(role).name()).paint(painter, rect)

    def pixmap(self, size: Any, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Symbol(self._name, self._role, self._active, self._disabled)


@cache
def _glyph(name: str, color: str) -> QIcon:
    icon: QIcon = _family().icon(f"mdi6.{name}", color=color)
    return icon
