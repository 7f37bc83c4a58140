"""The budgets as a Qt list, the most urgent first; the order holds still until one passes a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.domain.budget import Budget, BudgetStanding
from app.ui import budget_words
from app.ui.budget_words import Line
from app.ui.style import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
LINE_ROLE = Qt.ItemDataRole.UserRole


class BudgetModel(QAbstractListModel):
    """One item a budget; the delegate draws `LINE_ROLE`, the texts here are for people who listen."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        super().__init__()
        self._now_us = now_us
        self._rows: tuple[BudgetStanding, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._names: Mapping[str, str] = {}

    def show(self, standings: Sequence[BudgetStanding], key_names: Mapping[str, str]) -> None:
        """Show these; rows keep their place and selection as long as the budgets stay."""
        self._show(self._in_order(standings, key_names), key_names, anew=key_names != self._names)

    def tick(self) -> None:
        """Time has gone by: forecasts and resets may read otherwise."""
        self._show(self._rows, self._names, anew=True)

    def _in_order(self, standings: Sequence[BudgetStanding], names: Mapping[str, str]) -> tuple[BudgetStanding, ...]:
        """Sorted only where budgets or names are others, or one passed a mark: figures change many times a second."""
        if names == self._names and _marks(standings) == _marks(self._rows):
            by_id = {one.budget.id: one for one in standings}
            return tuple(by_id[one.budget.id] for one in self._rows)
        return tuple(sorted(standings, key=lambda one: (one.urgency, budget_words.order(one.budget, names))))

    def _show(self, new: tuple[BudgetStanding, ...], names: Mapping[str, str], *, anew: bool) -> None:
        old, before = self._rows, self._lines
        known = {} if anew else dict(zip(old, before, strict=True))
        now_us = self._now_us()
        lines = tuple(known.get(one) or budget_words.line(one, names, now_us) for one in new)
        self._names = dict(names)
        if [one.budget.id for one in old] != [one.budget.id for one in new]:
            self.beginResetModel()
            self._rows, self._lines = new, lines
            self.endResetModel()
            return
        self._rows, self._lines = new, lines
        for row, (was, now) in enumerate(zip(before, lines, strict=True)):
            if was != now:
                self.dataChanged.emit(self.index(row), self.index(row))

    def standing(self, row: int) -> BudgetStanding | None:
        """The budget of a row; None outside."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def place(self, budget_id: str) -> int:
        """The row of a budget; -1 where there is none."""
        return next((row for row, one in enumerate(self._rows) if one.budget.id == budget_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title, whole story, or the line itself with `LINE_ROLE`."""
        if not 0 <= index.row() < len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(line.exact)
        return line.spoken if role == Qt.ItemDataRole.AccessibleTextRole else None


def _marks(standings: Sequence[BudgetStanding]) -> set[tuple[Budget, str, bool]]:
    """Every budget with what would be read at a glance: well, past its warning mark, or used up."""
    return {(one.budget, budget_words.shares(one).role, one.idle) for one in standings}
