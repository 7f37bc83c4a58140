from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.ui.widgets.scroll import Scroll


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
