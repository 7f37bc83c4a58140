from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from app.domain.provider import Secret
from app.ui.dialogs.key_text import open_key_text
from tests.fakes.limits import TEXT
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
async def dialog(show, services, tasks):
    made = open_key_text(show(QWidget(), 900, 700), services, tasks, Secret(TEXT), "lap<b>top\n\u202e")
    yield made
    take_down(made, tasks)


def texts():
    """What every widget of the program holds."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QLineEdit | QLabel):
            yield widget.text()
        elif isinstance(widget, QPlainTextEdit):
            yield widget.toPlainText()


async def test_it_is_shown_and_copied_as_a_secret(dialog, qtbot):
    assert dialog.text.text() == TEXT
    assert dialog.text.isReadOnly()
    assert dialog.focusWidget() is dialog.copy
    assert any("lap<b>top”" in label.text() for label in dialog.findChildren(QLabel))
    qtbot.keyClick(dialog.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == TEXT
    assert QGuiApplication.clipboard().mimeData().data("x-kde-passwordManagerHint") == b"secret"
    assert dialog.said.text() == "Key copied"


async def test_the_fields_own_way_to_copy_is_the_same(dialog, qtbot):
    QGuiApplication.clipboard().clear()
    dialog.text.selectAll()
    qtbot.keyClick(dialog.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == TEXT
    assert QGuiApplication.clipboard().mimeData().data("x-kde-passwordManagerHint") == b"secret"
    assert dialog.text.contextMenuPolicy() is Qt.ContextMenuPolicy.PreventContextMenu


async def test_the_lines_bear_this_key_and_show_it_masked(dialog):
    await until(dialog.lines.copy.isEnabled)
    assert TEXT not in dialog.lines.text.toPlainText()
    dialog.lines.copy.click()
    assert TEXT in QGuiApplication.clipboard().text()
    assert "Lines for Claude Code copied" in dialog.said.text()


async def test_closing_before_copying_is_asked_about_once(dialog, qtbot):
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not closed(dialog)
    assert "not copied yet" in dialog.error.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert closed(dialog)


@pytest.mark.parametrize("leave", ["action", "escape"])
async def test_after_closing_no_widget_holds_it(dialog, qtbot, leave):
    await until(dialog.lines.copy.isEnabled)
    dialog.copy.click()
    text, lines = dialog.text, dialog.lines
    assert any(TEXT in one for one in texts())
    if leave == "action":
        dialog.action.click()
    else:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert closed(dialog)
    assert text.text() == ""
    assert (lines._lines, lines._key, dialog._secret) == ("", None, None)
    assert not any(TEXT in one for one in texts())
