"""The client keys as a Qt table, brought up to date in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.domain.budget import BudgetStanding, Scope
from app.domain.client_key import ClientKey
from app.ui import budget_words, formats, key_words
from app.ui.budget_words import Shares
from app.ui.icons import symbol
from app.ui.style import plain_tooltip
from app.ui.widgets.cell import CELL_ROLE, Cell

Index = QModelIndex | QPersistentModelIndex
BAR_ROLE = Qt.ItemDataRole.UserRole + 2
"""`Bar` of the budget column, or None."""
NAME, STATE, LIMITS, TAGS, USED, BUDGET = range(6)
TITLES = ("Name", "State", "Limits", "Tags", "Last used", "Budget")
WIDTHS = (144, 168, 160, 112, 104, 256)
ELASTIC = LIMITS
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Bar:
    """The fullest budget of a key."""

    shares: Shares
    text: str


@cache
def _mark(icon: str, role: str) -> QIcon:
    return symbol(icon, role)


class KeyModel(QAbstractTableModel):
    """A row for each key, by name."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        super().__init__()
        self._now_us = now_us
        self._keys: tuple[ClientKey, ...] = ()
        self._budgets: dict[str, tuple[BudgetStanding, ...]] = {}
        self._used: Mapping[str, int] = {}

    def show(self, keys: Sequence[ClientKey], standings: Sequence[BudgetStanding]) -> None:
        """Show these; rows keep their place and selection as long as the keys and their names stay."""
        new = tuple(sorted(keys, key=lambda key: (formats.natural(key.name), key.id)))
        found: dict[str, list[BudgetStanding]] = {key.id: [] for key in new}
        for one in standings:
            if one.budget.scope is Scope.KEY and one.budget.subject in found:
                found[one.budget.subject].append(one)
        budgets = {key_id: tuple(some) for key_id, some in found.items()}
        if [(key.id, key.name) for key in self._keys] != [(key.id, key.name) for key in new]:
            self.beginResetModel()
            self._keys, self._budgets = new, budgets
            self.endResetModel()
            return
        changed = [
            row
            for row, (was, now) in enumerate(zip(self._keys, new, strict=True))
            if was != now or self._budgets[now.id] != budgets[now.id]
        ]
        self._keys, self._budgets = new, budgets
        for row in changed:
            self._row_changed(row)

    def show_used(self, used: Mapping[str, int]) -> None:
        """When each key was last used, UTC microseconds by id."""
        self._used = dict(used)
        self.tick()

    def tick(self) -> None:
        """Time has gone by: states and times may read otherwise."""
        if self._keys:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._keys) - 1, len(TITLES) - 1))

    def _row_changed(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))

    def key(self, row: int) -> ClientKey | None:
        """The key of a row; None outside."""
        return self._keys[row] if 0 <= row < len(self._keys) else None

    def budgets(self, key_id: str) -> tuple[BudgetStanding, ...]:
        """The budgets of a key, the fullest first."""
        return self._budgets.get(key_id, ())

    def place(self, key_id: str) -> int:
        """The row of a key; -1 where there is none."""
        return next((row for row, key in enumerate(self._keys) if key.id == key_id), -1)

    # what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many keys there are."""
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many columns there are."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return _LEFT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is drawn with `CELL_ROLE` or `BAR_ROLE`; tooltip and text for others."""
        key = self.key(index.row())
        if key is None:
            return None
        column = index.column()
        if role == CELL_ROLE:
            return None if column == BUDGET and self.budgets(key.id) else self._cell(key, column)
        if role == BAR_ROLE:
            return self._bar(key) if column == BUDGET else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(key, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(self._exact(key, column))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[column]}: {self._text(key, column)}"
        return None

    def _text(self, key: ClientKey, column: int) -> str:
        match column:
            case 0:
                return formats.one_line(key.name, 80)
            case 1:
                return key_words.state(key, self._now_us()).text
            case 2:
                return key_words.short_limits(key.policy)
            case 3:
                return key_words.tags(key.tags)
            case 4:
                return key_words.last_used(self._used.get(key.id, 0), self._now_us())
        bar = self._bar(key)
        return bar.text if bar else "no budget"

    def _cell(self, key: ClientKey, column: int) -> Cell:
        text = self._text(key, column)
        if column == STATE:
            now = key_words.state(key, self._now_us())
            role = now.role if now.role in ("error", "warning", "muted") else "text"
            return Cell(text, role, _mark(now.icon, now.role))
        quiet = (
            column in (TAGS, BUDGET)
            or (column == LIMITS and text == key_words.NO_LIMITS)
            or (column == USED)
            or not key.policy.enabled
        )
        return Cell(text, "muted" if quiet else "text")

    def _bar(self, key: ClientKey) -> Bar | None:
        budgets = self.budgets(key.id)
        if not budgets:
            return None
        first = budgets[0]
        more = f" +{len(budgets) - 1}" if len(budgets) > 1 else ""
        each = budget_words.EACH[first.budget.period]
        return Bar(budget_words.shares(first), f"{budget_words.used_of(first)} {each}{more}")

    def _exact(self, key: ClientKey, column: int) -> str:
        if column == STATE:
            return key_words.exact_state(key, self._now_us())
        if column == LIMITS:
            return key_words.sentence(key.policy)
        if column == USED:
            used = self._used.get(key.id, 0)
            return key_words.moment(used) if used else "It has opened nothing yet"
        if column == BUDGET:
            names = {key.id: key.name}
            lines = (budget_words.line(one, names, self._now_us()) for one in self.budgets(key.id))
            return "\n".join(f"{one.amount} · {one.facts}" for one in lines) or "No budget bounds this key by itself"
        return self._text(key, column)
