"""Applies the palette: System, Light or Dark, followed live; and tells which colors hold now.

One application has one palette, so the current colors are the module's: `colors()`. A widget that draws with them
restyles on `QEvent.Type.PaletteChange`.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QToolTip

from app.domain.settings import Theme
from app.ui.palette import DARK, LIGHT, Colors

_current = LIGHT
_OUTLINED = ("QCheckBox", "QRadioButton", "QLineEdit", "QAbstractSpinBox", "QComboBox", "QPushButton")


def colors() -> Colors:
    """The colors that hold now."""
    return _current


def color(role: str) -> QColor:
    """One of them by the name of its role."""
    return QColor(getattr(_current, role))


def series(number: int) -> QColor:
    """The color of the provider with that number, the same everywhere."""
    return QColor(_current.series[number % len(_current.series)])


def use(wanted: Theme) -> None:
    """Switch the application to a theme; for whoever lets the user choose one."""
    app = QApplication.instance()
    switch = app.findChild(ThemeSwitch) if app else None
    if switch is not None:
        switch.use(wanted)


class ThemeSwitch(QObject):
    """Keeps the application in the theme the user chose, or in the system's."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._wanted = Theme.SYSTEM
        # Native styles draw a high-contrast system better than we could; there we leave everything as it is.
        self._native = _high_contrast()
        if not self._native:
            app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    def use(self, wanted: Theme) -> None:
        """Switch to a theme now."""
        if wanted is not self._wanted:
            self._wanted = wanted
            self._follow()

    def _follow(self) -> None:
        global _current  # noqa: PLW0603 (one application has one palette)
        dark = self._wanted is Theme.DARK or (self._wanted is Theme.SYSTEM and _system_is_dark())
        _current = DARK if dark else LIGHT
        if not self._native:
            palette = qt_palette(_current)
            self._app.setPalette(palette)
            for kind in _OUTLINED:
                self._app.setPalette(outlined(palette, _current), kind)  # type: ignore[arg-type]  # the stub says bytes
            self._app.setPalette(_focused(palette, _current), "QTabBar")  # type: ignore[arg-type]
            QToolTip.setPalette(palette)


def outlined(palette: QPalette, roles: Colors) -> QPalette:
    """The palette for fields, ticks and buttons, so that their edges and the one with the focus are seen.

    Fusion draws edges in the window's color darkened by 140 % (`QFusionStylePrivate::outline`), which on a dark page is
    black on black, and the focus in the highlight's darkened by 125 %; these widgets show both colors nowhere else but
    behind selected text.
    """
    made = QPalette(palette)
    made.setColor(QPalette.ColorRole.Window, QColor(roles.outline).lighter(140))
    made.setColor(QPalette.ColorRole.Highlight, QColor(roles.accent))
    made.setColor(QPalette.ColorRole.HighlightedText, QColor(roles.on_accent))
    return made


def _focused(palette: QPalette, roles: Colors) -> QPalette:
    """The palette for tabs, whose only use of the highlight is the frame of the focus."""
    made = QPalette(palette)
    made.setColor(QPalette.ColorRole.Highlight, QColor(roles.accent))
    return made


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark


def _high_contrast() -> bool:
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):  # Qt before 6.10
        return False
    return bool(hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast)


def qt_palette(roles: Colors) -> QPalette:
    """Our roles as Qt's."""
    names = QPalette.ColorRole
    palette = QPalette()
    table = {
        names.Window: roles.window,
        names.WindowText: roles.text,
        names.Base: roles.base,
        names.AlternateBase: roles.raised,
        names.Text: roles.text,
        names.Button: roles.raised,
        names.ButtonText: roles.text,
        names.BrightText: roles.error,
        names.ToolTipBase: roles.raised,
        names.ToolTipText: roles.text,
        names.PlaceholderText: roles.muted,
        names.Highlight: roles.selected,
        names.HighlightedText: roles.text,
        names.Accent: roles.accent,
        names.Link: roles.link,
        names.LinkVisited: roles.link,
        names.Light: _shade(roles.raised, 108 if roles.dark else 102),
        names.Midlight: roles.line,
        names.Mid: roles.line,
        names.Dark: _shade(roles.line, 80 if roles.dark else 115),
        names.Shadow: "#000000" if roles.dark else _shade(roles.line, 130),
    }
    for role, value in table.items():
        palette.setColor(role, QColor(value))
    for role in (names.WindowText, names.Text, names.ButtonText, names.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(roles.muted))
    return palette


def _shade(value: str, percent: int) -> str:
    return QColor(value).lighter(percent).name()
