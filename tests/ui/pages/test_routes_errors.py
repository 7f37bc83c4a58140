from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.domain.errors import ConfigError
from app.domain.routing import ErrorRule, Meaning, Routing
from app.ui.dialogs.error_rule_editor import ErrorRuleEditor
from app.ui.dialogs.message import Question
from app.ui.models.listed import LISTED_ROLE
from app.ui.pages.routes_errors import RoutesErrors
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down

RULES = (
    ErrorRule(Meaning.OVERLOADED, status=400, text="try again", provider="Ollama"),
    ErrorRule(Meaning.RATE_LIMITED, status=403),
    ErrorRule(Meaning.REFUSED, status=403, text="quota"),
)


@pytest.fixture
def part(show, services, tasks):
    services.status.set(routing=Routing(error_rules=RULES))
    made = RoutesErrors(services, tasks)
    services.status.subscribe(made.show_status)
    made.show_status(services.status.current)
    return show(made, 460, 600)


def shown(part):
    return [part.list.rows.listed(row) for row in range(part.list.rows.rowCount())]


async def test_each_rule_is_said_in_words(part):
    first, second, _ = shown(part)
    assert first.title == 'Status 400 with "try again" in it, from Ollama'
    assert first.note == "The provider is overloaded, so another one is tried"
    assert (second.title, second.number) == ("Status 403", "2")
    assert [one.ticked for one in shown(part)] == [None, None, None]


async def test_one_that_never_counts_says_so_and_counts_again_once_it_stands_before(part, services, qtbot):
    assert [one.on for one in shown(part)] == [True, True, False]
    assert shown(part)[2].note == "Never counts: rule 2 fits the same errors"
    heard = part.list.rows.data(part.list.rows.index(2), Qt.ItemDataRole.AccessibleTextRole)
    assert "Never counts" in heard
    part.list.select(2)
    qtbot.keyClick(part.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: services.asked("move_error_rule") == [(2, 1)])
    assert [one.on for one in shown(part)] == [True, True, True]
    assert part.list.row == 1
    assert part.list.currentIndex().data(LISTED_ROLE).title == 'Status 403 with "quota" in it'
    assert services.routes.routing.error_rules == (RULES[0], RULES[2], RULES[1])


async def test_a_move_that_fails_is_taken_back(part, services, tasks):
    heard = []
    tasks.failed.connect(heard.append)
    services.routes.errors["move_error_rule"] = ConfigError("the disk is full")
    part.list.select(0)
    part.down.click()
    await until(lambda: heard)
    assert heard == ["Could not move the error rule: the disk is full"]
    assert shown(part)[0].title.startswith("Status 400")


async def test_a_copy_stands_below_and_is_selected(part, services):
    part.list.select(0)
    part.copy.click()
    await until(lambda: services.asked("put_error_rule") == [(RULES[0], 1, None)])
    await until(lambda: part.list.row == 1)
    assert services.routes.routing.error_rules == (RULES[0], *RULES)


async def test_removing_asks_first_and_names_what_is_lost(part, services, qtbot):
    part.list.select(0)
    qtbot.keyClick(part.list, Qt.Key.Key_Delete)
    question = part.findChild(Question)
    assert 'Status 400 with "try again" in it, from Ollama' in question.accessibleDescription()
    assert services.asked("remove_error_rule") == []
    question.action.click()
    await until(lambda: services.asked("remove_error_rule") == [(0,)])
    assert services.routes.routing.error_rules == RULES[1:]


async def test_what_was_changed_meanwhile_is_not_removed(part, services):
    part.list.select(1)
    part.remove.click()
    services.status.set(routing=Routing(error_rules=RULES[1:]))
    part.findChild(Question).action.click()
    assert services.asked("remove_error_rule") == []


async def test_a_new_rule_is_selected(part, services):
    part.add.click()
    editor = part.findChild(ErrorRuleEditor)
    editor.form.status.setText("418")
    editor.action.click()
    await until(lambda: part.list.row == 3)
    assert services.asked("put_error_rule") == [(ErrorRule(Meaning.OVERLOADED, status=418), None, None)]
    assert shown(part)[3].title == "Status 418"


async def test_return_edits(part, qtbot, tasks):
    part.list.select(1)
    qtbot.keyClick(part.list, Qt.Key.Key_Return)
    editor = part.findChild(ErrorRuleEditor)
    assert editor.form.rule == RULES[1]
    take_down(editor, tasks)


async def test_without_rules_it_says_what_one_is_for(part, services, qtbot, tasks):
    services.status.set(routing=Routing())
    assert part.empty.isVisible()
    first = next(one for one in part.empty.findChildren(QPushButton) if one.isVisible())
    assert first.text() == "&Add a rule…"
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    take_down(part.findChild(ErrorRuleEditor), tasks)


async def test_what_has_only_a_symbol_has_a_name(part):
    assert (part.up.accessibleName(), part.down.accessibleName()) == (
        "Move the error rule up",
        "Move the error rule down",
    )
    assert part.list.accessibleName() == "Error rules in order"
