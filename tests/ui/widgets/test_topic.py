from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.domain.settings import Theme
from app.ui.palette import contrast
from app.ui.widgets.topic import TopicButton


@pytest.fixture
def pair(show):
    holder = QWidget()
    row = QHBoxLayout(holder)
    buttons = [TopicButton("Getting started"), TopicButton("Security")]
    for button in buttons:
        row.addWidget(button)
    buttons[0].setChecked(True)
    show(holder, 400, 60)
    return buttons


def test_the_checked_one_stands_out_in_both_themes(pair, themes):
    for wanted in (Theme.DARK, Theme.LIGHT, Theme.DARK):
        themes.use(wanted)
        QApplication.processEvents()
        grounds = [button.grab().toImage().pixelColor(8, button.height() // 2) for button in pair]
        assert contrast(*(ground.name() for ground in grounds)) > 1.08
        assert grounds[0].hsvSaturation() > grounds[1].hsvSaturation() + 15
        assert pair[0].font().weight() > pair[1].font().weight()


def test_nothing_moves_when_another_is_checked(pair):
    widths = [button.sizeHint().width() for button in pair]
    pair[1].setChecked(True)
    pair[0].setChecked(False)
    assert [button.sizeHint().width() for button in pair] == widths
    assert pair[0].palette().button().color() != pair[1].palette().button().color()
