from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from app.domain.settings import Theme
from app.ui import pages
from app.ui.rail import Rail, RailButton


@pytest.fixture
def rail(show):
    window = QMainWindow()
    window.rail = Rail(pages.load()[:4], window)
    window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, window.rail)
    window.rail.show_chosen(0)
    show(window, 400, 500)
    return window.rail


def test_a_click_chooses_a_page(rail, qtbot):
    heard = []
    rail.chosen.connect(heard.append)
    buttons = rail.findChildren(RailButton)
    qtbot.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    assert heard == [2]
    assert [button.isChecked() for button in buttons] == [False, False, True, False]


def test_arrows_walk_it(rail, qtbot):
    heard = []
    rail.chosen.connect(heard.append)
    rail.findChildren(RailButton)[0].setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up):
        qtbot.keyClick(rail, key)
    assert heard == [1, 2, 1, 0]


def test_the_chosen_page_is_seen_in_both_themes(rail, themes):
    one, two = rail.findChildren(RailButton)[:2]
    for theme in (Theme.LIGHT, Theme.DARK):
        themes.use(theme)
        QApplication.processEvents()
        assert one.grab().toImage().pixelColor(20, 8) != two.grab().toImage().pixelColor(20, 8)


def test_every_page_is_named_and_has_its_shortcut_told(rail):
    for number, button in enumerate(rail.findChildren(RailButton), start=1):
        assert button.accessibleName() == button.text()
        assert button.toolTip() == f"{button.text()} (Ctrl+{number})"


def test_it_stays_where_it_is(rail):
    assert not rail.isMovable()
    assert not rail.toggleViewAction().isEnabled()
