"""The text of a new client key, shown this once: to copy it, or the lines that hand it to a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.domain.provider import Secret
from app.ui.commands import copy_secret
from app.ui.dialogs.base import Dialog
from app.ui.formats import one_line
from app.ui.icons import symbol
from app.ui.pages.client_lines import ClientLines
from app.ui.style import GRID, Hairline, Label, monospace
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 72 * GRID
LINES = 3
"""Room for the lines until they are there."""
ONCE = (
    "Copy it now: this is the only time it is shown. Patchbay keeps only a fingerprint of it. "
    "If it is lost, rotate the key and use the new text."
)
NOT_COPIED = "It was not copied yet. Close again to leave without it."


class _Text(QLineEdit):
    """Shown, and copied only as a whole and as a secret: its own menu and keys would put it on the clipboard bare."""

    copy_wanted = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setFont(monospace())
        self.setAccessibleName("Text of the client key")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C is the button beside it."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)


class KeyTextDialog(Dialog):
    """Closing forgets the text; where nothing was copied, only the second wish to close does."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, secret: Secret, name: str) -> None:
        super().__init__(parent, "The key's text", action="&Done", dismiss="")
        self._secret: Secret | None = secret
        self._copied = self._asked = False
        self.text = _Text(secret.value)
        self.text.copy_wanted.connect(self._copy)
        self.copy = QPushButton("Copy the &key")
        self.copy.setIcon(symbol("content-copy"))
        self.copy.setAutoDefault(False)
        self.said = Label(role="ok")
        self.lines = ClientLines(services, tasks, key=secret)
        self.lines.copy.setText("Copy the &lines")
        self.lines.text.setFixedHeight(LINES * self.lines.text.fontMetrics().lineSpacing() + 2 * GRID)
        self._lay_out(name)
        QWidget.setTabOrder(self.lines.copy, self.action)
        self.copy.clicked.connect(self._copy)
        self.lines.copied.connect(self._say)
        self.action.clicked.connect(self._done)
        self.lines.show_lines()
        self.copy.setFocus()

    def _lay_out(self, name: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.text, 1)
        row.addWidget(self.copy)
        words = Label(ONCE, wrap=True)
        words.setMinimumWidth(WIDTH)
        self.body.addWidget(Label(f"Key “{one_line(name, 60)}”", strong=True, scale=1.2))
        self.body.addWidget(words)
        self.body.addLayout(row)
        self.body.addWidget(Hairline())
        self.body.addWidget(Label("Or the lines that point a client here with this key", strong=True))
        self.body.addWidget(self.lines)
        self.body.addWidget(self.said)
        self.body.addStretch(1)

    def _copy(self) -> None:
        if self._secret is not None:
            copy_secret(self._secret.value)
            self._say("Key copied")

    def _say(self, text: str) -> None:
        self._copied = True
        self.fail("")
        self.said.setText(text)

    def _done(self) -> None:
        if self._may_close():
            self.accept()

    def reject(self) -> None:
        """Escape, or the window's own button."""
        if self._may_close():
            super().reject()

    def _may_close(self) -> bool:
        if self._copied or self._asked:
            return True
        self._asked = True
        self.fail(NOT_COPIED)
        return False

    def done(self, result: int) -> None:
        """Hold the text no longer, in no widget."""
        self._secret = None
        self.text.clear()
        self.lines.forget()
        super().done(result)


def open_key_text(parent: QWidget, services: Services, tasks: Tasks, secret: Secret, name: str) -> KeyTextDialog:
    """Show the text of a key that was just made."""
    dialog = KeyTextDialog(parent, services, tasks, secret, name)
    dialog.open()
    return dialog
