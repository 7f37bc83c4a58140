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
        "All requests, every month",
        "Key laptop, every month",
        "Provider Anthropic, every day",
        "Models claude-opus-*, every week",
    ]
    first, *others = standings(NOW_US)
    model.show((*others, replace(first, used=0)), NAMES)
    assert [model.index(row).data() for row in range(model.rowCount())] == titles


def test_only_what_changed_is_told(model):
    told, resets = [], []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.modelReset.connect(lambda: resets.append(1))
    model.show(standings(NOW_US), NAMES)
    model.tick()
    assert told == []
    changed = tuple(replace(one, used=one.used + USD) if one.budget.id == "b-key" else one for one in standings(NOW_US))
    model.show(changed, NAMES)
    assert (told, resets) == ([(1, 1)], [])
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
    assert model.index(1).data() == "Key notebook, every month"


def test_what_is_heard_is_what_is_seen(model):
    index = model.index(model.place("b-model"))
    assert "Used up: requests are refused" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert index.data(LINE_ROLE).shares.role == "error"
    assert "$25.00 used of $25.00" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert model.standing(9) is None
    assert model.place("nobody") == -1
    assert model.data(model.index(9)) is None
