"""The lines of the routes' picture as a Qt list, brought up to date in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.ui.models.ways import Kind, Stop, Way
from app.ui.style import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
WAY_ROLE = Qt.ItemDataRole.UserRole


class WayModel(QAbstractListModel):
    """One item a way; the delegate draws it, the texts here are for people who listen."""

    def __init__(self) -> None:
        super().__init__()
        self._ways: tuple[Way, ...] = ()

    def set_ways(self, ways: Sequence[Way]) -> None:
        """Show these; rows keep their place and selection as long as their shape stays."""
        old, new = self._ways, tuple(ways)
        if [_shape(one) for one in old] != [_shape(one) for one in new]:
            self.beginResetModel()
            self._ways = new
            self.endResetModel()
            return
        self._ways = new
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(row), self.index(row))

    def way(self, row: int) -> Way | None:
        """The way of a row; None outside."""
        return self._ways[row] if 0 <= row < len(self._ways) else None

    def place(self, kind: Kind, key: str) -> int:
        """The row of a way; -1 where there is none."""
        return next((row for row, one in enumerate(self._ways) if (one.kind, one.key) == (kind, key)), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many there are."""
        return 0 if parent.isValid() else len(self._ways)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are only read."""
        way = self._ways[index.row()] if index.isValid() else None
        if way is None or way.kind is Kind.HEADING:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title, full story, or the way itself with `WAY_ROLE`."""
        way = self._ways[index.row()]
        if role == WAY_ROLE:
            return way
        if role == Qt.ItemDataRole.DisplayRole:
            return way.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(way)
        if role == Qt.ItemDataRole.ToolTipRole and way.kind is not Kind.HEADING:
            return plain_tooltip(spoken(way, "\n"))
        return None


def spoken(way: Way, between: str = ". ") -> str:
    """Everything that the line shows, as text."""
    title = f"{way.title}: {way.words}" if way.words else way.title
    off = "switched off" if way.kind is Kind.RULE and not way.on else ""
    return between.join(filter(None, (title, off, *(_stop(stop) for stop in way.stops), way.tail)))


def _stop(stop: Stop) -> str:
    lit = ", goes here now" if stop.lit else ", passed over" if stop.skipped else ""
    why = f" ({stop.why})" if stop.why else ""
    return f"{stop.rank}. {stop.provider}, {stop.model}, {stop.word}{why}{lit}"


def _shape(way: Way) -> tuple[object, ...]:
    """What the height of a line hangs on, and which it is."""
    return way.kind, way.key, bool(way.words), bool(way.tail), tuple(bool(stop.why) for stop in way.stops)
