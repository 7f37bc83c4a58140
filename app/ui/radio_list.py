"""A menu of radio items from a fixed pool of actions, which are made once and only ever changed.

Menus that a panel or a global menu bar draws address items by id; an item that is made anew has a new one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from app.ui.style import plain_tooltip
from app.ui.tray_model import Entry

MORE = "More in the window…"


class RadioList:
    """At most `number` choices in `menu`; `chosen(value)` when one is picked, `more()` for those beyond."""

    def __init__(self, menu: QMenu, number: int, chosen: Callable[[str], None], more: Callable[[], None]) -> None:
        self.menu = menu
        self._chosen = chosen
        self._group = QActionGroup(menu)
        self._actions = [self._action(place) for place in range(number)]
        self._entries: tuple[Entry, ...] = ()
        self._line = menu.addSeparator()
        self._more = add_item(menu, MORE, more)

    def _action(self, place: int) -> QAction:
        action = add_item(self.menu, "", functools.partial(self._picked, place))
        action.setCheckable(True)
        action.setVisible(False)
        self._group.addAction(action)
        return action

    def _picked(self, place: int) -> None:
        """The mark goes back to what holds; it moves when the choice has been made, and stays if that fails."""
        self._check()
        if place < len(self._entries):  # a host may show an entry that is no more
            self._chosen(self._entries[place].value)

    def _check(self) -> None:
        for action, entry in zip(self._actions, self._entries, strict=False):
            action.setChecked(entry.checked)

    def show(self, entries: tuple[Entry, ...], *, more: bool) -> None:
        """Show these entries, changing only what differs."""
        self._entries = entries
        for number, action in enumerate(self._actions):
            action.setVisible(number < len(entries))
            if number < len(entries):
                set_text(action, entries[number].text)
        self._check()
        # Hosts draw what they are given: a line with nothing below it would be seen.
        self._line.setVisible(more)
        self._more.setVisible(more)


def add_item(menu: QMenu, text: str, run: Callable[[], object]) -> QAction:
    """An action whose `triggered(bool)` is of no interest."""

    def triggered() -> None:
        run()

    action = menu.addAction(text)
    action.setToolTip(plain_tooltip(text))
    action.triggered.connect(triggered)
    return action


def set_text(action: QAction, text: str) -> None:
    """`&` marks a shortcut letter in menus, so a real one is doubled."""
    shown = text.replace("&", "&&")
    if action.text() != shown:
        action.setText(shown)
        action.setToolTip(plain_tooltip(text))  # Qt would make one of the text itself, and take it for HTML
