"""A menu of items from a fixed pool of actions, which are made once and only ever changed.

Menus that a panel or a global menu bar draws address items by id; an item that is made anew has a new one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.ui.style import plain_tooltip
from app.ui.tray_model import Entry

MORE = "More in the window…"


class ItemList:
    """At most `number` items in `menu`; `chosen(value)` when one is picked, `more()` for those beyond."""

    def __init__(
        self, menu: QMenu, number: int, chosen: Callable[[str], None], more: Callable[[], None], *, words: str = MORE
    ) -> None:
        self.menu = menu
        self._chosen = chosen
        self._actions = [self._action(place) for place in range(number)]
        self._entries: tuple[Entry, ...] = ()
        self._line = menu.addSeparator()
        self._more = add_item(menu, words, more)

    def _action(self, place: int) -> QAction:
        action = add_item(self.menu, "", functools.partial(self._picked, place))
        action.setVisible(False)
        return action

    def _picked(self, place: int) -> None:
        if place < len(self._entries):  # a host may show an entry that is no more
            self._chosen(self._entries[place].value)

    def show(self, entries: tuple[Entry, ...], *, more: bool) -> None:
        """Show these entries, changing only what differs."""
        self._entries = entries
        for number, action in enumerate(self._actions):
            action.setVisible(number < len(entries))
            if number < len(entries):
                set_text(action, entries[number].text)
        # Hosts draw what they are given: a line with nothing below it would be seen.
        self._line.setVisible(more)
        self._more.setVisible(more)


class SwitchItem:
    """An item with a tick, below a line of its own; the tick moves when the choice has been made."""

    def __init__(self, menu: QMenu, text: str, chosen: Callable[[bool], None]) -> None:
        menu.addSeparator()
        self._action = add_item(menu, text, self._picked)
        self._action.setCheckable(True)
        self._chosen, self._on = chosen, False

    def _picked(self) -> None:
        self._action.setChecked(self._on)
        self._chosen(not self._on)

    def show(self, *, on: bool, possible: bool) -> None:
        """Show what holds."""
        self._on = on
        self._action.setChecked(on)
        self._action.setEnabled(possible)


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
