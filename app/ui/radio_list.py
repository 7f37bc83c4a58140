"""A menu of radio items: one of them holds, and the mark moves only when a choice has been made."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from app.ui.item_list import ItemList
from app.ui.tray_model import Entry


class RadioList(ItemList):
    """At most `number` choices in `menu`; `chosen(value)` when one is picked, `more()` for those beyond."""

    def __init__(self, menu: QMenu, number: int, chosen: Callable[[str], None], more: Callable[[], None]) -> None:
        self._group = QActionGroup(menu)
        super().__init__(menu, number, chosen, more)

    def _action(self, place: int) -> QAction:
        action = super()._action(place)
        action.setCheckable(True)
        self._group.addAction(action)
        return action

    def _picked(self, place: int) -> None:
        """The mark goes back to what holds; it stays there if the choice fails."""
        self._check()
        super()._picked(place)

    def _check(self) -> None:
        for action, entry in zip(self._actions, self._entries, strict=False):
            action.setChecked(entry.checked)

    def show(self, entries: tuple[Entry, ...], *, more: bool) -> None:
        """Show these entries, changing only what differs."""
        super().show(entries, more=more)
        self._check()
