"""The configured providers as a Qt list, brought up to date in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.domain.provider import CredentialState
from app.domain.status import Health, ProviderStatus
from app.ui.style import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
STATUS_ROLE = Qt.ItemDataRole.UserRole

HEALTH_MARKS = {
    Health.OK: ("circle", "ok"),
    Health.UNKNOWN: ("circle-outline", "muted"),
    Health.DEGRADED: ("triangle", "warning"),
    Health.DOWN: ("square", "error"),
}
"""Shape and color of each health; the words stand beside it."""

_KEYS = {
    CredentialState.NOT_NEEDED: "no key needed",
    CredentialState.MISSING: "key missing",
    CredentialState.WAITING: "waiting for the system keyring",
    CredentialState.LOCKED: "the system keyring is locked",
    CredentialState.UNAVAILABLE: "the system keyring is not available",
    CredentialState.REJECTED: "the provider rejected the key",
}


def key_words(status: ProviderStatus) -> str:
    """Where the key is, or why there is none."""
    if status.credential is CredentialState.READY:
        return f"key: {status.credential_source}" if status.credential_source else "key at hand"
    if status.credential is CredentialState.WAITING and status.credential_source:
        return "its login is being renewed"
    return _KEYS[status.credential]


class ProviderModel(QAbstractListModel):
    """One item a provider; the delegate draws it, the texts here are for people who listen."""

    def __init__(self) -> None:
        super().__init__()
        self._providers: tuple[ProviderStatus, ...] = ()

    def set_providers(self, providers: Sequence[ProviderStatus]) -> None:
        """Show these; rows keep their place and selection as long as the names stay."""
        old, new = self._providers, tuple(providers)
        if [one.name for one in old] != [one.name for one in new]:
            self.beginResetModel()
            self._providers = new
            self.endResetModel()
            return
        self._providers = new
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(row), self.index(row))

    def place(self, name: str) -> int:
        """The row of a provider; -1 where there is none."""
        return next((row for row, one in enumerate(self._providers) if one.name == name), -1)

    def status(self, row: int) -> ProviderStatus | None:
        """The provider of a row; None outside."""
        return self._providers[row] if 0 <= row < len(self._providers) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many there are."""
        return 0 if parent.isValid() else len(self._providers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, full story, or the status itself with `STATUS_ROLE`."""
        one = self._providers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.name
        if role == STATUS_ROLE:
            return one
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(f"{one.health_text}\n{one.base_url}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            active = "active, " if one.active else ""
            return f"{one.name}, {active}{one.vendor_label}, {one.health_text}, {key_words(one)}"
        return None
