from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.routing import Choice
from app.ui.widgets.target_rows import MOST, Offer, TargetRows

OFFERS = (Offer("A", 0, ("a1", "a2")), Offer("B", 1, ("b1",)), Offer("C", 2, ()))
CHOICES = (Choice("B", "b1"), Choice("A"), Choice("Gone", "g"))


@pytest.fixture
def rows(show):
    made = TargetRows(OFFERS)
    made.show_choices(CHOICES)
    return show(made, 480, 240)


def test_what_is_shown_comes_back(rows):
    assert rows.choices == CHOICES
    rows.show_choices(())
    assert rows.choices == ()
    rows.show_choices((Choice("a", "a1"),))
    assert rows.choices == (Choice("A", "a1"),)  # names are told apart without regard to case


def test_they_are_moved_and_removed(rows, qtbot):
    with qtbot.waitSignal(rows.changed):
        rows.rows[0].down.click()
    assert rows.choices == (CHOICES[1], CHOICES[0], CHOICES[2])
    assert rows.rows[1].down.hasFocus()
    rows.rows[2].up.click()
    assert rows.choices == (CHOICES[1], CHOICES[2], CHOICES[0])
    rows.rows[0].remove.click()
    assert rows.choices == (CHOICES[2], CHOICES[0])
    assert [row.up.isEnabled() for row in rows.rows] == [False, True]
    assert rows.rows[0].provider.accessibleName() == "Provider of target 1"


def test_a_new_one_is_of_a_provider_that_is_not_there_yet(rows, qtbot):
    with qtbot.waitSignal(rows.changed):
        rows.add.click()
    assert rows.choices[-1] == Choice("C")
    while rows.add.isEnabled():
        rows.add.click()
    assert len(rows.choices) == MOST


def test_another_provider_offers_its_own_models(rows):
    row = rows.rows[0]
    row.provider.setCurrentIndex(0)
    assert row.choice == Choice("A", "")
    assert [row.model.itemText(at) for at in range(row.model.count())] == ["", "a1", "a2"]
    row.model.setEditText("a3-not-listed")
    assert row.choice == Choice("A", "a3-not-listed")


def test_a_single_one_has_nothing_to_move(show):
    single = show(TargetRows(OFFERS, single=True), 480, 60)
    single.show_choices(CHOICES)
    QApplication.processEvents()
    assert single.choices == CHOICES[:1]
    assert not single.rows[0].up.isVisible()
    assert not single.add.isVisible()


def test_without_providers_there_is_nothing_to_add(show):
    none = show(TargetRows(()), 480, 60)
    none.show_choices(())
    assert not none.add.isEnabled()
