"""A question or a piece of news: what happened or will happen, and buttons that are verbs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.ui.dialogs.base import Dialog
from app.ui.style import GRID, Label

WIDTH = 52 * GRID


class Question(Dialog):
    """Asks before something is done; the first line says what, the rest what it means."""

    def __init__(self, parent: QWidget | None, title: str, text: str, *, action: str, dangerous: bool = False) -> None:
        super().__init__(parent, title, action=action)
        headline = Label(title, strong=True, wrap=True)
        detail = Label(text, wrap=True)
        for label in (headline, detail):
            label.setMinimumWidth(WIDTH)
            self.body.addWidget(label)
        self.setAccessibleDescription(text)
        self.action.clicked.connect(self.accept)
        if dangerous:  # Enter must not lose anything
            self.action.setAutoDefault(False)
            self.action.setDefault(False)
            self.dismiss.setDefault(True)
            self.dismiss.setFocus(Qt.FocusReason.OtherFocusReason)


class News(Dialog):
    """Says something that needs no answer."""

    def __init__(self, parent: QWidget | None, title: str, text: str) -> None:
        super().__init__(parent, title, action="OK", dismiss="")
        for label in (Label(title, strong=True, wrap=True), Label(text, wrap=True)):
            label.setMinimumWidth(WIDTH)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(label)
        self.action.clicked.connect(self.accept)


def ask(
    parent: QWidget,
    title: str,
    text: str,
    *,
    action: str,
    then: Callable[[], None],
    dangerous: bool = False,
) -> Question:
    """Ask; `then` is called if the answer is the action."""
    question = Question(parent, title, text, action=action, dangerous=dangerous)
    question.accepted.connect(then)
    question.open()
    return question


def tell(parent: QWidget, title: str, text: str) -> News:
    """Say something."""
    news = News(parent, title, text)
    news.open()
    return news
