"""The history as a Qt table: newest first, grown page by page, brought up to date without losing anybody's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.domain.exchange import Row, State
from app.ui.icons import symbol
from app.ui.models.columns import COLUMNS, estimated
from app.ui.style import plain_tooltip
from app.ui.widgets.cell import CELL_ROLE, Cell
from app.ui.widgets.dot import dot

Index = QModelIndex | QPersistentModelIndex
Key = tuple[int, str]
UNKNOWN = "?"
ROW_ROLE = Qt.ItemDataRole.UserRole

_MARKS = {
    State.STARTED: ("circle-slice-8", "accent"),
    State.DONE: ("check", "ok"),
    State.FAILED: ("alert-octagon", "error"),
    State.CANCELLED: ("cancel", "muted"),
    State.INTERRUPTED: ("lightning-bolt", "warning"),
}
"""Shape and color of each state; the word stands beside it."""
_WORD_ROLES = {State.FAILED: "error", State.INTERRUPTED: "warning", State.CANCELLED: "muted"}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@cache
def mark(state: State) -> QIcon:
    """The mark of a state: a shape in a color, both with a meaning."""
    return symbol(*_MARKS[state])


def key(row: Row) -> Key:
    """What the history is ordered by, descending."""
    return (row.started_us, row.id)


class ExchangeModel(QAbstractTableModel):
    """Rows of the history. `ask_more` is called when the view has come to the end of what is loaded."""

    def __init__(self, now_us: Callable[[], int], ask_more: Callable[[], None]) -> None:
        super().__init__()
        self._now_us, self._ask_more = now_us, ask_more
        self._rows: list[Row] = []
        self._complete = True
        self._asked = False
        self._series: Mapping[str, int] = {}

    # what the rows are

    @property
    def rows(self) -> Sequence[Row]:
        """What is loaded, newest first."""
        return self._rows

    def row(self, place: int) -> Row:
        """The row at that place."""
        return self._rows[place]

    def place(self, exchange_id: str) -> int:
        """Where an exchange stands among the loaded rows; -1 where it is not."""
        return next((place for place, row in enumerate(self._rows) if row.id == exchange_id), -1)

    def oldest_running(self) -> Key | None:
        """The key of the last loaded row that can still change."""
        return next((key(row) for row in reversed(self._rows) if row.state is State.STARTED), None)

    def set_rows(self, rows: Sequence[Row], *, complete: bool) -> None:
        """Replace everything; `complete`: nothing older exists."""
        self.beginResetModel()
        self._rows = list(rows)
        self._complete, self._asked = complete, False
        self.endResetModel()

    def append(self, rows: Sequence[Row], *, complete: bool) -> None:
        """The next page, older than everything here."""
        self._complete, self._asked = complete, False
        last = key(self._rows[-1]) if self._rows else None
        older = [row for row in rows if last is None or key(row) < last]
        if older:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(older) - 1)
            self._rows.extend(older)
            self.endInsertRows()

    def more_failed(self) -> None:
        """The next page did not come; scrolling may ask again."""
        self._asked = False

    def merge(self, fresh: Sequence[Row], *, complete: bool) -> int:
        """Bring the newest rows up to date; gives how many are new.

        `fresh` are the newest rows without a gap, newest first; `complete`: they are all there are. Whatever is loaded
        in their span and not among them is gone. Selection and position are Qt's to keep.
        """
        if not fresh and not complete:
            return 0
        held = (len(self._rows) if complete else self._first_below(key(fresh[-1]))) - 1
        wanted = len(fresh) - 1
        oldest = key(self._rows[-1]) if self._rows else (0, "")
        added = 0
        while held >= 0 or wanted >= 0:
            here = key(self._rows[held]) if held >= 0 else None
            there = key(fresh[wanted]) if wanted >= 0 else None
            if here == there:
                self._replace(held, fresh[wanted])
                held, wanted = held - 1, wanted - 1
            elif there is None or (here is not None and here < there):
                self._remove(held)
                held -= 1
            else:
                first = wanted
                while first > 0 and (here is None or key(fresh[first - 1]) < here):
                    first -= 1
                self._insert(held + 1, fresh[first : wanted + 1])
                added += sum(key(row) > oldest for row in fresh[first : wanted + 1])
                wanted = first - 1
        return added

    def _first_below(self, floor: Key) -> int:
        return next((place for place, row in enumerate(self._rows) if key(row) < floor), len(self._rows))

    def _replace(self, place: int, row: Row) -> None:
        if self._rows[place] != row:
            self._rows[place] = row
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def _remove(self, place: int) -> None:
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._rows[place]
        self.endRemoveRows()

    def _insert(self, place: int, rows: Sequence[Row]) -> None:
        self.beginInsertRows(QModelIndex(), place, place + len(rows) - 1)
        self._rows[place:place] = rows
        self.endInsertRows()

    def set_series(self, series: Mapping[str, int]) -> None:
        """Which provider has which color number."""
        if series != self._series:
            self._series = dict(series)
            self._column_changed("provider")

    def tick(self) -> None:
        """Time has gone by: "2 min ago" may be three now."""
        self._column_changed("time")

    def _column_changed(self, name: str) -> None:
        column = next(place for place, one in enumerate(COLUMNS) if one.key == name)
        if self._rows:
            self.dataChanged.emit(self.index(0, column), self.index(len(self._rows) - 1, column))

    # what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many rows are loaded."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether older rows exist that nobody has asked for yet."""
        return not parent.isValid() and not self._complete and not self._asked

    def fetchMore(self, parent: Index) -> None:
        """Ask for the next page; it comes later with `append`."""
        self._asked = True
        self._ask_more()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles, aligned like their columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[section].numeric else _LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is drawn with `CELL_ROLE`, tooltip and text for others; the row itself with `ROW_ROLE`."""
        try:
            return self._data(index, role)
        except (ValueError, OverflowError, OSError):
            # A time beyond the calendar, from a damaged file. An error that comes up inside a paint ends the process.
            return Cell(UNKNOWN) if role == CELL_ROLE else UNKNOWN if role == Qt.ItemDataRole.DisplayRole else None

    def _data(self, index: Index, role: int) -> Any:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == CELL_ROLE:
            text = column.text(row, self._now_us())
            return Cell(text, self._role(row, column.key), self._mark(row, column.key), column.numeric)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row, self._now_us())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(column.exact(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {column.text(row, self._now_us())}"
        return row if role == ROW_ROLE else None

    def _role(self, row: Row, column: str) -> str:
        """The color role of a cell's text."""
        if column == "status":
            return _WORD_ROLES.get(row.state, "text")
        if column == "cost":
            return "muted" if row.cost is None or estimated(row) else "text"
        return "muted" if column in {"time", "client"} else "text"

    def _mark(self, row: Row, column: str) -> QIcon | None:
        if column == "status":
            return mark(row.state)
        return dot(self._series.get(row.provider)) if column == "provider" else None
