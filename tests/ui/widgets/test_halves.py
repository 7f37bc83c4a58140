from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QTabWidget

from app.ui.widgets.halves import Halves


@pytest.fixture
def halves(qtbot):
    tabs = QTabWidget()
    tabs.addTab(QLabel("first"), "First")
    tabs.addTab(QLabel("second"), "Second")
    made = Halves(QLabel("picture"), "Picture", tabs, (300, 400))
    made.tabs, made.picture = tabs, made.widget(0)
    qtbot.addWidget(made)
    made.resize(1000, 400)
    made.show()
    return made


def titles(halves):
    return [halves.tabs.tabText(at) for at in range(halves.tabs.count())]


def test_beside_one_another_where_there_is_room(halves):
    assert titles(halves) == ["First", "Second"]
    assert halves.picture.isVisible()
    assert halves.count() == 2


def test_without_room_the_picture_is_the_first_tab_and_comes_back(halves):
    halves.setSizes([450, 550])
    before = halves.sizes()
    halves.tabs.setCurrentIndex(1)
    halves.resize(650, 400)
    assert titles(halves) == ["Picture", "First", "Second"]
    assert halves.picture.isVisible(), "it is what is seen first"
    assert halves.picture.width() > 500
    halves.resize(1000, 400)
    assert titles(halves) == ["First", "Second"]
    assert halves.picture.isVisible()
    assert halves.sizes() == before
    assert halves.tabs.currentWidget().isVisible()


def test_it_may_become_as_narrow_as_a_small_window(halves):
    assert halves.minimumSizeHint().width() <= 650


def test_where_they_meet_is_kept_also_while_there_is_no_room(halves, qtbot):
    halves.setSizes([400, 600])
    before, kept = halves.sizes(), halves.state()
    halves.resize(650, 400)
    assert halves.is_narrow
    assert halves.state() == kept
    halves.restore(kept)
    halves.resize(1000, 400)
    assert halves.sizes() == before
