"""A short list that a person orders, ticks and edits: providers, rules, pins. Brought up to date in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.ui.style import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
LISTED_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Listed:
    """One item, ready to be drawn."""

    key: str
    title: str
    note: str = ""
    """The second line."""
    number: str = ""
    color: int | None = None
    """Number of a provider's color; None draws no dot."""
    icon: str = ""
    """Mark before the second line."""
    role: str = "muted"
    """Color of that mark."""
    ticked: bool | None = None
    """None draws no tick."""
    tick_words: str = ""
    """What the tick says, for people who listen."""
    on: bool = True


class ListedModel(QAbstractListModel):
    """Items by their place."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Listed, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What is listed, first to last."""
        return tuple(one.key for one in self._rows)

    def set_rows(self, rows: Sequence[Listed]) -> None:
        """Show these; an item keeps its selection as long as its key stays in its place."""
        old, new = self._rows, tuple(rows)
        if [one.key for one in old] != [one.key for one in new]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        self._rows = new
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(row), self.index(row))

    def move(self, row: int, to: int) -> bool:
        """Put an item at another place; False where there is nothing to do."""
        count = len(self._rows)
        if row == to or not 0 <= row < count or not 0 <= to < count:
            return False
        top = QModelIndex()
        self.beginMoveRows(top, row, row, top, to + 1 if to > row else to)
        rows = list(self._rows)
        rows.insert(to, rows.pop(row))
        self._rows = tuple(rows)
        self.endMoveRows()
        return True

    def listed(self, row: int) -> Listed | None:
        """The item of a row; None outside."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def place(self, key: str) -> int:
        """The row of an item; -1 where there is none."""
        return next((row for row, one in enumerate(self._rows) if one.key == key), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title, full story, or the item itself with `LISTED_ROLE`."""
        one = self._rows[index.row()]
        if role == LISTED_ROLE:
            return one
        if role == Qt.ItemDataRole.DisplayRole:
            return one.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip("\n".join(filter(None, (one.title, one.note))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            number = f"{one.number}. " if one.number else ""
            tick = "" if one.ticked is None else f"{one.tick_words}: {'yes' if one.ticked else 'no'}"
            return number + ", ".join(filter(None, (one.title, one.note, tick)))
        return None
