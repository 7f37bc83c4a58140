from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.domain.errors import ConfigError
from app.domain.routing import Choice, Routing, Rule
from app.domain.rule_words import rule_words
from app.ui.dialogs.message import Question
from app.ui.dialogs.rule_editor import RuleEditor
from app.ui.pages.routes_rules import RoutesRules
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down

RULES = (
    Rule("Long", min_tokens=60_000, to=(Choice("Ollama"),)),
    Rule("Side", subagent=True, to=(Choice("Ollama"),)),
    Rule(enabled=False, image=True, to=(Choice("Anthropic"),)),
)


@pytest.fixture
def part(show, services, tasks):
    services.status.set(routing=Routing(rules=RULES))
    made = RoutesRules(services, tasks)
    services.status.subscribe(made.show_status)
    made.show_status(services.status.current)
    return show(made, 460, 600)


def names(services):
    return [rule.name for rule in services.routes.routing.rules]


async def test_each_rule_is_said_in_words(part):
    shown = [part.list.rows.listed(row) for row in range(3)]
    assert [one.title for one in shown] == ["Long", "Side", "Rule 3"]
    words = rule_words(RULES[0])
    assert shown[0].note == words[0].upper() + words[1:]
    assert words.endswith("→ Ollama, then the usual way")
    assert [one.ticked for one in shown] == [True, True, False]
    assert [one.number for one in shown] == ["1", "2", "3"]


async def test_rules_are_moved_and_the_selection_goes_with_them(part, services, qtbot):
    part.list.select(1)
    qtbot.keyClick(part.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: services.asked("move_rule") == [(1, 0)])
    assert names(services) == ["Side", "Long", ""]
    assert part.list.row == 0
    assert part.list.rows.listed(0).title == "Side"
    assert part.list.rows.listed(0).number == "1"
    qtbot.mouseClick(part.down, Qt.MouseButton.LeftButton)
    await until(lambda: services.asked("move_rule")[-1] == (0, 1))


async def test_a_move_that_fails_is_taken_back(part, services, tasks):
    heard = []
    tasks.failed.connect(heard.append)
    services.routes.errors["move_rule"] = ConfigError("the disk is full")
    part.list.select(0)
    part.list.step(1)
    await until(lambda: heard)
    assert [part.list.rows.listed(row).title for row in range(3)] == ["Long", "Side", "Rule 3"]


async def test_space_switches_one_on(part, services, qtbot):
    part.list.select(2)
    qtbot.keyClick(part.list, Qt.Key.Key_Space)
    await until(lambda: services.asked("put_rule") == [(replace(RULES[2], enabled=True), None, 2)])
    assert part.list.rows.listed(2).ticked


async def test_a_copy_stands_below_and_is_selected(part, services):
    part.list.select(0)
    part.copy.click()
    await until(lambda: services.asked("put_rule") == [(replace(RULES[0], name="Long copy"), 1, None)])
    await until(lambda: part.list.row == 1)
    assert names(services) == ["Long", "Long copy", "Side", ""]


async def test_removing_asks_first_and_names_what_is_lost(part, services, qtbot):
    part.list.select(1)
    qtbot.keyClick(part.list, Qt.Key.Key_Delete)
    question = part.findChild(Question)
    assert "subagent" in question.accessibleDescription()
    assert services.asked("remove_rule") == []
    question.action.click()
    await until(lambda: services.asked("remove_rule") == [(1,)])
    assert names(services) == ["Long", ""]


async def test_what_was_changed_meanwhile_is_not_removed(part, services, qtbot):
    part.list.select(1)
    part.remove.click()
    services.status.set(routing=Routing(rules=RULES[1:]))
    part.findChild(Question).action.click()
    assert services.asked("remove_rule") == []


async def test_a_new_rule_is_selected(part, services, tasks):
    part.add.click()
    editor = part.findChild(RuleEditor)
    editor.form.name.setText("New")
    editor.action.click()
    await until(lambda: services.asked("put_rule"))
    await until(lambda: part.list.row == 3)
    assert part.list.rows.listed(3).title == "New"


async def test_return_edits(part, qtbot, tasks):
    part.list.select(1)
    qtbot.keyClick(part.list, Qt.Key.Key_Return)
    editor = part.findChild(RuleEditor)
    assert editor.form.rule == RULES[1]
    take_down(editor, tasks)


async def test_without_rules_it_says_what_one_is_for(part, services, qtbot, tasks):
    services.status.set(routing=Routing())
    assert part.empty.isVisible()
    first = next(one for one in part.empty.findChildren(QPushButton) if one.isVisible())
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    take_down(part.findChild(RuleEditor), tasks)
