"""Which models a provider offers for which tier, as a table of ticks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.domain.provider import Tier

Index = QModelIndex | QPersistentModelIndex
TIERS = (Tier.BIG, Tier.MIDDLE, Tier.SMALL)
TIER_LABELS = {Tier.BIG: "Big", Tier.MIDDLE: "Middle", Tier.SMALL: "Small"}
TIER_HINTS = {
    Tier.BIG: "for Opus and its likes",
    Tier.MIDDLE: "for Sonnet and everything else",
    Tier.SMALL: "for Haiku and its likes",
}
_CENTER = Qt.AlignmentFlag.AlignCenter


class TierModel(QAbstractTableModel):
    """A row for each model: its name, and whether each tier offers it."""

    def __init__(self, offered: Mapping[Tier, Iterable[str]], others: Iterable[str] = ()) -> None:
        super().__init__()
        self._chosen = {tier: list(offered.get(tier, ())) for tier in TIERS}
        self._names = list(dict.fromkeys((*(name for tier in TIERS for name in self._chosen[tier]), *others)))
        self._own = set(self._names)
        """What stays listed without a tick in any tier: it was entered, or listed before."""

    def add(self, names: Iterable[str], *, own: bool = False) -> None:
        """Offer more names; `own`: keep them even without a tick."""
        new = [name for name in dict.fromkeys(names) if name and name not in self._names]
        if own:
            self._own.update(new)
        if new:
            self.beginInsertRows(QModelIndex(), len(self._names), len(self._names) + len(new) - 1)
            self._names.extend(new)
            self.endInsertRows()

    def remove(self, name: str) -> None:
        """Take a model out of every list."""
        row = self._names.index(name)
        self.beginRemoveRows(QModelIndex(), row, row)
        self._names.remove(name)
        self._own.discard(name)
        for names in self._chosen.values():
            if name in names:
                names.remove(name)
        self.endRemoveRows()

    def name(self, row: int) -> str:
        """The model of a row."""
        return self._names[row]

    def lists(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """(big, middle, small, of no tier), each in the order it was chosen in."""
        big, middle, small = (tuple(self._chosen[tier]) for tier in TIERS)
        ticked = {*big, *middle, *small}
        return big, middle, small, tuple(name for name in self._names if name in self._own and name not in ticked)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many models there are."""
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """The name and the tiers."""
        return 0 if parent.isValid() else 1 + len(TIERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The titles, and what each tier is for."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "Model" if section == 0 else TIER_LABELS[TIERS[section - 1]]
        if role == Qt.ItemDataRole.ToolTipRole and section:
            return TIER_HINTS[TIERS[section - 1]]
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return (_CENTER if section else left) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, or a tick."""
        name = self._names[index.row()]
        if index.column() == 0:
            return name if role == Qt.ItemDataRole.DisplayRole else None
        tier = TIERS[index.column() - 1]
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if name in self._chosen[tier] else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name} as {TIER_LABELS[tier].lower()} model"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick."""
        if role != Qt.ItemDataRole.CheckStateRole or index.column() == 0:
            return False
        name, names = self._names[index.row()], self._chosen[TIERS[index.column() - 1]]
        on = Qt.CheckState(value) is Qt.CheckState.Checked
        if on and name not in names:
            names.append(name)
        elif not on and name in names:
            names.remove(name)
        self.dataChanged.emit(index, index)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Tiers can be ticked."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsUserCheckable if index.column() else base
