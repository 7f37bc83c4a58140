from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.amounts import AmountError
from app.domain.budget import Budget, Period, Scope, Unit
from app.ui.dialogs.budget_form import BudgetForm
from tests.fakes.limits import USD, keys
from tests.fakes.sample import NOW_US


@pytest.fixture
def form(show):
    return show(BudgetForm(keys(NOW_US), ("Anthropic", "Ollama")), 640, 300)


BUDGETS = (
    Budget("b", Scope.ALL, "", Unit.MONEY, Period.DAY, 12_340_000_000, hard=False, warn_percent=0),
    Budget("b", Scope.KEY, "k-laptop", Unit.TOKENS, Period.WEEK, 5_000_000, warn_percent=95),
    Budget("b", Scope.KEY, "k-gone", Unit.MONEY, Period.MONTH, USD),
    Budget("b", Scope.PROVIDER, "Ollama", Unit.MONEY, Period.TOTAL, 1_234_567_890_123),
    Budget("b", Scope.PROVIDER, "no longer there", Unit.MONEY, Period.TOTAL, USD),
    Budget("", Scope.MODEL, "claude-opus-*", Unit.MONEY, Period.MONTH, USD),
)


@pytest.mark.parametrize("budget", BUDGETS)
def test_what_is_shown_is_what_is_kept(form, budget):
    form.show_budget(budget)
    assert form.budget() == budget


def test_the_amount_is_read_back_in_words(form, qtbot):
    qtbot.keyClicks(form.amount, "1.234,50")
    assert form.rows["amount"]._hint.text() == "Read as $1,234.50."
    form.unit.setCurrentIndex(1)
    assert form.rows["amount"]._hint.text() == "Such as 500000 or 1.5 M."
    with pytest.raises(AmountError):
        form.budget()
    form.amount.setText("2 M")
    assert form.rows["amount"]._hint.text() == "Read as 2,000,000 tokens."


def test_each_scope_asks_for_its_subject(form, qtbot):
    for place, field in ((1, form.key), (2, form.provider), (3, form.model)):
        form.scope.setCurrentIndex(place)
        assert field.isVisibleTo(form)
    assert "stands for any part" in form.rows["subject"]._hint.text()
    assert form.missing().startswith("Enter the name of a model")
    qtbot.keyClicks(form.model, "gpt-5*")
    assert form.missing() == ""
    assert form.subject() == "gpt-5*"


def test_without_keys_it_says_where_to_get_one(show):
    form = show(BudgetForm((), ()), 640, 300)
    form.scope.setCurrentIndex(1)
    assert "Create one on the page Keys" in form.missing()
    form.scope.setCurrentIndex(2)
    assert "Add one on the page Providers" in form.missing()


def test_models_that_come_later_leave_what_was_typed(form, qtbot):
    form.scope.setCurrentIndex(3)
    qtbot.keyClicks(form.model, "claude-*")
    form.set_models(("gpt-5.2", "evil\u202e", "claude-opus-4-8"))
    assert form.model.currentText() == "claude-*"
    assert [form.model.itemText(row) for row in range(form.model.count())] == ["gpt-5.2", "claude-opus-4-8"]


def test_no_warning_greys_its_percent(form, qtbot):
    qtbot.mouseClick(form.warn, Qt.MouseButton.LeftButton, pos=form.warn.rect().center() * 0.2)
    assert not form.percent.isEnabled()
    form.amount.setText("1")
    assert form.budget().warn_percent == 0
