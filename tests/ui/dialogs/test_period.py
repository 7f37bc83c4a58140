from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QWidget

from app.ui.dialogs.period import open_period

NOW_US = round(datetime(2026, 5, 3, 14, 30).astimezone().timestamp()) * 1_000_000
HOUR_US = 3_600_000_000


def test_today_from_midnight_is_proposed(show, qtbot):
    told = []
    dialog = open_period(show(QWidget()), 0, 0, NOW_US, lambda *bounds: told.append(bounds))
    assert (dialog.since_on.isChecked(), dialog.until_on.isChecked()) == (True, False)
    assert not dialog.until.isEnabled()
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    assert told == [(NOW_US - 14 * HOUR_US - HOUR_US // 2, 0)]


def test_an_end_before_the_beginning_is_refused_in_words(show, qtbot):
    told = []
    dialog = open_period(show(QWidget()), NOW_US, NOW_US + HOUR_US, NOW_US, lambda *bounds: told.append(bounds))
    dialog.until.setDateTime(QDateTime.fromMSecsSinceEpoch((NOW_US - HOUR_US) // 1000))
    dialog.action.click()
    assert "end lies before the beginning" in dialog.error.text()
    assert told == []
    dialog.until_on.click()
    dialog.action.click()
    assert told == [(NOW_US, 0)]
