from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.domain.settings import Theme
from app.ui.widgets.empty import Empty


def test_it_leads_to_the_action_that_fills_it(show, qtbot):
    done = []
    empty = show(Empty("history"), 700, 500)
    empty.say("Nothing yet", "Words " * 40, ("&Add", lambda: done.append("add")), ("&Try", lambda: done.append("try")))
    QApplication.processEvents()
    first, second = (button for button in empty.findChildren(QPushButton) if button.isVisible())
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert done == ["try", "add"]
    assert empty._text.height() >= empty._text.heightForWidth(empty._text.width())


def test_other_words_replace_the_buttons(show):
    empty = show(Empty("history"), 700, 500)
    empty.say("One", "words", ("&Add", lambda: None))
    empty.say("Two", "words")
    QApplication.processEvents()
    assert [button for button in empty.findChildren(QPushButton) if button.isVisible()] == []


def test_the_mark_follows_the_theme(show, themes):
    empty = show(Empty("history"), 700, 500)
    empty.say("One", "words")
    before = empty._mark.pixmap().toImage()
    themes.use(Theme.DARK)
    QApplication.processEvents()
    assert empty._mark.pixmap().toImage() != before


def test_the_mark_goes_before_words_and_button_do(show):
    holder = QWidget()
    empty = Empty("history")
    empty.setParent(holder)
    empty.say("Nothing yet", "Words " * 40, ("&Add", lambda: None))
    empty.resize(700, 500)
    show(holder, 700, 500)
    assert empty._mark.isVisible()
    least = empty.minimumSizeHint().height()
    empty.resize(700, least)
    QApplication.processEvents()
    assert not empty._mark.isVisible()
    assert empty.minimumSizeHint().height() == least
    button = next(button for button in empty.findChildren(QPushButton) if button.isVisible())
    assert empty.rect().contains(button.geometry())
    empty.resize(700, 500)
    assert empty._mark.isVisible()
