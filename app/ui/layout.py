"""Where the window stood, which docks were beside which page, how wide columns were: an INI file that may be lost.

Whatever is in it was written by some version of us or by an accident; what does not fit is ignored without harm.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

from app.ui.charts import WINDOWS_S
from app.ui.pages import Page

VERSION = 1
"""Grows when docks or bars are renamed; the state of another version is refused by Qt."""


class Layout:
    """Reads and writes the file."""

    def __init__(self, path: Path) -> None:
        self._file = QSettings(str(path), QSettings.Format.IniFormat)

    def restore_window(self, window: QMainWindow) -> bool:
        """Put the window where it was; False where that is not known."""
        return window.restoreGeometry(self._bytes("window/geometry"))

    def save_window(self, window: QMainWindow) -> None:
        """Remember where the window is."""
        self._file.setValue("window/geometry", window.saveGeometry())

    def restore_docks(self, window: QMainWindow, page: str) -> bool:
        """Put the docks where they were beside this page; False where that is not known."""
        state = self._bytes(f"docks/{page}")
        if state.isEmpty() or not window.restoreState(state, VERSION):
            return False
        # A window that had to grow for it did so while Qt was busy with the state, and was not laid out since.
        if (arranged := window.layout()) is not None:
            arranged.invalidate()
            arranged.activate()
        return True

    def save_docks(self, window: QMainWindow, page: str) -> None:
        """Remember the docks beside this page."""
        self._file.setValue(f"docks/{page}", window.saveState(VERSION))

    def restore_page(self, page: Page) -> None:
        """Give a page what it saved."""
        page.restore_layout(bytes(self._bytes(f"pages/{page.name}").data()))

    def save_page(self, page: Page) -> None:
        """Keep what a page wants kept."""
        self._file.setValue(f"pages/{page.name}", QByteArray(page.save_layout()))

    @property
    def current_page(self) -> str:
        """The page that was shown last; empty at the first start."""
        return self._text("window/page")

    @current_page.setter
    def current_page(self, name: str) -> None:
        self._file.setValue("window/page", name)

    @property
    def chart_window_s(self) -> int:
        """How much of the past the charts showed."""
        text = self._text("charts/window_s")
        return int(text) if text.isdecimal() and int(text) in WINDOWS_S else WINDOWS_S[0]

    @chart_window_s.setter
    def chart_window_s(self, window_s: int) -> None:
        self._file.setValue("charts/window_s", str(window_s))

    @property
    def told_about_tray(self) -> bool:
        """Whether the first closing was explained."""
        return self._text("window/told_about_tray") == "yes"

    @told_about_tray.setter
    def told_about_tray(self, told: bool) -> None:
        self._file.setValue("window/told_about_tray", "yes" if told else "")

    def sync(self) -> None:
        """Write what has changed."""
        self._file.sync()

    def _bytes(self, key: str) -> QByteArray:
        value = self._file.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _text(self, key: str) -> str:
        value = self._file.value(key)
        return value if isinstance(value, str) else ""
