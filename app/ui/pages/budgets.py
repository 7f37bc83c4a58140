"""The budgets: how much of each is used, what runs now holds, when it begins anew; add, change, remove.

A page of its own beside the keys. Budgets as a part of the keys' page lost: most bound everything, a provider or a
model, one looks at them daily and at keys seldom, and the keys' table shows the budgets of each key anyway.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.status import AppStatus
from app.ui import budget_words, formats
from app.ui.dialogs.budget_editor import open_budget
from app.ui.dialogs.message import ask
from app.ui.icons import symbol
from app.ui.models.budgets import BudgetModel
from app.ui.pages import Page
from app.ui.style import GRID, MARGIN, Hairline, Label, tab_along
from app.ui.tasks import Tasks
from app.ui.widgets.budget_list import BudgetList
from app.ui.widgets.button_menu import popup
from app.ui.widgets.empty import Empty

if TYPE_CHECKING:
    from app.control.services import Services

TICK_MS = 30_000
EMPTY = (
    "A budget bounds what may be used in a day, a week, a month or in all: by everything, one client key, one "
    "provider or certain models. A hard one stops requests before they pass it, a soft one warns. {today}"
)


def _now_us() -> int:
    return time.time_ns() // 1000


class BudgetsPage(Page):
    """A line of actions, then a row for each budget."""

    name, title, icon = "budgets", "Budgets", "wallet-outline"

    def __init__(self, services: Services, tasks: Tasks, *, now_us: Callable[[], int] = _now_us) -> None:
        super().__init__(services, tasks)
        self.model = BudgetModel(now_us)
        self.model.setParent(self)
        self._chosen = ""
        """The id of the selected budget."""
        self._row = 0
        """Where it stands."""
        self.list = BudgetList()
        self.list.setModel(self.model)
        self.add = QPushButton("&Add a budget…")
        self.add.setIcon(symbol("plus"))
        self.edit = QPushButton("&Edit…")
        self.edit.setIcon(symbol("pencil-outline"))
        self.remove = QPushButton("Re&move…")
        self.remove.setIcon(symbol("trash-can-outline"))
        self.summary = Label(role="muted")
        self.summary.setAccessibleName("Summary")
        self.empty = Empty("wallet-outline")
        self._lay_out()
        self.setFocusProxy(self.list)
        tab_along(self.add, self.edit, self.remove, self.list)
        self._connect()
        stop = services.status.subscribe(self._status_changed)
        self.destroyed.connect(lambda *_: stop())
        self._show(services.status.current)

    def _lay_out(self) -> None:
        self._bar = QWidget()
        buttons = QHBoxLayout(self._bar)
        buttons.setContentsMargins(MARGIN, MARGIN, MARGIN, GRID + GRID // 2)
        buttons.setSpacing(GRID)
        for button in (self.add, self.edit, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.summary)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(Hairline())
        column.addWidget(self.list, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(filled)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _connect(self) -> None:
        self.add.clicked.connect(lambda _checked=False: self._open())
        self.edit.clicked.connect(self._edit)
        self.remove.clicked.connect(self._remove)
        self.list.edit_wanted.connect(self._edit)
        self.list.remove_wanted.connect(self._remove)
        self.list.selected.connect(self._show_actions)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.model.modelReset.connect(self._select_something)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.model.tick)

    # what the window asks

    def arrive(self, argument: str) -> None:
        """An id selects that budget; "add" opens the dialog, "key <id>" the one for a budget of that key."""
        if argument == "add":
            self._open()
        elif argument.startswith("key "):
            self._open(new_budget(Scope.KEY, argument.removeprefix("key ")))
        elif argument:
            self._select(argument)

    def refresh(self) -> None:
        """F5: as things stand now."""
        self._show(self._services.status.current)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, and follow the time while somebody looks."""
        super().showEvent(event)
        self._show(self._services.status.current)
        self.model.tick()
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no timer."""
        super().hideEvent(event)
        self._tick.stop()

    # what is shown

    def _status_changed(self, status: AppStatus) -> None:
        if self.isVisible():
            self._show(status)

    def _show(self, status: AppStatus) -> None:
        names = {key.id: key.name for key in self._services.keys.all()}
        before = {one.budget.id for one in self._shown()}
        self.model.show(status.budgets, names)
        new = [one.budget.id for one in status.budgets if one.budget.id not in before]
        if before and len(new) == 1:
            self._select(new[0])
        self.summary.setText(summary(status.budgets))
        if not status.budgets:
            spent = status.today.cost_nusd
            today = f"Today's requests cost {formats.total_cost(status.today)} so far." if spent else ""
            self.empty.say("No budget yet", EMPTY.format(today=today).strip(), ("&Add a budget…", self._open))
        self._stack.setCurrentIndex(0 if status.budgets else 1)
        self._show_actions()

    def _shown(self) -> list[BudgetStanding]:
        rows = (self.model.standing(row) for row in range(self.model.rowCount()))
        return [one for one in rows if one is not None]

    def _select(self, budget_id: str) -> None:
        place = self.model.place(budget_id)
        if place >= 0:
            self._chosen = budget_id
            self.list.setCurrentIndex(self.model.index(place))

    def _select_something(self) -> None:
        """After the list was made anew: what was selected, else what now stands in its place."""
        place, last = self.model.place(self._chosen), self.model.rowCount() - 1
        if last >= 0:
            self.list.setCurrentIndex(self.model.index(place if place >= 0 else min(self._row, last)))

    def _current(self) -> BudgetStanding | None:
        return self.model.standing(self.list.currentIndex().row())

    def _show_actions(self) -> None:
        one = self._current()
        if one is not None:
            self._chosen, self._row = one.budget.id, self.list.currentIndex().row()
        for button in (self.edit, self.remove):
            button.setEnabled(one is not None)

    def _show_menu(self, at: QPoint) -> None:
        popup(self.list, at, (self.edit, self.remove))

    # what is done

    def _open(self, start: Budget | None = None) -> None:
        open_budget(self, self._services, self._tasks, start)

    def _edit(self) -> None:
        one = self._current()
        if one is not None:
            self._open(one.budget)

    def _remove(self) -> None:
        one = self._current()
        if one is None:
            return
        names = {key.id: key.name for key in self._services.keys.all()}
        title = f"Remove the budget “{budget_words.scope(one.budget, names)}, {budget_words.EVERY[one.budget.period]}”?"
        bound = "Requests that it would have refused pass from now on." if one.budget.hard else "Nobody is warned then."
        text = f"{bound} The history keeps what was used; a new budget counts this period from it again."
        ask(self, title, text, action="Remove", then=lambda: self._removed(one.budget), dangerous=True)

    def _removed(self, budget: Budget) -> None:
        work = self._services.budgets.remove(budget.id)
        self._tasks.spawn("remove the budget", work, self, then=lambda _: self.said.emit("Budget removed"))


def new_budget(scope: Scope, subject: str) -> Budget:
    """What the editor begins with for a new budget of that subject."""
    return Budget("", scope, subject, Unit.MONEY, Period.MONTH, 0)


def summary(standings: tuple[BudgetStanding, ...]) -> str:
    """How they stand in a few words: "5 budgets · 1 used up · 1 with too little left · 1 past its warning mark"."""
    number = len(standings)
    if not number:
        return ""
    full = sum(one.share >= 1 for one in standings)
    refusing = sum(one.share < 1 and one.refuses for one in standings)
    others = (one for one in standings if one.share < 1 and not one.refuses)
    warned = sum(0 < one.budget.warn_percent <= one.share * 100 for one in others)
    parts = [f"{number} budget{'' if number == 1 else 's'}"]
    if full:
        parts.append(f"{full} used up")
    if refusing:
        parts.append(f"{refusing} with too little left")
    if warned:
        parts.append(f"{warned} past {'its' if warned == 1 else 'their'} warning mark")
    return " · ".join(parts)
