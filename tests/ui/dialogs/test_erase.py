from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.exchange import Filter, State
from app.ui.dialogs.erase import open_erase
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down

NOW_US = 4_000_000_000_000_000
SINCE_US = 1_777_000_000_000_000


@pytest.fixture
def start(show, services, tasks):
    window = show(QWidget(), 800, 600)
    made = []

    def start(wanted=None):
        said = []
        dialog = open_erase(window, services, tasks, wanted, now_us=NOW_US, done=said.append)
        dialog.said = said
        made.append(dialog)
        return dialog

    yield start
    for dialog in made:
        take_down(dialog, tasks)


async def counted(dialog):
    await until(lambda: "Counting" not in dialog.headline.text())


async def test_it_names_the_number_and_the_time_and_what_it_is_narrowed_to(start, services):
    wanted = Filter(providers=("Ollama",), states=(State.FAILED,), since_us=SINCE_US, search="canary")
    dialog = start(wanted)
    assert not dialog.action.isEnabled()
    await counted(dialog)
    dialog = start(Filter(providers=("Ollama",), client_keys=("default",), since_us=SINCE_US))
    await counted(dialog)
    number = len(services.insight._wanted(dialog.wanted))
    assert number > 1
    assert dialog.headline.text() == f"Delete {number} exchanges?"
    assert dialog.action.text().replace("&", "") == f"Delete {number} exchanges"
    assert dialog.period.text().startswith("From 20")
    assert " until 20" in dialog.period.text()
    assert dialog.narrowed.text() == "Only those of Ollama, with the key default."
    assert "no way back" in dialog.meaning.text()


async def test_enter_and_escape_delete_nothing(start, services, qtbot):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = start(Filter())
        await counted(dialog)
        qtbot.keyClick(dialog.dismiss, key)
        await until(lambda dialog=dialog: closed(dialog))
    assert services.asked("delete") == services.asked("purge") == []


async def test_what_comes_while_the_question_stands_is_not_deleted(start, services):
    dialog = start(Filter(providers=("Ollama",)))
    await counted(dialog)
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("delete") == [(Filter(providers=("Ollama",), until_us=NOW_US),)]
    own_end = start(Filter(until_us=SINCE_US))
    assert own_end.wanted.until_us == SINCE_US


async def test_what_was_done_is_said_with_what_still_runs(start, services):
    services.upkeep.running = 1
    dialog = start(Filter())
    await counted(dialog)
    said = dialog.said
    dialog.action.click()
    await until(lambda: said)
    assert said == ["Deleted 400 exchanges. 1 exchange still running stayed."]
    assert services.insight.rows == ()


async def test_a_deletion_is_not_left_in_the_middle(start, services, qtbot):
    dialog = start(Filter())
    await counted(dialog)
    services.upkeep.gate = asyncio.Event()
    dialog.action.click()
    await until(lambda: services.asked("delete"))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not closed(dialog)
    assert dialog.busy.isVisible()
    services.upkeep.gate.set()
    await until(lambda: closed(dialog))


async def test_a_failure_is_said_and_can_be_tried_again(start, services):
    services.upkeep.errors["delete"] = OSError(28, "No space left on device")
    dialog = start(Filter())
    await counted(dialog)
    dialog.action.click()
    await until(dialog.error.isVisible)
    assert "No space left" in dialog.error.text()
    assert dialog.action.isEnabled()
    del services.upkeep.errors["delete"]
    dialog.action.click()
    await until(lambda: closed(dialog))


async def test_nothing_to_delete_offers_nothing(start, services):
    dialog = start(Filter(providers=("Nobody",)))
    await until(lambda: dialog.headline.text() == "Nothing to delete")
    assert not dialog.action.isEnabled()


async def test_everything_is_everything_with_the_older_copies(start, services):
    services.upkeep.older = (Path("history.db.before-3"),)
    dialog = start()
    await counted(dialog)
    assert dialog.headline.text() == "Erase 400 exchanges?"
    assert "history.db.before-3" in dialog.meaning.text()
    assert "keys and settings stay" in dialog.meaning.text()
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("purge") == [()]
    assert services.asked("delete") == []


async def test_of_older_copies_a_part_says_that_they_stay(start, services):
    services.upkeep.older = (Path("history.db.before-3"),)
    dialog = start(Filter())
    await counted(dialog)
    assert "still hold what they held: history.db.before-3" in dialog.meaning.text()
