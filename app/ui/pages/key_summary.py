"""What the selected client key may do, in a sentence, and its budgets with their bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.budget import BudgetStanding
from app.domain.client_key import ClientKey
from app.ui import budget_words, formats, key_words
from app.ui.icons import symbol
from app.ui.style import GRID, MARGIN, Label, numeric_label
from app.ui.widgets.budget_bar import BudgetBar
from app.ui.widgets.elided import Elided

BUDGETS = 3
"""So many bars are shown; the others are on their own page."""
BAR_WIDTH = 26 * GRID
MARK = 14
NAME = 200
"""Longer names are cut before anything is drawn."""
OVER = "It has expired and opens nothing; a later end opens it again."
GIVEN = "It comes from the environment variable PATCHBAY_CLIENT_KEY of this run and is changed there."


class _BudgetRow:
    """Period, bar, figures."""

    def __init__(self, grid: QGridLayout, row: int) -> None:
        self.period, self.bar = Label(role="muted"), BudgetBar()
        self.bar.setFixedWidth(BAR_WIDTH)
        self.amount = numeric_label()
        self.percent = numeric_label(role="muted")
        self._all = (self.period, self.bar, self.amount, self.percent)
        for column, widget in enumerate(self._all):
            grid.addWidget(widget, row, column)

    def show(self, standing: BudgetStanding) -> None:
        words = budget_words.used_of(standing)
        self.period.setText(budget_words.EVERY[standing.budget.period].capitalize())
        self.amount.setText(words)
        self.percent.setText(budget_words.percent(standing))
        shares = budget_words.shares(standing)
        self.percent.set_role(shares.role if shares.role in ("error", "warning") else "muted")
        self.bar.show_shares(shares, f"{words}, {self.percent.text()}")
        self.set_visible(visible=True)

    def set_visible(self, *, visible: bool) -> None:
        for widget in self._all:
            widget.setVisible(visible)


class KeySummary(QWidget):
    """The foot of the page Keys."""

    budget_wanted = Signal()
    """A new budget for this key."""
    budgets_wanted = Signal(str)
    """To the page of budgets, to the one with this id."""

    requests_wanted = Signal()
    """To what this key was used for."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        super().__init__()
        self._now_us = now_us
        self._first = ""
        self.title, self.words = Elided(strong=True), Label(wrap=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._mark, self.state = QLabel(), Label(role="muted")
        self.requests, self.more = QPushButton("Its re&quests"), QPushButton("All b&udgets")
        self.add = QPushButton("Add a &budget…")
        self.requests.clicked.connect(lambda _checked=False: self.requests_wanted.emit())
        self.add.clicked.connect(lambda _checked=False: self.budget_wanted.emit())
        self.more.clicked.connect(lambda: self.budgets_wanted.emit(self._first))
        self._bars = QWidget()
        grid = QGridLayout(self._bars)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(MARGIN)
        grid.setVerticalSpacing(GRID // 2)
        self.rows = [_BudgetRow(grid, row) for row in range(BUDGETS)]
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID)
        for widget in (self.title, self._mark, self.state):
            head.addWidget(widget)
        head.addStretch(1)
        for button in (self.requests, self.more, self.add):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, GRID + GRID // 2, MARGIN, MARGIN)
        layout.setSpacing(GRID)
        layout.addLayout(head)
        layout.addWidget(self.words)
        layout.addWidget(self._bars, 0, Qt.AlignmentFlag.AlignLeft)

    def show_key(self, key: ClientKey | None, budgets: Sequence[BudgetStanding], *, given: bool) -> None:
        """Show this key; `given`: it is the environment's and cannot be changed here."""
        self.setVisible(key is not None)
        if key is None:
            return
        now = key_words.state(key, self._now_us())
        self.title.show_text(formats.one_line(key.name, NAME))
        self._mark.setPixmap(symbol(now.icon, now.role).pixmap(QSize(MARK, MARK), self.devicePixelRatioF()))
        tagged = f"  ·  {key_words.tags(key.tags)}" if key.tags else ""
        self.state.setText(f"{now.text}{tagged}")
        over = f"{OVER} " if now.text == key_words.EXPIRED else ""
        self.words.setText(f"{over}{key_words.sentence(key.policy)}{f' {GIVEN}' if given else ''}")
        self._first = budgets[0].budget.id if budgets else ""
        for row, standing in zip(self.rows, (*budgets, None, None, None), strict=False):
            if standing is None:
                row.set_visible(visible=False)
            else:
                row.show(standing)
        self._bars.setVisible(bool(budgets))
        self.more.setVisible(bool(budgets))
        self.add.setVisible(not given)
