from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.ui.formats import NBSP
from app.ui.models.client_keys import BAR_ROLE, BUDGET, LIMITS, NAME, STATE, TAGS, USED, KeyModel
from app.ui.widgets.cell import CELL_ROLE
from tests.fakes.limits import keys, standings
from tests.fakes.sample import NOW_US


@pytest.fixture
def model(qapp):
    made = KeyModel(lambda: NOW_US)
    made.show(keys(NOW_US), standings(NOW_US))
    return made


def text(model, key_id, column, role=Qt.ItemDataRole.DisplayRole):
    return str(model.index(model.place(key_id), column).data(role)).replace(NBSP, " ")


def test_what_a_row_says(model):
    assert text(model, "k-laptop", NAME) == "laptop"
    assert text(model, "k-laptop", LIMITS) == "60/min · 2 at once · claude-* only · from 192.168.1.0/24"
    assert text(model, "k-ci", TAGS) == "work, robots"
    assert text(model, "k-rotated", STATE) == "old text ends in 3 h"
    assert text(model, "k-laptop", USED) == "never"
    assert text(model, "k-laptop", BUDGET) == "$15.80 of $20.00 a month"
    assert text(model, "k-ci", BUDGET) == "no budget"
    assert text(model, "k-ci", STATE, Qt.ItemDataRole.AccessibleTextRole) == "State: expires in 3 days"


def test_rows_stand_by_name(model):
    names = [model.index(row, NAME).data() for row in range(model.rowCount())]
    assert names == sorted(names)


def test_colors_are_never_all_there_is(model):
    state = model.index(model.place("k-guest"), STATE).data(CELL_ROLE)
    assert (state.text, state.role) == ("expired", "error")
    assert state.mark is not None
    assert model.index(model.place("k-old"), NAME).data(CELL_ROLE).role == "muted"
    assert model.index(model.place("k-laptop"), BUDGET).data(CELL_ROLE) is None
    assert model.index(model.place("k-laptop"), BUDGET).data(BAR_ROLE).shares.role == "accent"
    assert model.index(model.place("k-ci"), BUDGET).data(BAR_ROLE) is None


def test_only_what_changed_is_told(model):
    told, resets = [], []
    model.dataChanged.connect(lambda first, last: told.append(first.row()))
    model.modelReset.connect(lambda: resets.append(1))
    model.show(keys(NOW_US), standings(NOW_US))
    assert told == []
    fuller = tuple(replace(one, used=one.used + 1) if one.budget.id == "b-key" else one for one in standings(NOW_US))
    model.show(keys(NOW_US), fuller)
    assert told == [model.place("k-laptop")]
    model.show(keys(NOW_US)[1:], fuller)
    assert resets == [1]


def test_last_use_comes_later(model):
    model.show_used({"k-laptop": NOW_US - 120_000_000})
    assert text(model, "k-laptop", USED) == "2 min ago"
    assert text(model, "k-ci", USED, Qt.ItemDataRole.ToolTipRole) == "It has opened nothing yet"


def test_tooltips_have_the_whole_story(model):
    said = text(model, "k-laptop", LIMITS, Qt.ItemDataRole.ToolTipRole)
    assert said.startswith("May use claude-* from 192.168.1.0/24")
    assert "79 %" in text(model, "k-laptop", BUDGET, Qt.ItemDataRole.ToolTipRole)


def test_several_budgets_are_counted(model):
    first = next(one for one in standings(NOW_US) if one.budget.id == "b-key")
    second = replace(first, budget=replace(first.budget, id="b2"))
    model.show(keys(NOW_US), (first, second))
    assert text(model, "k-laptop", BUDGET) == "$15.80 of $20.00 a month +1"
