from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.errors import ConfigError
from app.ui.dialogs.models_editor import open_models
from tests.fakes import sample
from tests.fakes.services import ProbeResult
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def dialog(show, services, tasks):
    window = show(QWidget(), 900, 700)
    entry = services.providers.entries()[1]
    made = open_models(window, services, tasks, entry, services.providers.provider(entry.name))
    yield made
    take_down(made, tasks)


def tick(dialog, qtbot, name, column):
    model = dialog.table.model()
    row = next(place for place in range(model.rowCount()) if model.index(place, 0).data() == name)
    place = dialog.table.visualRect(model.index(row, column)).center()
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


async def test_the_providers_own_list_is_ticked_and_saved(dialog, services, qtbot):
    qtbot.mouseClick(dialog.fetch, Qt.MouseButton.LeftButton)
    await until(lambda: dialog.model.rowCount() == 6)
    assert dialog.told.text() == "answered with 3 models"
    tick(dialog, qtbot, sample.CLAUDE[0], 1)
    tick(dialog, qtbot, sample.GPT[1], 2)
    dialog.action.click()
    await until(lambda: closed(dialog))
    saved = services.asked("set_models")[-1]
    assert saved == ("OpenAI work", (sample.GPT[0], sample.CLAUDE[0]), (), (sample.GPT[2],), (sample.GPT[1],))


async def test_a_long_list_can_be_searched(dialog, services, qtbot):
    services.providers.probe = ProbeResult(True, "many", tuple(f"vendor/model-{number}" for number in range(400)))
    dialog.fetch.click()
    await until(lambda: dialog.model.rowCount() == 403)
    qtbot.keyClicks(dialog.search, "MODEL-39")
    assert dialog.table.model().rowCount() == 11
    tick(dialog, qtbot, "vendor/model-399", 3)
    assert dialog.model.lists()[2][-1] == "vendor/model-399"


async def test_a_name_can_be_entered_and_return_adds_it(dialog, services, qtbot):
    assert not dialog.add.isEnabled()
    qtbot.keyClicks(dialog.new, "my-deployment")
    qtbot.keyClick(dialog.new, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.table.currentIndex().siblingAtColumn(0).data() == "my-deployment"
    assert dialog.model.lists()[3] == ("my-deployment",)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert dialog.model.lists()[3] == ()


async def test_what_goes_wrong_is_said_and_nothing_is_lost(dialog, services, qtbot):
    services.providers.probe = ProbeResult(False, "The provider did not answer.")
    dialog.fetch.click()
    await until(lambda: dialog.error.text() == "The provider did not answer.")
    services.providers.errors["set_models"] = ConfigError("cannot be written", key="big_models")
    tick(dialog, qtbot, sample.GPT[0], 3)
    dialog.action.click()
    await until(lambda: dialog.error.text() == "Cannot be written.")
    assert dialog.model.lists()[2] == (sample.GPT[2], sample.GPT[0])
    services.providers.errors["set_models"] = OSError(28, "No space left on device")
    dialog.action.click()
    await until(lambda: "No space left" in dialog.error.text())


async def test_asking_can_be_cancelled(dialog, services, qtbot):
    services.providers.gate = asyncio.Event()
    dialog.fetch.click()
    await until(dialog.busy.isVisible)
    qtbot.mouseClick(dialog.busy._cancel, Qt.MouseButton.LeftButton)
    assert dialog.fetch.isEnabled()
    assert dialog.busy.isHidden()
