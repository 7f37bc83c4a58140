"""What a row of buttons offers, as the context menu of what the buttons are for."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QMenu, QPushButton


def popup(view: QAbstractItemView, at: QPoint, buttons: Iterable[QPushButton]) -> QMenu | None:
    """Show the menu for the item at that point of the viewport, or for the current one; None where there is none.

    The keyboard's menu key asks at a point that may lie beside every item.
    """
    index = view.indexAt(at)
    if not index.isValid():
        index = view.currentIndex()
        if not index.isValid():
            return None
        at = view.visualRect(index).center()
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for button in buttons:
        if button.isVisibleTo(view.window()):
            action = menu.addAction(button.icon(), button.text())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(lambda _checked=False, button=button: button.click())
    menu.popup(view.viewport().mapToGlobal(at))
    return menu
