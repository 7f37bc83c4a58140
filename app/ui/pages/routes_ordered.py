"""What rules and error rules share: entries in an order in which the first that fits counts.

They have no names to be known by, only their place: after every change the list shows them by it again, and what was
asked for is done to the entry that was seen, or to none where the file was changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.domain.status import AppStatus
from app.ui.dialogs.message import ask
from app.ui.icons import symbol
from app.ui.models.listed import Listed
from app.ui.style import CAPTION, GRID, MARGIN, Label
from app.ui.tasks import Tasks
from app.ui.widgets.empty import Empty
from app.ui.widgets.flow import Flow
from app.ui.widgets.reorder_list import ReorderList

if TYPE_CHECKING:
    from app.control.services import Services

Entry = TypeVar("Entry")
WORDS = 300
EMPTY_WIDTH = 36 * GRID


@dataclass(frozen=True, slots=True)
class Words:
    """What the list, its buttons and its empty state say."""

    name: str
    one: str
    add: str
    hint: str
    icon: str
    nothing: str
    about: str
    note_lines: int = 1
    """Of the second line of an entry."""


class Ordered(QWidget, Generic[Entry]):
    """A list with its buttons, and where it is empty the way to the first entry."""

    said = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, words: Words) -> None:
        super().__init__()
        self._services, self._tasks, self._words = services, tasks, words
        self._entries: tuple[Entry, ...] = ()
        self._wanted_row = -1
        """The one to select once the status shows it: it was just added."""
        self.list = ReorderList(words.name, note_lines=words.note_lines)
        self.add = button(words.add, "plus", self.add_one)
        self.edit = button("&Edit…", "pencil-outline", self.edit_selected)
        self.copy = button("Duplica&te", "content-duplicate", self._duplicate)
        self.remove = button("Re&move…", "trash-can-outline", self._remove)
        self.up = arrow("arrow-up", f"Move the {words.one} up", lambda: self.list.step(-1))
        self.down = arrow("arrow-down", f"Move the {words.one} down", lambda: self.list.step(1))
        self.empty = Empty(words.icon, width=EMPTY_WIDTH)
        self.empty.say(words.nothing, words.about, (words.add, self.add_one))
        self._stack = stacked(
            self.list, words.hint, (self.add, self.edit, self.copy, self.remove), (self.up, self.down)
        )
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.list.moved.connect(self._moved)
        self.list.opened.connect(lambda _row: self.edit_selected())
        self.list.remove_wanted.connect(lambda _row: self._remove())
        self.list.selected.connect(self._show_buttons)

    # what a subclass says

    def _of(self, status: AppStatus) -> tuple[Entry, ...]:
        """What is listed."""
        raise NotImplementedError

    def _listed(self, place: int) -> Listed:
        """How it is listed."""
        raise NotImplementedError

    def _open(self, place: int | None) -> None:
        """Open the dialog; None for a new one."""
        raise NotImplementedError

    def _question(self, place: int) -> tuple[str, str]:
        """Title and text of the question before it is removed."""
        raise NotImplementedError

    def _put_copy(self, place: int) -> Coroutine[Any, Any, None]:
        """Put a copy of it right below."""
        raise NotImplementedError

    def _take_out(self, place: int) -> Coroutine[Any, Any, None]:
        """Remove it."""
        raise NotImplementedError

    def _move(self, place: int, to: int) -> Coroutine[Any, Any, None]:
        """Let it stand there."""
        raise NotImplementedError

    # what is shown

    def show_status(self, status: AppStatus) -> None:
        """Bring the list up to date, in place."""
        before, self._entries = self._entries, self._of(status)
        if before != self._entries or self.list.rows.rowCount() != len(self._entries):
            self._show_entries()
        self._stack.setCurrentIndex(0 if self._entries else 1)
        if 0 <= self._wanted_row < len(self._entries) > len(before):
            self.list.select(self._wanted_row)
            self._wanted_row = -1
        self._show_buttons()

    def _show_entries(self) -> None:
        row = self.list.row
        self.list.rows.set_rows([self._listed(place) for place in range(len(self._entries))])
        self.list.select(min(max(row, 0), len(self._entries) - 1))

    def _show_buttons(self) -> None:
        row, count = self.list.row, len(self._entries)
        for one in (self.edit, self.copy, self.remove):
            one.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)

    def select(self, row: int) -> None:
        """Go to an entry."""
        self.list.select(row)

    # what is done

    def add_one(self) -> None:
        """Open the dialog for a new one; it comes last."""
        self._wanted_row = len(self._entries)
        self._open(None)

    def edit_selected(self) -> None:
        """Open the dialog for the selected one."""
        if 0 <= self.list.row < len(self._entries):
            self._open(self.list.row)

    def _duplicate(self) -> None:
        row = self.list.row
        if 0 <= row < len(self._entries):
            self._wanted_row = row + 1
            self._spawn(f"copy the {self._words.one}", self._put_copy(row))

    def _remove(self) -> None:
        row = self.list.row
        if not 0 <= row < len(self._entries):
            return
        entry = self._entries[row]

        def remove() -> None:
            if self._entries[row : row + 1] == (entry,):  # else the file was changed meanwhile
                self._spawn(f"remove the {self._words.one}", self._take_out(row))

        title, text = self._question(row)
        ask(self, title, text, action="&Remove", then=remove, dangerous=True)

    def _moved(self, row: int, to: int) -> None:
        self._spawn(f"move the {self._words.one}", self._move(row, to))

    def _spawn(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.spawn(name, work, self, failed=lambda text: self._failed(name, text))

    def _failed(self, name: str, text: str) -> None:
        """Show again what holds."""
        self._wanted_row = -1
        self._show_entries()
        self._tasks.failed.emit(f"Could not {name}: {text}")


def button(label: str, icon: str, action: Callable[[], None]) -> QPushButton:
    """A button that is a verb."""
    made = QPushButton(label)
    made.setIcon(symbol(icon))
    made.clicked.connect(lambda _checked=False: action())
    return made


def arrow(icon: str, name: str, action: Callable[[], None]) -> QToolButton:
    """A small button that bears only a symbol."""
    made = QToolButton()
    made.setIcon(symbol(icon))
    made.setIconSize(QSize(2 * GRID, 2 * GRID))
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setFocusPolicy(made.focusPolicy().StrongFocus)
    made.clicked.connect(lambda _checked=False: action())
    return made


def stacked(
    listing: QWidget, hint: str, buttons: tuple[QWidget, ...], arrows: tuple[QWidget, ...] = (), *below: QWidget
) -> QStackedWidget:
    """A hint with the arrows, the list, its buttons, and what stands between; as the first sheet of a stack."""
    sheet = QWidget()
    column = QVBoxLayout(sheet)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    words = Label(hint, scale=CAPTION, role="muted", wrap=True)
    top = QHBoxLayout()
    top.setContentsMargins(MARGIN, GRID, MARGIN, GRID)
    top.setSpacing(GRID // 2)
    top.addWidget(words, 1)
    for widget in arrows:
        top.addWidget(widget)
    column.addLayout(top)
    column.addWidget(listing, 1)
    row = QHBoxLayout()
    row.setContentsMargins(MARGIN, GRID, MARGIN, MARGIN)
    row.addLayout(Flow(*buttons))
    for widget in below:
        column.addWidget(widget)
    column.addLayout(row)
    stack = QStackedWidget()
    stack.addWidget(sheet)
    return stack
