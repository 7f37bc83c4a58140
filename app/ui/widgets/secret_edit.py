"""A field for a key: hidden while it is typed, never filled from what is stored, forgotten as soon as it is taken."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.domain.provider import Secret
from app.ui.icons import symbol


class SecretEdit(QLineEdit):
    """Bullets for a key, with an eye to look at what was pasted."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        hints = Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        self.setInputMethodHints(hints | Qt.InputMethodHint.ImhNoAutoUppercase)
        self._eye = self.addAction(
            symbol("eye-outline", "muted", active="accent"), QLineEdit.ActionPosition.TrailingPosition
        )
        self._eye.setCheckable(True)
        self._eye.setText("Show the key")
        self._eye.setToolTip("Show the key while you type it")
        self._eye.toggled.connect(self._show_text)

    def _show_text(self, shown: bool) -> None:  # noqa: FBT001 (a slot of `toggled`)
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def secret(self) -> Secret | None:
        """What was entered, without the white space that pasting brings; None where nothing was."""
        text = self.text().strip()
        return Secret(text) if text else None

    def forget(self) -> None:
        """Hold it no longer; not even for undo."""
        self._eye.setChecked(False)
        self.clear()
        self.setModified(False)
