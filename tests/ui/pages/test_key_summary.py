from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.pages.key_summary import BUDGETS, KeySummary
from tests.fakes.limits import USD, keys, standings
from tests.fakes.sample import NOW_US


@pytest.fixture
def summary(show):
    return show(KeySummary(lambda: NOW_US), 900, 200)


def budgets(*used):
    first = next(one for one in standings(NOW_US) if one.budget.id == "b-key")
    return [replace(first, used=one, reserved=0) for one in used]


def test_a_budget_is_a_bar_with_its_figures(summary):
    summary.show_key(keys(NOW_US)[1], budgets(20 * USD, USD), given=False)
    QApplication.processEvents()
    assert summary.state.text() == "active  ·  work"
    first, second, third = summary.rows
    assert (first.amount.text(), first.percent.text()) == ("$20.00 of $20.00", "100\u00a0%")
    assert first.percent.palette().windowText().color() == theme.color("error")
    assert second.bar.accessibleName().startswith("$1.00 of $20.00")
    assert [row.bar.isVisible() for row in (first, second, third)] == [True, True, False]


def test_more_than_there_is_room_for_stay_on_their_page(summary):
    summary.show_key(keys(NOW_US)[1], budgets(*[USD] * 5), given=False)
    assert sum(row.bar.isVisible() for row in summary.rows) == BUDGETS
    assert summary.more.isVisible()


def test_without_budgets_there_is_one_to_add(summary):
    summary.show_key(keys(NOW_US)[0], (), given=False)
    assert not summary.more.isVisible()
    assert summary.add.isVisible()
    assert summary.state.text() == "active"


def test_an_expired_key_opens_nothing_and_says_how_it_may_again(summary):
    summary.show_key(keys(NOW_US)[3], (), given=False)
    assert summary.words.text().startswith("It has expired and opens nothing; a later end opens it again. May use")


def test_a_hostile_name_is_text(summary):
    summary.show_key(replace(keys(NOW_US)[0], name="<img src=x>\n\u202eevil"), (), given=True)
    assert summary.title.whole == "<img src=x> evil"
    assert not summary.add.isVisible()


def test_no_key_no_summary(summary):
    summary.show_key(None, (), given=False)
    assert not summary.isVisible()
