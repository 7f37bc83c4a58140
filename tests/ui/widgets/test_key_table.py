from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.domain.settings import Theme
from app.ui import theme
from app.ui.models.client_keys import BUDGET, TAGS, USED, KeyModel
from app.ui.widgets.key_table import KeyTable
from tests.fakes.limits import keys, standings
from tests.fakes.sample import NOW_US


@pytest.fixture
def table(show):
    model = KeyModel(lambda: NOW_US)
    made = KeyTable(model)
    model.setParent(made)
    model.show(keys(NOW_US), standings(NOW_US))
    made.selectRow(0)
    return show(made, 1000, 400)


@pytest.mark.parametrize("wanted", [Theme.LIGHT, Theme.DARK])
def test_the_budget_is_a_bar(table, themes, wanted):
    themes.use(wanted)
    QApplication.processEvents()
    model = table.model()

    def inks(key_id):
        image = table.viewport().grab(table.visualRect(model.index(model.place(key_id), BUDGET))).toImage()
        return {image.pixelColor(x, image.height() // 2).name() for x in range(80)}

    assert theme.color("accent").name() in inks("k-laptop")
    assert theme.color("accent").name() not in inks("k-ci")


@pytest.mark.parametrize(
    ("key", "signal"),
    [
        (Qt.Key.Key_Return, "opened"),
        (Qt.Key.Key_F2, "opened"),
        (Qt.Key.Key_Delete, "remove_wanted"),
    ],
)
def test_keys(table, qtbot, key, signal):
    with qtbot.waitSignal(getattr(table, signal), timeout=1000):
        qtbot.keyClick(table, key)


def test_a_narrow_table_does_without_what_is_told_elsewhere(table):
    assert not table.isColumnHidden(TAGS)
    table.resize(740, 400)
    QApplication.processEvents()
    assert table.isColumnHidden(TAGS)
    assert table.isColumnHidden(USED)
    assert not table.horizontalScrollBar().isVisible()
    table.resize(1200, 400)
    QApplication.processEvents()
    assert not table.isColumnHidden(TAGS)


def test_one_key_is_selected_at_a_time(table):
    table.selectRow(1)
    table.selectRow(2)
    assert table.selected_rows() == [2]
