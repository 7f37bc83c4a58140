from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.domain.settings import Theme
from app.ui import theme
from app.ui.models.budgets import BudgetModel
from app.ui.widgets.budget_list import BudgetList
from tests.fakes.limits import USD, standings
from tests.fakes.sample import NOW_US


@pytest.fixture
def view(show):
    made = BudgetList()
    model = BudgetModel(lambda: NOW_US)
    model.setParent(made)
    made.setModel(model)
    model.show(standings(NOW_US), {"k-laptop": "laptop"})
    made.setCurrentIndex(model.index(0))
    return show(made, 900, 500)


def colors_of(view, row):
    image = view.viewport().grab(view.visualRect(view.model().index(row))).toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("wanted", [Theme.LIGHT, Theme.DARK])
def test_a_bar_is_drawn_in_the_color_of_its_state(view, themes, wanted):
    themes.use(wanted)
    QApplication.processEvents()
    model = view.model()
    assert theme.color("error").name() in colors_of(view, model.place("b-model"))
    assert theme.color("warning").name() in colors_of(view, model.place("b-provider"))
    assert theme.color("error").name() not in colors_of(view, model.place("b-key"))


def test_a_row_that_needs_attention_is_higher(view):
    model = view.model()
    row = model.place("b-key")
    before = view.visualRect(model.index(row)).height()
    calm = tuple(replace(one, used=USD, reserved=0) if one.budget.id == "b-key" else one for one in standings(NOW_US))
    model.show(calm, {"k-laptop": "laptop"})
    QApplication.processEvents()
    assert view.visualRect(model.index(row)).height() < before


@pytest.mark.parametrize(
    ("key", "signal"),
    [
        (Qt.Key.Key_Return, "edit_wanted"),
        (Qt.Key.Key_F2, "edit_wanted"),
        (Qt.Key.Key_Delete, "remove_wanted"),
    ],
)
def test_keys(view, qtbot, key, signal):
    with qtbot.waitSignal(getattr(view, signal), timeout=1000):
        qtbot.keyClick(view, key)


def test_without_a_selection_keys_do_nothing(view, qtbot):
    heard = []
    view.remove_wanted.connect(lambda: heard.append(1))
    view.setCurrentIndex(view.model().index(-1))
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert heard == []


def test_a_narrow_window_cuts_words_and_keeps_figures(view):
    view.resize(260, 400)
    QApplication.processEvents()
    assert not view.viewport().grab().isNull()
