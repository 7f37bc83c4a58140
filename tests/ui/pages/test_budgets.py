from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QPushButton

from app.domain.budget import Scope
from app.ui.dialogs.budget_editor import BudgetEditor
from app.ui.dialogs.message import Question
from app.ui.models.budgets import LINE_ROLE
from app.ui.pages.budgets import BudgetsPage, summary
from tests.fakes.limits import USD, keys, standings
from tests.fakes.sample import NOW_US
from tests.fakes.services import FakeServices
from tests.ui.conftest import focus_chain, until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
async def page(show, services, tasks):
    services.keys.kept = keys(NOW_US)
    services.status.set(budgets=standings(NOW_US))
    made = show(BudgetsPage(services, tasks, now_us=lambda: NOW_US), 1100, 700)
    yield made
    for kind in (BudgetEditor, Question):
        for dialog in made.findChildren(kind):
            take_down(dialog, tasks)


def select(page, budget_id):
    page.list.setCurrentIndex(page.model.index(page.model.place(budget_id)))


async def test_budgets_follow_the_status_in_their_places(page, services):
    before = [page.model.standing(row).budget.id for row in range(4)]
    select(page, "b-provider")
    fuller = tuple(replace(one, used=one.used + USD) for one in reversed(services.status.current.budgets))
    services.status.set(budgets=fuller)
    assert [page.model.standing(row).budget.id for row in range(4)] == before
    assert page.list.currentIndex().row() == page.model.place("b-provider")
    assert "$16.80 of $20.00" in page.model.index(page.model.place("b-key")).data(LINE_ROLE).amount
    assert page.summary.text() == "4 budgets · 2 used up · 1 past its warning mark"


async def test_adding_one_selects_it(page, services, qtbot):
    page.add.click()
    editor = page.findChild(BudgetEditor)
    qtbot.keyClicks(editor.form.amount, "5")
    editor.action.click()
    await until(lambda: page.model.rowCount() == 5)
    assert page.model.standing(page.list.currentIndex().row()).budget.id == "b5"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_F2])
async def test_editing_from_the_keyboard(page, services, qtbot, key):
    select(page, "b-key")
    qtbot.keyClick(page.list, key)
    editor = page.findChild(BudgetEditor)
    assert editor.form.amount.text() == "20"
    editor.form.amount.setText("30")
    editor.action.click()
    await until(lambda: services.asked("put_budget"))
    assert services.asked("put_budget")[0][0].amount == 30 * USD


async def test_removing_says_what_it_means_first(page, services, qtbot):
    select(page, "b-key")
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    question = page.findChild(Question)
    assert "pass from now on" in question.accessibleDescription()
    assert not question.action.isDefault()
    row = page.list.currentIndex().row()
    question.action.click()
    await until(lambda: services.asked("remove_budget") == [("b-key",)])
    assert page.model.place("b-key") < 0
    assert page.list.currentIndex().row() == row


async def test_where_others_send_one(page):
    page.arrive("b-model")
    assert page.list.currentIndex().row() == page.model.place("b-model")
    page.arrive("nobody")
    assert page.list.currentIndex().row() == page.model.place("b-model")
    page.arrive("key k-laptop")
    editor = page.findChild(BudgetEditor)
    assert (editor.form._scope(), editor.form.subject(), editor.form.amount.text()) == (Scope.KEY, "k-laptop", "")


async def test_the_context_menu_does_what_the_buttons_do(page):
    page.list.customContextMenuRequested.emit(QPoint(5, 5))
    menu = next(one for one in page.list.findChildren(QMenu) if one.isVisible())
    assert [action.text() for action in menu.actions()] == ["&Edit…", "Re&move…"]
    menu.close()


async def test_a_renamed_key_reads_so_at_once(page, services):
    services.keys.kept = tuple(replace(key, name=f"{key.name} 2") for key in services.keys.kept)
    page.refresh()
    assert page.model.index(page.model.place("b-key")).data() == "Key laptop 2, every month"


async def test_tab_goes_along_the_eye(page):
    wanted = [page.add, page.edit, page.remove, page.list]
    assert [one for one in focus_chain(page.add) if one in wanted] == wanted
    assert page.focusProxy() is page.list


async def test_nobody_looks_no_timer(page):
    assert page._tick.isActive()
    page.hide()
    assert not page._tick.isActive()


async def test_without_any_it_leads_to_the_first(show, services, tasks, qtbot):
    page = show(BudgetsPage(services, tasks), 1100, 700)
    assert page._stack.currentWidget() is page.empty
    assert "Today's requests cost $18.27 so far." in page.empty._text.text()
    qtbot.mouseClick(next(one for one in page.empty.findChildren(QPushButton)), Qt.MouseButton.LeftButton)
    editor = page.findChild(BudgetEditor)
    assert editor.isVisible()
    take_down(editor, tasks)
    assert closed(editor)


async def test_at_the_first_start_nothing_was_spent(show, tasks):
    page = show(BudgetsPage(FakeServices.empty(), tasks), 1100, 700)
    assert page.empty._text.text().endswith("a soft one warns.")


def test_how_they_stand_in_a_few_words():
    first, second, *_ = standings(NOW_US)
    assert summary(()) == ""
    assert summary((first,)) == "1 budget · 1 used up"
    assert summary((second, second)) == "2 budgets · 2 past their warning mark"
    short = replace(second, budget=replace(second.budget, hard=True), too_little=True)
    assert summary((first, short, second)) == (
        "3 budgets · 1 used up · 1 with too little left · 1 past its warning mark"
    )


async def test_one_with_too_little_left_comes_first_and_says_until_when(page, services):
    short = [replace(one, too_little=one.budget.id == "b-key") for one in services.status.current.budgets]
    full = [replace(one, used=0) if one.budget.id == "b-model" else one for one in short]
    services.status.set(budgets=tuple(full))
    line = page.model.index(0).data(LINE_ROLE)
    assert line.title.startswith("Key laptop")
    assert line.alert.startswith("Too little left for the last request: requests like it are refused until ")
    assert line.alert_role == line.shares.role == "error"
    assert line.alert in line.spoken
    assert page.summary.text() == "4 budgets · 1 with too little left · 1 past its warning mark"
