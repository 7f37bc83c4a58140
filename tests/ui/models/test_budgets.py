from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.ui import budget_words
from app.ui.models.budgets import LINE_ROLE, BudgetModel
from tests.fakes.limits import USD, standings
from tests.fakes.sample import NOW_US

NAMES = {"k-laptop": "laptop"}


@pytest.fixture
def model(qapp):
    made = BudgetModel(lambda: NOW_US)
    made.show(standings(NOW_US), NAMES)
    return made


def test_the_order_holds_still_while_budgets_fill(model):
    titles = [model.index(row).data() for row in range(model.rowCount())]
    assert titles == [
        "Models claude-opus-*, every week",
        "Provider Anthropic, every day",
        "Key laptop, every month",
        "All requests, every month",
    ]
    first, second, third, last = standings(NOW_US)
    fuller = replace(last, used=75 * USD)
    model.show((first, second, replace(third, used=0), fuller), NAMES)
    assert [model.index(row).data() for row in range(model.rowCount())] == titles
    model.show((first, second, third, replace(fuller, used=100 * USD)), NAMES)
    assert [model.standing(row).budget.id for row in range(4)] == ["b-all", "b-model", "b-provider", "b-key"]


def test_only_what_changed_is_told(model):
    told, resets = [], []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.modelReset.connect(lambda: resets.append(1))
    model.show(standings(NOW_US), NAMES)
    model.tick()
    assert told == []
    changed = tuple(replace(one, used=one.used + USD) if one.budget.id == "b-key" else one for one in standings(NOW_US))
    model.show(changed, NAMES)
    assert (told, resets) == ([(2, 2)], [])
    model.show(changed[:3], NAMES)
    assert resets == [1]


def test_what_did_not_change_is_not_put_into_words_again(model, monkeypatch):
    said = []
    line = budget_words.line
    monkeypatch.setattr(budget_words, "line", lambda one, *rest: said.append(one.budget.id) or line(one, *rest))
    model.show(standings(NOW_US), NAMES)
    assert said == []
    changed = tuple(replace(one, reserved=7) if one.budget.id == "b-all" else one for one in standings(NOW_US))
    model.show(changed, NAMES)
    assert said == ["b-all"]
    model.tick()
    assert len(said) == 5


def test_a_key_that_was_renamed_reads_so(model):
    model.show(standings(NOW_US), {"k-laptop": "notebook"})
    assert model.index(2).data() == "Key notebook, every month"


def test_what_is_heard_is_what_is_seen(model):
    index = model.index(model.place("b-model"))
    assert "Used up: requests are refused" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert index.data(LINE_ROLE).shares.role == "error"
    assert "$25.00 used of $25.00" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert model.standing(9) is None
    assert model.place("nobody") == -1
    assert model.data(model.index(9)) is None
