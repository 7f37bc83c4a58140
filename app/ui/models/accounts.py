"""The credentials of one provider as a Qt table, brought up to date in place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.domain.provider import CredentialState
from app.domain.rest_words import rest_words
from app.domain.status import AccountStatus
from app.ui import formats
from app.ui.icons import symbol
from app.ui.style import plain_tooltip
from app.ui.widgets.cell import CELL_ROLE, Cell

Index = QModelIndex | QPersistentModelIndex
NAME, STATE, SOURCE, PRIORITY, WEIGHT = range(5)
TITLES = ("Account", "State", "Key", "Priority", "Weight")
WIDTHS = (136, 176, 176, 72, 72)
ELASTIC = SOURCE
OWN = "Own key"
_TIPS = {
    PRIORITY: "Lower ones are used first.",
    WEIGHT: "The share of requests among accounts of the same priority; 0 rests the account.",
}
_STATES = {
    CredentialState.READY: ("ready", "text", "circle", "ok"),
    CredentialState.NOT_NEEDED: ("ready", "text", "circle", "ok"),
    CredentialState.MISSING: ("no key", "muted", "circle-outline", "muted"),
    CredentialState.WAITING: ("waiting", "muted", "circle-outline", "muted"),
    CredentialState.LOCKED: ("keyring locked", "warning", "triangle", "warning"),
    CredentialState.UNAVAILABLE: ("no keyring", "warning", "triangle", "warning"),
    CredentialState.REJECTED: ("key rejected", "error", "square", "error"),
}
"""Words, their color, and shape and color of the mark beside them."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@cache
def _mark(icon: str, role: str) -> QIcon:
    return symbol(icon, role)


def _wall_us() -> int:
    return time.time_ns() // 1_000


class AccountModel(QAbstractTableModel):
    """A row for each credential, in the order in which they are used."""

    def __init__(self, now_us: Callable[[], int] = _wall_us) -> None:
        super().__init__()
        self._now_us = now_us
        self._rows: tuple[AccountStatus, ...] = ()

    def set_accounts(self, accounts: Sequence[AccountStatus]) -> None:
        """Show these; rows keep their place and selection as long as the names stay."""
        old, new = self._rows, tuple(accounts)
        if [one.name for one in old] != [one.name for one in new]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        self._rows = new
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after or after.resting_until_us:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))

    def account(self, row: int) -> AccountStatus | None:
        """The credential of a row; None outside."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def place(self, name: str) -> int:
        """The row of an account; -1 where there is none."""
        return next((row for row, one in enumerate(self._rows) if one.name == name), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many columns there are."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The titles, and what the figures mean."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS.get(section)
        return _align(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is drawn with `CELL_ROLE`; tooltip and text for others."""
        one = self.account(index.row())
        if one is None:
            return None
        column = index.column()
        if role == CELL_ROLE:
            return self._cell(one, column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(one, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(self._exact(one, column))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[column]}: {self._text(one, column)}"
        return None

    def _rests(self, one: AccountStatus) -> bool:
        return one.resting_until_us > self._now_us()

    def _text(self, one: AccountStatus, column: int) -> str:
        match column:
            case 0:
                return formats.one_line(one.name, 60) or OWN
            case 1 if self._rests(one):
                return rest_words(one.resting_until_us, "", self._now_us())
            case 1 if not one.weight and one.state in (CredentialState.READY, CredentialState.NOT_NEEDED):
                return "switched off"
            case 1:
                return _STATES[one.state][0]
            case 2:
                return formats.one_line(one.source, 80) or formats.DASH
            case 3:
                return formats.count(one.priority)
        return formats.count(one.weight)

    def _cell(self, one: AccountStatus, column: int) -> Cell:
        text = self._text(one, column)
        if column == STATE:
            words, ink, icon, color = _STATES[one.state]
            if self._rests(one):
                ink, icon, color = "warning", "timer-sand", "warning"
            elif text != words:
                ink, icon, color = "muted", "circle-outline", "muted"
            return Cell(text, ink, _mark(icon, color))
        quiet = column == SOURCE or not one.weight
        return Cell(text, "muted" if quiet else "text", right=column in (PRIORITY, WEIGHT))

    def _exact(self, one: AccountStatus, column: int) -> str:
        if column == STATE and self._rests(one):
            return f"Rests until {formats.exact_time(one.resting_until_us)}: {formats.one_line(one.resting_why)}"
        return self._text(one, column)


def _align(column: int) -> Qt.AlignmentFlag:
    return _RIGHT if column in (PRIORITY, WEIGHT) else _LEFT
