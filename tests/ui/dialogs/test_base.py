from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.dialogs.base import Dialog, opened
from app.ui.style import Label
from tests.ui.conftest import until


async def test_a_dialog_answers_with_a_future_while_the_loop_runs_on(show, qtbot):
    window = show(QWidget())
    beats = []

    async def beat():
        while True:
            beats.append(1)
            await asyncio.sleep(0)

    running = asyncio.get_running_loop().create_task(beat(), name="beat")
    dialog = Dialog(window, "Title", action="&Do it")
    dialog.action.clicked.connect(dialog.accept)
    answer = opened(dialog)
    await until(lambda: len(beats) > 20)
    assert dialog.isVisible()
    assert dialog.windowModality() is Qt.WindowModality.WindowModal
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    assert await answer is True
    running.cancel()


async def test_escape_is_no(show, qtbot):
    dialog = Dialog(show(QWidget()), "Title", action="&Do it")
    answer = opened(dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert await answer is False


async def test_an_error_stands_inside_as_plain_text_and_ends_the_waiting(show):
    dialog = Dialog(show(QWidget()), "Title", action="&Do it")
    dialog.open()
    dialog.busy.start("Waiting…")
    dialog.fail("<b>No</b>")
    assert dialog.error.isVisible()
    assert dialog.error.textFormat() is Qt.TextFormat.PlainText
    assert dialog.busy.isHidden()
    dialog.fail("")
    assert not dialog.error.isVisible()
    dialog.reject()


async def test_it_grows_when_a_line_appears(show):
    dialog = Dialog(show(QWidget(), 900, 700), "Title", action="&Do it")
    dialog.body.addWidget(QWidget())
    dialog.open()
    QApplication.processEvents()
    before = dialog.height()
    dialog.fail("Words. " * 60)
    await until(lambda: dialog.height() > before)
    assert dialog.error.height() >= dialog.error.heightForWidth(dialog.error.width())
    dialog.reject()


async def test_it_opens_with_the_height_its_lines_need(show):
    dialog = Dialog(show(QWidget(), 900, 700), "Title", action="&Do it")
    label = Label("Words. " * 80, wrap=True)
    label.setFixedWidth(300)
    dialog.body.addWidget(label)
    dialog.open()
    assert label.height() >= label.heightForWidth(300)
    dialog.reject()


async def test_it_stands_over_its_window_as_a_whole_and_knows_it_before_the_desktop_does(show):
    window = show(QWidget(), 700, 500)
    window.move(40, 40)
    dialog = Dialog(window, "Title", action="&Do it")
    dialog.open()
    assert (dialog.geometry().center() - window.geometry().center()).manhattanLength() <= 2
    dialog.reject()
    window.move(-600, -450)
    corner = Dialog(window, "Title", action="&Do it")
    corner.open()
    assert window.screen().availableGeometry().contains(corner.geometry())
    corner.reject()
