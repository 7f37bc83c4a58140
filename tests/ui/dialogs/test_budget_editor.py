from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.budget import Budget, Period, Scope, Unit
from app.domain.errors import ConfigError
from app.ui.dialogs.budget_editor import open_budget
from tests.fakes.limits import USD, keys
from tests.fakes.sample import NOW_US
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def start(show, services, tasks):
    services.keys.kept = keys(NOW_US)
    window, made = show(QWidget(), 900, 700), []

    def start(budget=None):
        made.append(open_budget(window, services, tasks, budget))
        return made[-1]

    yield start
    for dialog in made:
        take_down(dialog, tasks)


async def test_amount_and_enter_make_one(start, services, qtbot):
    dialog = start()
    assert dialog.focusWidget() is dialog.form.amount
    qtbot.keyClicks(dialog.form.amount, "20")
    assert dialog.meaning.text().startswith("At most $20.00 a month for all requests.")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    await until(lambda: closed(dialog))
    assert services.asked("put_budget") == [(Budget("", Scope.ALL, "", Unit.MONEY, Period.MONTH, 20 * USD),)]


async def test_what_is_wrong_stands_at_its_field(start, services, qtbot):
    dialog = start()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert "Enter an amount" in dialog.form.rows["amount"].error
    dialog.form.amount.setText("5")
    assert dialog.form.rows["amount"].error == ""
    dialog.form.scope.setCurrentIndex(3)
    dialog.action.click()
    assert "name of a model" in dialog.form.rows["subject"].error
    assert dialog.meaning.text() == dialog.form.rows["subject"].error
    assert services.asked("put_budget") == []


async def test_what_control_refuses(start, services):
    dialog = start()
    dialog.form.amount.setText("5")
    services.budgets.errors["put_budget"] = ConfigError("is too small for one request", key="amount")
    dialog.action.click()
    await until(lambda: dialog.form.rows["amount"].error)
    assert dialog.form.rows["amount"].error == "Is too small for one request."
    services.budgets.errors["put_budget"] = OSError(28, "No space left on device")
    dialog.action.click()
    await until(dialog.error.text)
    assert "Nothing has changed" in dialog.error.text()
    assert dialog.form.isEnabled()


async def test_a_slow_save_can_be_cancelled_and_loses_nothing(start, services, qtbot):
    dialog = start()
    dialog.form.amount.setText("5")
    services.budgets.gate = asyncio.Event()
    dialog.action.click()
    await until(dialog.busy.isVisible)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.form.amount.text() == "5"
    assert dialog.form.isEnabled()


async def test_one_that_exists_keeps_its_id(start, services):
    budget = Budget("b7", Scope.KEY, "k-laptop", Unit.MONEY, Period.MONTH, 20 * USD)
    dialog = start(budget)
    assert "for key laptop" in dialog.meaning.text()
    dialog.form.amount.setText("25")
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("put_budget")[0][0].id == "b7"


async def test_models_of_providers_and_of_the_history_are_offered(start, services):
    dialog = start()
    await until(lambda: dialog.form.model.count() >= 9)
    offered = {dialog.form.model.itemText(row) for row in range(dialog.form.model.count())}
    assert {"gpt-5.2", "claude-opus-4-8"} <= offered
