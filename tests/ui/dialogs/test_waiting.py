"""A dialog that waits: held still meanwhile, given up by Escape or Cancel, and told what came of it."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.ui.dialogs.attempts import Problem
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.widgets.form import Form
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


class Work:
    """Ends when it is told to."""

    def __init__(self):
        self.outcome = asyncio.get_running_loop().create_future()

    async def __call__(self):
        return await self.outcome


@pytest.fixture
async def work():
    return Work()


@pytest.fixture
def dialog(tasks, themes, work):
    made = WaitingDialog(None, "Save", tasks, action="&Save")
    made.form = Form()
    made.form.add("name", "&Name", QLineEdit())
    made.body.addWidget(made.form)
    made.held, made.fields = (made.form,), made.form
    made.action.clicked.connect(lambda: made.wait_for("save it", work(), made.saved))
    made.show()
    yield made
    take_down(made, tasks)


def still(dialog):
    return not (dialog.form.isEnabled() or dialog.action.isEnabled()) and dialog.busy.isVisible()


async def test_nothing_can_be_changed_until_it_worked_and_then_it_closes(dialog, work):
    dialog.action.click()
    assert still(dialog)
    work.outcome.set_result(None)
    await until(lambda: closed(dialog))


@pytest.mark.parametrize("how", ["escape", "cancel"])
async def test_it_can_be_given_up_and_stays_open_with_what_was_entered(dialog, work, tasks, qtbot, how):
    dialog.form.rows["name"].field.setText("mine")
    dialog.action.click()
    if how == "escape":
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        dialog.busy.cancelled.emit()
    assert dialog.isVisible()
    assert not still(dialog)
    assert not tasks.running(dialog)
    assert dialog.form.rows["name"].field.text() == "mine"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: closed(dialog))


async def test_a_problem_stands_at_its_field_or_below(dialog, work):
    dialog.action.click()
    work.outcome.set_result(Problem("name", "Is taken."))
    await until(lambda: dialog.form.rows["name"].error)
    assert dialog.form.rows["name"].error == "Is taken."
    assert dialog.form.isEnabled()
    dialog.tell(Problem("elsewhere", "The file is locked."))
    assert dialog.error.text() == "The file is locked."
    dialog.fields = None
    dialog.tell(Problem("name", "Is taken."))
    assert dialog.error.text() == "Is taken."


async def test_an_error_that_nobody_thought_of_is_told(dialog, work):
    dialog.action.click()
    work.outcome.set_exception(OSError(28, "No space left on device"))
    await until(dialog.error.text)
    assert dialog.error.text() == "That did not work: No space left on device."
    assert not still(dialog)


async def test_another_may_be_told_of_it(dialog, work):
    told = []
    dialog.wait_for("try it", work(), told.append, text="Trying…", failed=told.append)
    work.outcome.set_exception(TimeoutError())
    await until(lambda: told)
    assert told == ["it took too long; try again"]
    assert dialog.error.text() == ""
