from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QListWidget, QPushButton, QVBoxLayout, QWidget

from app.ui.widgets.button_menu import popup


@pytest.fixture
def place(show):
    top = QWidget()
    column = QVBoxLayout(top)
    view, edit, remove, hidden = QListWidget(), QPushButton("&Edit"), QPushButton("Remove"), QPushButton("Never")
    for widget in (view, edit, remove, hidden):
        column.addWidget(widget)
    view.addItems(["one", "two"])
    remove.setEnabled(False)
    show(top, 300, 300)
    hidden.hide()
    return view, (edit, remove, hidden)


def test_the_menu_offers_what_the_buttons_do(place):
    view, buttons = place
    done = []
    buttons[0].clicked.connect(lambda: done.append("edit"))
    menu = popup(view, view.visualItemRect(view.item(0)).center(), buttons)
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [("&Edit", True), ("Remove", False)]
    menu.actions()[0].trigger()
    menu.close()
    assert done == ["edit"]


def test_the_keyboard_asks_for_the_current_item(place):
    view, buttons = place
    view.setCurrentRow(-1)
    assert popup(view, QPoint(5, 5000), buttons) is None
    view.setCurrentRow(1)
    menu = popup(view, QPoint(5, 5000), buttons)
    assert menu is not None
    menu.close()
