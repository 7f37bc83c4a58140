"""The lines that point a client at Patchbay: to read with the key masked, to copy with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.provider import Secret
from app.domain.redact import hint
from app.ui.commands import SHELL, copy_secret
from app.ui.icons import symbol
from app.ui.style import GRID, Label, monospace
from app.ui.tasks import Tasks
from app.ui.tray_model import CLIENTS
from app.ui.widgets.calm import CalmCombo

if TYPE_CHECKING:
    from app.control.services import Services

SHELLS = (("posix", "bash, zsh"), ("powershell", "PowerShell"), ("cmd", "cmd.exe"))
_KEY = re.compile(r"pb_[A-Za-z0-9_-]{8,}")


def masked(lines: str) -> str:
    """The lines with the client key cut to what its owner knows it by."""
    return _KEY.sub(lambda found: hint(found.group()), lines)


class ClientLines(QWidget):
    """Which client, which shell, the lines, Copy. Shows nothing until `show_lines`; without `key` the default one."""

    copied = Signal(str)
    """What was copied, in words."""

    def __init__(self, services: Services, tasks: Tasks, *, only: str = "", key: Secret | None = None) -> None:
        super().__init__()
        self._key = key
        self._services, self._tasks = services, tasks
        self._lines = ""
        self.client, self.shell = CalmCombo(), CalmCombo()
        self.client.setAccessibleName("Client")
        self.shell.setAccessibleName("Shell")
        for name, label in CLIENTS:
            self.client.addItem(label, name)
        for name, label in SHELLS:
            self.shell.addItem(label, name)
        self.shell.setCurrentIndex(self.shell.findData(SHELL))
        if only:
            self.client.setCurrentIndex(self.client.findData(only))
            self.client.hide()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(monospace())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFrameShape(QFrame.Shape.StyledPanel)
        self.text.setAccessibleName("Lines to paste into a terminal")
        self.copy = QPushButton("&Copy the lines")
        self.copy.setIcon(symbol("content-copy"))
        self.copy.setEnabled(False)
        self.problem = Label(role="error", wrap=True)
        self.problem.hide()
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        for box in (self.client, self.shell):
            box.activated.connect(lambda _place: self.show_lines())
        self.copy.clicked.connect(self._copy)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.client)
        line.addWidget(self.shell)
        line.addStretch(1)
        line.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        layout.addWidget(self.text)
        layout.addWidget(self.problem)

    def show_lines(self) -> None:
        """Ask for the lines anew: the port or the key may have changed."""
        client, shell = str(self.client.currentData()), str(self.shell.currentData())
        keys = self._services.keys
        work = keys.snippet(client, shell) if self._key is None else keys.snippet(client, shell, key=self._key)
        self._tasks.spawn("read the client's settings", work, self, then=self._show, failed=self._fail, latest=True)

    def _show(self, lines: str) -> None:
        self._lines = lines
        shown = masked(lines).rstrip("\n")
        self.text.setPlainText(shown)
        height = self.text.fontMetrics().lineSpacing() * (shown.count("\n") + 1)
        longest = max(self.text.fontMetrics().horizontalAdvance(line) for line in shown.split("\n"))
        wide = longest + 2 * GRID > self.text.viewport().width()
        bar = self.text.horizontalScrollBar().sizeHint().height() if wide else 0
        self.text.setFixedHeight(height + bar + 2 * GRID)
        self.copy.setEnabled(True)
        self.problem.hide()

    def forget(self) -> None:
        """Hold no key any longer."""
        self._tasks.cancel(self)
        self._key, self._lines = None, ""
        self.text.clear()
        self.copy.setEnabled(False)

    def _fail(self, text: str) -> None:
        self.copy.setEnabled(False)
        self.problem.setText(f"The client key could not be read: {text}.")
        self.problem.show()

    def _copy(self) -> None:
        copy_secret(self._lines)
        self.copied.emit(f"Lines for {self.client.currentText()} copied; paste them into a terminal")
