from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.ui.widgets.secret_edit import SecretEdit


def test_a_key_is_hidden_until_somebody_looks(show, qtbot):
    edit = show(SecretEdit())
    assert edit.secret() is None
    qtbot.keyClicks(edit, "  sk-secret ")
    assert edit.echoMode() is QLineEdit.EchoMode.Password
    assert edit.displayText() != edit.text()
    assert edit.secret().value == "sk-secret"
    edit._eye.trigger()
    assert edit.echoMode() is QLineEdit.EchoMode.Normal


def test_a_key_that_was_taken_is_forgotten_for_undo_too(show, qtbot):
    edit = show(SecretEdit())
    qtbot.keyClicks(edit, "sk-secret")
    edit._eye.trigger()
    edit.forget()
    qtbot.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert edit.text() == ""
    assert edit.echoMode() is QLineEdit.EchoMode.Password
