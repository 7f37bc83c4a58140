"""Where a key is kept: in the system keyring, in memory for this session, or in an environment variable."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.domain.status import VaultStatus
from app.ui.style import GRID

KEYRING, SESSION, ENVIRONMENT = "keyring", "session", "environment"


class Keeping(QWidget):
    """Three choices below each other, the last with the variable's name."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.keyring = QRadioButton("In the s&ystem keyring")
        self.session = QRadioButton("For this session &only, in memory")
        self.environment = QRadioButton("In an &environment variable:")
        self.env_key = QLineEdit()
        self.env_key.setAccessibleName("Name of the environment variable")
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for button in (self.keyring, self.session):
            self._group.addButton(button)
            column.addWidget(button)
        self._group.addButton(self.environment)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.environment)
        line.addWidget(self.env_key, 1)
        column.addLayout(line)
        self.keyring.setChecked(True)
        self.setFocusProxy(self.keyring)
        self._group.buttonToggled.connect(lambda _button, _on: self._changed())
        self.env_key.textChanged.connect(lambda _text: self.changed.emit())
        self.env_key.setEnabled(False)

    @property
    def choice(self) -> str:
        """KEYRING, SESSION or ENVIRONMENT."""
        return KEYRING if self.keyring.isChecked() else SESSION if self.session.isChecked() else ENVIRONMENT

    def show_keyring(self, vault: VaultStatus) -> str:
        """Say where the keyring is; without one, memory is proposed. Gives the reason, empty where it can be used."""
        name = vault.backend if vault.usable else "not available"
        self.keyring.setText(f"In the s&ystem keyring ({name})".replace("&&", "&"))
        self.keyring.setEnabled(vault.usable)
        if not vault.usable and self.keyring.isChecked():
            self.session.setChecked(True)
        return "" if vault.usable else vault.problem

    def _changed(self) -> None:
        self.env_key.setEnabled(self.environment.isChecked())
        self.changed.emit()
