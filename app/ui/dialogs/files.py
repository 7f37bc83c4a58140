"""Which file: the system's own chooser, opened beside the running loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def choose_save(parent: QWidget, title: str, name: str, kinds: str, then: Callable[[Path], None]) -> QFileDialog:
    """Ask where to save; `kinds` as Qt writes them ("CSV (*.csv)"), `name` is proposed in the documents, or at home."""
    kind = QStandardPaths.StandardLocation
    folder = QStandardPaths.writableLocation(kind.DocumentsLocation)
    if not Path(folder).is_dir():  # Qt would show the folder that the program was started in
        folder = QStandardPaths.writableLocation(kind.HomeLocation)
    dialog = _chooser(parent, title, kinds, then)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDirectory(folder)
    dialog.selectFile(name)
    dialog.open()
    return dialog


def choose_open(parent: QWidget, title: str, folder: Path, kinds: str, then: Callable[[Path], None]) -> QFileDialog:
    """Ask for a file that exists."""
    dialog = _chooser(parent, title, kinds, then)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setDirectory(str(folder))
    dialog.open()
    return dialog


def _chooser(parent: QWidget, title: str, kinds: str, then: Callable[[Path], None]) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setNameFilter(kinds)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    return dialog
