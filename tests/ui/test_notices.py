from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from app.domain.status import Notice, NoticeAction, Severity
from app.ui.notices import NoticesBar

PORT = Notice("port", Severity.ERROR, "Port 8082 is taken", NoticeAction.USE_NEXT_PORT, "Use the next")
KEY = Notice("key", Severity.WARNING, "No key yet", NoticeAction.OPEN_PROVIDERS, "Open")
NEWS = Notice("news", Severity.INFO, "Moved a damaged history aside")


@pytest.fixture
def bar(show):
    made = show(NoticesBar(), 700, 40)
    made.show_notices((NEWS, PORT))
    return made


def close(bar, row=0):
    bar._rows[row].findChild(QToolButton).click()


def test_the_worst_is_on_top(bar):
    assert bar.shown == (PORT, NEWS)
    assert bar.isVisible()


def test_a_button_says_what_it_does_and_answers(bar, qtbot):
    heard = []
    bar.answered.connect(heard.append)
    buttons = bar.findChildren(QPushButton)
    assert [button.text() for button in buttons] == ["Use the next"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert heard == [NoticeAction.USE_NEXT_PORT]


def test_a_notice_is_hidden_until_it_says_something_else(bar):
    close(bar)
    assert bar.shown == (NEWS,)
    bar.show_notices((NEWS, PORT, KEY))
    assert bar.shown == (KEY, NEWS)
    again = Notice("port", Severity.ERROR, "Port 8083 is taken")
    bar.show_notices((again,))
    assert bar.shown == (again,)


def test_one_that_is_answered_goes(bar):
    bar.show_notices(())
    assert bar.shown == ()
    assert not bar.isVisible()


def test_our_own_stays_until_it_is_hidden_and_comes_again(bar):
    own = Notice("task", Severity.ERROR, "Could not switch")
    bar.show_notices(())
    bar.post(own)
    bar.show_notices((NEWS,))
    assert bar.shown == (own, NEWS)
    close(bar)
    assert bar.shown == (NEWS,)
    bar.post(own)
    assert bar.shown == (own, NEWS)


def test_a_flood_is_counted(bar):
    bar.show_notices(tuple(Notice(str(number), Severity.WARNING, f"n{number}") for number in range(1000)))
    assert len(bar.shown) == 3
    assert bar._rest.text() == "and 997 more notices"


def test_foreign_text_stays_plain_one_line_and_short(bar):
    bad = Notice("x", Severity.ERROR, "<img src=x>\n\u202e" + "y" * 5000, NoticeAction.OPEN_CONFIG, "<b>&Open</b>")
    bar.show_notices((bad,))
    for label in bar.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert len(label.text()) <= 400
        assert "\u202e" not in label.text()
    assert bar.findChildren(QPushButton)[-1].text() == "<b>&&Open</b>"


def test_a_long_notice_has_the_lines_it_needs(show):
    bar = show(NoticesBar(), 400, 40)
    bar.show_notices((Notice("x", Severity.INFO, "word " * 60),))
    bar.resize(400, bar.heightForWidth(400))
    words = max(bar.findChildren(QLabel), key=lambda label: len(label.text()))
    assert words.height() >= words.heightForWidth(words.width())


def test_everything_is_named(bar):
    for widget in bar.findChildren(QToolButton) + bar.findChildren(QPushButton):
        assert widget.accessibleName() or widget.text()
