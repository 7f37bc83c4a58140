"""The rules: which requests go elsewhere, in sentences and in the order in which they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.domain.routing import Rule
from app.domain.rule_words import rule_words
from app.domain.status import AppStatus
from app.ui.dialogs.message import ask
from app.ui.dialogs.rule_editor import open_rule
from app.ui.formats import one_line
from app.ui.icons import symbol
from app.ui.models.listed import Listed
from app.ui.style import CAPTION, GRID, MARGIN, Label
from app.ui.tasks import Tasks
from app.ui.widgets.empty import Empty
from app.ui.widgets.flow import Flow
from app.ui.widgets.reorder_list import ReorderList

if TYPE_CHECKING:
    from app.control.services import Services

WORDS = 300
EMPTY_WIDTH = 36 * GRID
HINT = "The first rule that fits counts. Drag, or Alt with the arrow keys; Space switches one on or off."
EMPTY = (
    "Without rules every request goes the usual way. A rule sends some of them elsewhere: long prompts to a model with "
    "room for them, side tasks to a cheap one, one project to a model on this machine."
)


class RoutesRules(QWidget):
    """The list, what can be done with the selected one, and the way to the first."""

    said = Signal(str)

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__()
        self._services, self._tasks = services, tasks
        self._rules: tuple[Rule, ...] = ()
        self._wanted_row = -1
        """The one to select once the status shows it: it was just added."""
        self.list = ReorderList("Rules in order", note_lines=2)
        self.add = button("&Add a rule…", "plus", self.add_one)
        self.edit = button("&Edit…", "pencil-outline", self.edit_selected)
        self.copy = button("Duplica&te", "content-duplicate", self._duplicate)
        self.remove = button("Re&move…", "trash-can-outline", self._remove)
        self.up = arrow("arrow-up", "Move the rule up", lambda: self.list.step(-1))
        self.down = arrow("arrow-down", "Move the rule down", lambda: self.list.step(1))
        self.empty = Empty("call-split", width=EMPTY_WIDTH)
        self.empty.say("No rules", EMPTY, ("&Add a rule…", self.add_one))
        self._stack = stacked(self.list, HINT, (self.add, self.edit, self.copy, self.remove), (self.up, self.down))
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.list.moved.connect(self._moved)
        self.list.ticked.connect(self._ticked)
        self.list.opened.connect(lambda _row: self.edit_selected())
        self.list.remove_wanted.connect(lambda _row: self._remove())
        self.list.selected.connect(self._show_buttons)

    def show_status(self, status: AppStatus) -> None:
        """Bring the list up to date, in place."""
        before, self._rules = self._rules, status.routing.rules
        if before != self._rules or self.list.rows.rowCount() != len(self._rules):
            self._show_rules()
        self._stack.setCurrentIndex(0 if self._rules else 1)
        if 0 <= self._wanted_row < len(self._rules) > len(before):
            self.list.select(self._wanted_row)
            self._wanted_row = -1
        self._show_buttons()

    def _show_rules(self) -> None:
        # Rules have no names of their own to tell them by: after a change the list shows them by their place again.
        row = self.list.row
        self.list.rows.set_rows([_listed(place, rule) for place, rule in enumerate(self._rules)])
        self.list.select(min(max(row, 0), len(self._rules) - 1))

    def _show_buttons(self) -> None:
        row, count = self.list.row, len(self._rules)
        for one in (self.edit, self.copy, self.remove):
            one.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)

    def select(self, row: int) -> None:
        """Go to a rule."""
        self.list.select(row)

    # what is done

    def add_one(self) -> None:
        """Open the dialog for a new rule; it comes last."""
        self._wanted_row = len(self._rules)
        open_rule(self, self._services, self._tasks, None)

    def edit_selected(self) -> None:
        """Open the dialog for the selected rule."""
        if 0 <= self.list.row < len(self._rules):
            open_rule(self, self._services, self._tasks, self.list.row)

    def _duplicate(self) -> None:
        row = self.list.row
        if not 0 <= row < len(self._rules):
            return
        rule = self._rules[row]
        name = f"{rule.name} copy" if rule.name else ""
        self._wanted_row = row + 1
        self._spawn("copy the rule", self._services.routes.put_rule(replace(rule, name=name), at=row + 1))

    def _remove(self) -> None:
        row = self.list.row
        if not 0 <= row < len(self._rules):
            return
        rule = self._rules[row]

        def remove() -> None:
            if self._rules[row : row + 1] == (rule,):  # else the file was changed meanwhile
                self._spawn("remove the rule", self._services.routes.remove_rule(row))

        title = f"Remove {_title(row, rule)}?"
        text = f"The rule “{one_line(rule_words(rule), WORDS)}” is taken out of patchbay.toml. Its requests then go on "
        ask(self, title, f"{text}to the rules after it.", action="&Remove", then=remove, dangerous=True)

    def _moved(self, row: int, to: int) -> None:
        self._spawn("move the rule", self._services.routes.move_rule(row, to))

    def _ticked(self, row: int, on: bool) -> None:  # noqa: FBT001 (the signal's argument)
        rule = replace(self._rules[row], enabled=on)
        self._spawn("switch the rule", self._services.routes.put_rule(rule, replaces=row))

    def _spawn(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.spawn(name, work, self, failed=lambda text: self._failed(name, text))

    def _failed(self, name: str, text: str) -> None:
        """Show again what holds."""
        self._wanted_row = -1
        self._show_rules()
        self._tasks.failed.emit(f"Could not {name}: {text}")


def _title(place: int, rule: Rule) -> str:
    return one_line(rule.name, 60) or f"rule {place + 1}"


def _listed(place: int, rule: Rule) -> Listed:
    title, words = _title(place, rule), one_line(rule_words(rule), WORDS)
    words = words[:1].upper() + words[1:]
    title = title[:1].upper() + title[1:]
    return Listed(
        f"{place}", title, words, str(place + 1), ticked=rule.enabled, tick_words="switched on", on=rule.enabled
    )


# What the rules and the pins share


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
