"""What Patchbay is, which version, and what it is made of."""

from __future__ import annotations

import asyncio
from importlib import metadata
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui.dialogs.base import Dialog
from app.ui.icons import mark
from app.ui.style import GRID, HEADLINE, MARGIN, Label
from app.ui.tasks import Tasks
from app.ui.widgets.text_pages import Piece
from app.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from app.control.services import Services

MARK = 64
LIBRARIES = (
    ("PySide6-Essentials", "LGPL-3.0"),
    ("aiohttp", "Apache-2.0"),
    ("bpe-openai", "MIT"),
    ("Brotli", "MIT"),
    ("cryptography", "Apache-2.0 or BSD-3-Clause"),
    ("genai-prices", "MIT"),
    ("keyring", "MIT"),
    ("limits", "MIT"),
    ("msgspec", "BSD-3-Clause"),
    ("numpy", "BSD-3-Clause"),
    ("peewee", "MIT"),
    ("platformdirs", "MIT"),
    ("psutil", "BSD-3-Clause"),
    ("pyqtgraph", "MIT"),
    ("qasync", "BSD-2-Clause"),
    ("QtAwesome", "MIT"),
    ("tomlkit", "MIT"),
    ("truststore", "MIT"),
    ("zstandard", "BSD-3-Clause"),
)
QT = (
    "Qt {version} and PySide6 are used under the GNU Lesser General Public License, version 3. They are loaded as "
    "separate libraries, which you may replace with your own builds. Their source is at code.qt.io, their terms at "
    "qt.io/licensing.\n"
)
SYMBOLS = "The symbols are Material Design Icons (Apache-2.0), drawn by the Pictogrammers community.\n"


class AboutDialog(Dialog):
    """Name, version, licence, and the libraries with theirs."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks) -> None:
        super().__init__(parent, "About Patchbay", action="&Close", dismiss="")
        picture = QLabel()
        picture.setPixmap(mark().pixmap(QSize(MARK, MARK), self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(GRID // 2)
        words.addWidget(Label("Patchbay", scale=HEADLINE, strong=True))
        words.addWidget(Label(f"Version {services.status.current.version or 'unknown'}"))
        words.addWidget(Label("One address for all coding tools, any provider behind it.", role="muted"))
        words.addWidget(Label("Free software under the MIT licence.", role="muted"))
        head = QHBoxLayout()
        head.setSpacing(MARGIN)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self.body.addLayout(head)
        self.libraries = TextView(tasks, "Libraries and their licences")
        self.libraries.setMinimumSize(64 * GRID, 34 * GRID)
        self.body.addWidget(self.libraries, 1)
        self.action.clicked.connect(self.accept)
        tasks.spawn("read the versions", asyncio.to_thread(_libraries), self, then=self._show)

    def _show(self, text: str) -> None:
        self.libraries.show_pieces(lambda: (Piece(text),))


def _libraries() -> str:
    """Blocking: reads what is installed."""
    lines = [QT.format(version=qVersion()), SYMBOLS]
    lines += [f"{name:20}{_version(name):12}{licence}" for name, licence in LIBRARIES]
    return "\n".join(lines)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # a frozen program may leave the metadata out
        return ""


def open_about(parent: QWidget, services: Services, tasks: Tasks) -> AboutDialog:
    """Open the dialog."""
    dialog = AboutDialog(parent, services, tasks)
    dialog.open()
    return dialog
