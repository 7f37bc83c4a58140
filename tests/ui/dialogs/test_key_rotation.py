from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.errors import ConfigError
from app.domain.provider import Secret
from app.ui.dialogs.key_rotation import OVERLAPS, open_rotation
from tests.fakes.limits import TEXT, keys
from tests.fakes.sample import NOW_US
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def heard():
    return []


@pytest.fixture
async def dialog(show, services, tasks, heard):
    services.keys.kept = keys(NOW_US)
    window = show(QWidget(), 900, 700)
    made = open_rotation(window, services, tasks, keys(NOW_US)[1], lambda *values: heard.append(values))
    yield made
    take_down(made, tasks)


@pytest.mark.parametrize("seconds", [seconds for seconds, _ in OVERLAPS])
async def test_each_overlap(dialog, services, heard, seconds):
    dialog.overlaps.button(seconds).click()
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("rotate") == [("k-laptop", seconds)]
    assert heard == [(Secret(TEXT), "laptop")]


async def test_a_day_is_proposed(dialog, services, qtbot):
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    await until(lambda: closed(dialog))
    assert services.asked("rotate") == [("k-laptop", 86_400)]


async def test_what_control_refuses_is_said(dialog, services, heard):
    services.keys.errors["rotate"] = ConfigError("there is no client key 'laptop'", key="key")
    dialog.action.click()
    await until(dialog.error.text)
    assert dialog.error.text() == "There is no client key 'laptop'."
    services.keys.errors["rotate"] = OSError(28, "No space left on device")
    dialog.action.click()
    await until(lambda: "same as before" in dialog.error.text())
    assert heard == []


async def test_waiting_can_be_cancelled(dialog, services, qtbot):
    services.keys.gate = asyncio.Event()
    dialog.action.click()
    await until(dialog.busy.isVisible)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.action.isEnabled()
