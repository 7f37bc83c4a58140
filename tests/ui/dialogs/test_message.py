from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.ui.dialogs.message import ask, tell
from app.ui.style import Label


def test_the_action_is_done_only_when_it_is_chosen(show, qtbot):
    window, done = show(QWidget()), []
    question = ask(window, "Remove it?", "Its key too.", action="&Remove", then=lambda: done.append(1))
    qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert done == []
    question = ask(window, "Remove it?", "Its key too.", action="&Remove", then=lambda: done.append(1))
    qtbot.mouseClick(question.action, Qt.MouseButton.LeftButton)
    assert done == [1]


def test_return_does_not_do_what_loses_something(show, qtbot):
    window, done = show(QWidget()), []
    question = ask(window, "Remove it?", "All.", action="&Remove", then=lambda: done.append(1), dangerous=True)
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert done == []
    assert not question.isVisible()


def test_news_show_foreign_text_as_it_is(show, qtbot):
    news = tell(show(QWidget()), "Title", "<img src=x>")
    assert "<img src=x>" in [label.text() for label in news.findChildren(Label)]
    qtbot.keyClick(news, Qt.Key.Key_Return)
    assert not news.isVisible()
