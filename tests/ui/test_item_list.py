from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu

from app.ui.item_list import ItemList, SwitchItem
from app.ui.tray_model import Entry


@pytest.fixture
def menu(qapp):
    return QMenu()


def shown(menu):
    return [action.text() for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def test_items_are_changed_in_place_and_tell_their_value(menu):
    heard = []
    made = ItemList(menu, 3, heard.append, lambda: heard.append("more"), words="Elsewhere…")
    before = menu.actions()
    made.show((Entry("A & b", "a"), Entry("C", "c")), more=True)
    assert shown(menu) == ["A && b", "C", "Elsewhere…"]
    made.show((Entry("C", "c"),), more=False)
    assert shown(menu) == ["C"]
    assert menu.actions() == before
    menu.actions()[0].trigger()
    menu.actions()[1].trigger()  # an old picture of the menu
    menu.actions()[-1].trigger()
    assert heard == ["c", "more"]


def test_a_switch_moves_when_the_choice_was_made(menu):
    heard = []
    switch = SwitchItem(menu, "Only this one", heard.append)
    action = menu.actions()[-1]
    action.trigger()
    assert (heard, action.isChecked()) == ([True], False)
    switch.show(on=True, possible=False)
    assert (action.isChecked(), action.isEnabled()) == (True, False)
