from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu

from app.ui.radio_list import RadioList
from app.ui.tray_model import Entry

A, B = Entry("a", "A", True), Entry("b", "B")


@pytest.fixture
def chosen(qapp):
    heard = []
    made = RadioList(QMenu(), 3, heard.append, lambda: heard.append("more"))
    made.show((A, B), more=False)
    return made, heard


def test_a_pick_tells_the_value_and_moves_no_mark(chosen):
    made, heard = chosen
    made._actions[1].trigger()
    assert heard == ["B"]
    assert [action.isChecked() for action in made._actions] == [True, False, False]
    made._actions[0].trigger()
    assert heard == ["B", "A"]
    assert made._actions[0].isChecked()


def test_nothing_may_be_marked(chosen):
    made, _ = chosen
    made.show((Entry("a", "A"), B), more=True)
    assert not any(action.isChecked() for action in made._actions)
    assert [action.text() for action in made.menu.actions() if action.isVisible()][-1] == "More in the window…"


def test_a_stale_click_does_nothing(chosen):
    made, heard = chosen
    made.show((A,), more=False)
    made._actions[1].trigger()
    assert heard == []


def test_a_line_stands_only_above_something(chosen):
    made, _ = chosen
    assert not any(action.isSeparator() and action.isVisible() for action in made.menu.actions())
    made.show((A, B), more=True)
    assert [action.isSeparator() for action in made.menu.actions() if action.isVisible()][-2:] == [True, False]
