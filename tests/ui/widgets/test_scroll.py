from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.ui.widgets.scroll import Fitted, Scroll


def test_content_keeps_its_width_and_scrolls_when_the_window_is_low(show):
    area, tall = Scroll(width=300), QWidget()
    tall.setFixedHeight(900)
    area.column.addWidget(tall)
    show(area, 800, 200)
    assert area.widget().width() == 300
    assert area.verticalScrollBar().maximum() > 600


def test_content_can_stand_in_the_middle(show):
    area = show(Scroll(width=300, centered=True), 800, 200)
    assert abs(area.widget().geometry().center().x() - 400) < 20


def test_what_is_fitted_never_asks_for_more_room(show):
    held = QWidget()
    held.setMinimumSize(700, 600)
    area = show(Fitted(held), 300, 200)
    assert area.size().toTuple() == (300, 200)
    assert held.size().toTuple() == (700, 600)
    assert area.horizontalScrollBar().maximum() > 390
    area.resize(900, 800)
    assert held.size().toTuple() == (900, 800)
