from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.importers.report import ImportReport
from app.ui.dialogs.importer import ImportDialog, lines, open_import, open_preview, summary
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down

PATH = Path("/etc/providers.toml")
REPORT = ImportReport(
    1, 1, ("provider Bocha: no base_url, search only",), (ProviderEntry("Kimi", base_url="https://k/v1"),),
    settings=(("big_model", "kimi-k2"),),
)  # fmt: skip


@pytest.fixture
def start(show, services, tasks):
    window = show(QWidget(), 800, 600)
    made = []

    def start():
        made.append(open_preview(window, services, tasks, PATH))
        return made[-1]

    yield start
    for dialog in made:
        take_down(dialog, tasks)


async def test_first_what_would_happen_then_doing_it(start, services, qtbot):
    services.imports.report = REPORT
    dialog = start()
    assert not dialog.action.isEnabled()
    await until(dialog.action.isEnabled)
    assert dialog.headline.text() == "1 provider to import, 1 to change, 1 left out"
    await until(lambda: "Bocha" in dialog.report.edit.toPlainText())
    assert services.asked("apply") == []
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    await until(lambda: "imported" in dialog.headline.text())
    assert services.asked("apply") == [(PATH,)]
    dialog.action.click()
    assert closed(dialog)


async def test_a_file_that_cannot_be_read_names_its_line(start, services):
    services.imports.errors["preview"] = ConfigError("a value is missing", file="providers.toml", line=14)
    dialog = start()
    await until(dialog.error.text)
    assert dialog.error.text() == "providers.toml, line 14: a value is missing"
    assert dialog.headline.text() == "The file cannot be imported"
    assert not dialog.action.isEnabled()


async def test_waiting_for_the_keyring_can_be_ended(start, services):
    dialog = start()
    await until(dialog.action.isEnabled)
    services.imports.gate = asyncio.Event()
    dialog.action.click()
    await until(dialog.busy.isVisible)
    dialog.busy._cancel.click()
    assert dialog.action.isEnabled()
    assert dialog.busy.isHidden()


async def test_a_half_done_import_says_what_stays(start, services):
    dialog = start()
    await until(dialog.action.isEnabled)
    services.imports.errors["apply"] = OSError(28, "No space left on device")
    dialog.action.click()
    await until(dialog.error.text)
    assert "What was imported before that stays" in dialog.error.text()


async def test_the_file_is_asked_for_first(show, services, tasks):
    window = show(QWidget(), 800, 600)
    open_import(window, services, tasks)
    chooser = window.findChild(QFileDialog)
    chooser.fileSelected.emit(str(PATH))
    chooser.reject()
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, ImportDialog) and one.isVisible())
    await until(dialog.action.isEnabled)
    dialog.close()


def test_the_report_is_plain_lines():
    assert lines(REPORT).split("\n") == [
        "Kimi https://k/v1",
        "big model: kimi-k2",
        "",
        "Left out:",
        "provider Bocha: no base_url, search only",
    ]
    assert lines(ImportReport()) == "There is nothing in it to import."
    assert summary(ImportReport(2), done=True) == "2 providers imported"
