from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import Theme
from app.ui.dialogs.provider_editor import ProviderEditor
from app.ui.pages.welcome import WelcomePage
from tests.fakes.services import FakeServices
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def services():
    return FakeServices.empty()


@pytest.fixture
async def page(show, services, tasks):
    return show(WelcomePage(services, tasks), 1000, 800)


async def test_the_first_door_leads_to_a_provider(page, services, qtbot):
    qtbot.mouseClick(page.add.button, Qt.MouseButton.LeftButton)
    editor = page.findChild(ProviderEditor)
    qtbot.keyClicks(editor.form.key, "sk-ant-" + "x" * 30)
    sent = []
    page.go_to.connect(lambda *where: sent.append(where))
    editor.action.click()
    await until(lambda: closed(editor))
    assert sent == [("providers", "")]


async def test_the_second_asks_for_the_file(page, qtbot):
    qtbot.mouseClick(page.bring.button, Qt.MouseButton.LeftButton)
    chooser = page.findChild(QFileDialog)
    assert chooser.isVisible()
    chooser.reject()


async def test_the_third_shows_the_whole_program_at_work(page, services, qtbot):
    with qtbot.waitSignal(page.go_to) as caught:
        qtbot.mouseClick(page.demo.button, Qt.MouseButton.LeftButton)
        await until(lambda: services.asked("send_sample"))
        await until(page.demo.button.isEnabled)
    assert caught.args == ["live", ""]
    assert services.asked("start_demo") == [()]


async def test_a_demo_that_does_not_start_is_said_and_can_be_tried_again(page, services, qtbot):
    services.proxy.errors["send_sample"] = PatchbayError(ErrorKind.UNREACHABLE, "nothing listens")
    page.demo.button.click()
    await until(page.problem.isVisible)
    assert page.problem.text() == "The demo did not start: nothing listens."
    assert page.demo.button.isEnabled()
    services.proxy.gate = asyncio.Event()
    page.demo.button.click()
    await until(page.busy.isVisible)
    qtbot.mouseClick(page.busy._cancel, Qt.MouseButton.LeftButton)
    assert page.busy.isHidden()


async def test_the_lines_for_claude_code_are_there_to_copy(page, services, tasks, qtbot):
    await until(page.lines.copy.isEnabled)
    assert services.asked("snippet")[0][0] == "claude-code"
    with qtbot.waitSignal(page.said):
        qtbot.mouseClick(page.lines.copy, Qt.MouseButton.LeftButton)
    take_down(ProviderEditor(page, services, tasks, None), tasks)


async def test_pictures_follow_the_theme(page, themes):
    before = page.demo._picture.pixmap().toImage()
    themes.use(Theme.DARK)
    QApplication.processEvents()
    assert page.demo._picture.pixmap().toImage() != before
