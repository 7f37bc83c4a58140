from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.exchange import Filter
from app.ui.dialogs.export import open_export
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def start(show, services, tasks):
    window = show(QWidget(), 800, 600)
    made = []

    def start(wanted=Filter()):  # noqa: B008 (frozen)
        made.append(open_export(window, services, tasks, wanted))
        return made[-1]

    yield start
    for dialog in made:
        take_down(dialog, tasks)


async def counted(dialog):
    await until(lambda: "exchange" in dialog.amount.text())


async def test_it_says_how_much_it_is(start):
    whole = start()
    await counted(whole)
    assert whole.amount.text() == "400 exchanges: the whole history. Prompts and answers are not part of it."
    part = start(Filter(providers=("Ollama",)))
    await counted(part)
    assert "what the filter of the History page shows" in part.amount.text()


async def test_nothing_to_export_is_said_with_the_way_out(start):
    dialog = start(Filter(providers=("nobody",)))
    await counted(dialog)
    assert not dialog.action.isEnabled()
    assert "Widen the filter" in dialog.error.text()


async def test_format_then_file_then_done(start, services, qtbot, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("app.ui.dialogs.export.QDesktopServices.openUrl", shown.append)
    wanted = Filter(providers=("Anthropic",))
    dialog = start(wanted)
    await counted(dialog)
    qtbot.mouseClick(
        dialog.formats.button(1), Qt.MouseButton.LeftButton, pos=dialog.formats.button(1).rect().center() / 4
    )
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    chooser = dialog.findChild(QFileDialog)
    assert chooser.nameFilters() == ["JSON Lines (*.jsonl)"]
    chooser.fileSelected.emit(str(tmp_path / "mine"))
    await until(dialog.done_text.isVisible)
    assert services.asked("export") == [(tmp_path / "mine.jsonl", "jsonl", wanted)]
    assert dialog.done_text.text() == f"400 exchanges are in {tmp_path / 'mine.jsonl'}."
    qtbot.mouseClick(dialog.folder, Qt.MouseButton.LeftButton)
    assert Path(shown[0].toLocalFile()) == tmp_path
    dialog.action.click()
    assert closed(dialog)


async def test_progress_is_counted_and_escape_stops_it(start, services, qtbot, tmp_path):
    dialog = start()
    await counted(dialog)
    services.exports.rows = 10_000_000
    dialog.export(tmp_path / "x.csv")
    await until(lambda: "exchanges" in dialog.busy._text.text())
    assert not dialog.action.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    await until(lambda: dialog.error.text().startswith("Cancelled"))
    assert dialog.action.isEnabled()
    assert not dialog.done_text.isVisible()


async def test_a_disk_that_is_full_is_said_and_can_be_tried_again(start, services, tmp_path):
    dialog = start()
    await counted(dialog)
    services.exports.errors["export"] = OSError(28, "No space left on device")
    dialog.export(tmp_path / "x.csv")
    await until(dialog.error.text)
    assert dialog.error.text() == (
        "The file was not written: No space left on device. Choose another place and try again."
    )
    services.exports.errors.clear()
    dialog.export(tmp_path / "x.csv")
    await until(dialog.done_text.isVisible)
    assert not dialog.error.isVisible()


async def test_closing_while_it_counts_leaves_nothing_behind(start, services, tasks):
    services.insight.gate = asyncio.Event()
    dialog = start()
    dialog.done(0)
    await until(lambda: not tasks._running)
