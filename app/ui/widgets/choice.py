"""A button with a menu of values to narrow by: several may be ticked, none means any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.ui import formats
from app.ui.style import font

MOST_CHOICES = 40
LEFT = "QPushButton { text-align: left; padding-left: 4px; }"


class TickMenu(QMenu):
    """A menu that stays open while its ticks are set, so that three of them take three clicks and not nine."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a tick toggles it."""
        action = cast("QAction | None", self.actionAt(event.position().toPoint()))
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space toggles too; Return toggles and closes."""
        action = cast("QAction | None", self.activeAction())
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.trigger()
        else:
            super().keyPressEvent(event)


class ChoiceButton(QPushButton):
    """Shows what it narrows by: "Provider", "Anthropic", "Anthropic +1"; `anything` is what it says without a tick."""

    changed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None, *, anything: str = "") -> None:
        super().__init__(parent)
        self._title, self._anything = title, anything
        self._values: tuple[str, ...] = ()
        self._chosen: tuple[str, ...] = ()
        self._label: Callable[[str], str] = str
        self._icon: Callable[[str], QIcon | None] = lambda _value: None
        self._menu = TickMenu(self)
        self._menu.aboutToShow.connect(self._build)
        self.setMenu(self._menu)
        self._show()

    def align_left(self) -> None:
        """Where it stands in a form its text begins where that of the fields does."""
        self.setMinimumHeight(self.sizeHint().height())  # a padding of our own takes away that of the system
        self.setStyleSheet(LEFT)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ticked values; empty is any."""
        return self._chosen

    def set_values(
        self,
        values: Iterable[str],
        *,
        label: Callable[[str], str] = str,
        icon: Callable[[str], QIcon | None] = lambda _value: None,
    ) -> None:
        """What may be chosen, most wanted first."""
        self._values, self._label, self._icon = tuple(values), label, icon
        self._show()

    def choose(self, values: Iterable[str]) -> None:
        """Tick these and nothing else; says nothing, because whoever calls knows."""
        self._chosen = tuple(values)
        self._show()

    def _build(self) -> None:
        self._menu.clear()
        anything = self._menu.addAction(self._anything or f"Any {self._title.lower()}")
        anything.setEnabled(bool(self._chosen))
        anything.triggered.connect(self._clear)
        self._menu.addSeparator()
        gone = [value for value in self._chosen if value not in self._values]
        room = MOST_CHOICES - len(self._chosen)
        first = [value for value in self._values if value not in self._chosen][: max(0, room)]
        kept = [value for value in self._values if value in self._chosen or value in first]
        for value in (*gone, *kept):
            self._menu.addAction(self._tick(value))
        if not gone and not kept:
            self._menu.addAction("Nothing recorded yet").setEnabled(False)

    def _tick(self, value: str) -> QAction:
        action = QAction(formats.one_line(self._label(value), 60).replace("&", "&&"), self._menu)
        icon = self._icon(value)
        if icon is not None:
            action.setIcon(icon)
        action.setCheckable(True)
        action.setChecked(value in self._chosen)
        action.toggled.connect(lambda on, value=value: self._toggle(value, on=on))
        return action

    def _toggle(self, value: str, *, on: bool) -> None:
        self._chosen = (*self._chosen, value) if on else tuple(one for one in self._chosen if one != value)
        self._show()
        self.changed.emit()

    def _clear(self) -> None:
        self._chosen = ()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        first = formats.one_line(self._label(self._chosen[0]), 24) if self._chosen else self._anything or self._title
        rest = f" +{len(self._chosen) - 1}" if len(self._chosen) > 1 else ""
        self.setText(f"{first}{rest}".replace("&", "&&"))
        self.setFont(font(strong=bool(self._chosen)))
        said = ", ".join(self._label(value) for value in self._chosen) or "any"
        self.setAccessibleName(f"{self._title}: {said}")
