"""The fields of a provider: name, address, key and where the key is kept. Vendor presets fill in what is left empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.domain.config import ProviderEntry
from app.domain.provider import AuthStyle, DialectName, Secret, Vendor
from app.domain.status import VaultStatus
from app.ui.style import GRID
from app.ui.widgets.form import Form
from app.ui.widgets.keeping import ENVIRONMENT, Keeping
from app.ui.widgets.secret_edit import SecretEdit

DIALECTS = (
    (DialectName.ANTHROPIC_MESSAGES, "Anthropic Messages"),
    (DialectName.OPENAI_CHAT, "OpenAI Chat Completions"),
    (DialectName.OPENAI_RESPONSES, "OpenAI Responses"),
    (DialectName.GEMINI, "Gemini"),
)
_EXAMPLES = {DialectName.ANTHROPIC_MESSAGES: "https://host", DialectName.GEMINI: "https://host"}
"""Addresses of the dialects whose paths begin with the version."""
FIELD_WIDTH = 44 * GRID
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderForm(Form):
    """Shows the fields that a vendor needs and makes an entry of them."""

    edited = Signal()

    def __init__(self, taken: Iterable[str]) -> None:
        super().__init__()
        self._taken = {name.lower() for name in taken}
        self._vendor: Vendor | None = None
        self._kept = ProviderEntry("")
        self.name, self.base_url, self.api_version = (QLineEdit() for _ in range(3))
        self.kept_in = Keeping()
        self.keyring, self.session, self.environment = (
            self.kept_in.keyring,
            self.kept_in.session,
            self.kept_in.environment,
        )
        self.env_key = self.kept_in.env_key
        self.dialect = QComboBox()
        for dialect, label in DIALECTS:
            self.dialect.addItem(label, dialect)
        self.insecure = QCheckBox("Send the key over unencrypted &HTTP")
        self.key = SecretEdit()
        self.key_link = QPushButton("&Get a key…")
        self.key_link.clicked.connect(self._open_link)
        self.name.setMinimumWidth(FIELD_WIDTH)
        self.add("name", "&Name", self.name)
        self.add("base_url", "&Address", self.base_url)
        self.add("dialect", "S&peaks", self.dialect)
        self.add("api_version", "API &version", self.api_version, hint="Leave empty for the v1 API.")
        self.add(
            "allow_insecure", "", self.insecure, hint="Anyone on the way can read it. For networks you trust only."
        )
        self.add("key", "&Key", self._with_link(), focus=self.key)
        self.add("keep", "Keep it", self.kept_in)
        for edit in (self.name, self.base_url, self.key):
            edit.textChanged.connect(self._changed)
        self.kept_in.changed.connect(self._changed)

    def _with_link(self) -> QWidget:
        box = QWidget()
        box.setFocusProxy(self.key)
        line = QHBoxLayout(box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self.key, 1)
        line.addWidget(self.key_link)
        return box

    # what is asked for

    def show_vendor(self, vendor: Vendor) -> None:
        """Ask for what this vendor needs, with a name that is free."""
        before = self._vendor
        self._vendor = vendor
        if before is None or self.name.text() in {"", self._free_name(before)}:
            self.name.setText(self._free_name(vendor))
        self.clear_errors()
        if not self._asks(vendor) and self.environment.isChecked():
            self.keyring.setChecked(True)
        self.base_url.setPlaceholderText(vendor.base_url or _EXAMPLES.get(vendor.dialect, "https://host/v1"))
        self.rows["dialect"].set_visible(visible=vendor.name.endswith("-compatible"))
        self.dialect.setCurrentIndex(max(0, self.dialect.findData(vendor.dialect)))
        self.rows["api_version"].set_visible(visible=vendor.name == "azure")
        self.env_key.setPlaceholderText(vendor.env_key or "NAME_API_KEY")
        self.key_link.setVisible(bool(vendor.key_url))
        self.key_link.setToolTip(vendor.key_url)
        self._changed()

    def _free_name(self, vendor: Vendor) -> str:
        wanted, number = vendor.label, 2
        while wanted.lower() in self._taken:
            wanted, number = f"{vendor.label} {number}", number + 1
        return wanted

    def show_entry(self, entry: ProviderEntry, vendor: Vendor) -> None:
        """Edit one that exists; its key stays unless a new one is entered."""
        self._kept = entry
        self._taken.discard(entry.name.lower())
        self.name.setText(entry.name)
        self.show_vendor(vendor)
        self.base_url.setText(entry.base_url)
        self.api_version.setText(entry.api_version)
        self.env_key.setText(entry.env_key)
        self.insecure.setChecked(entry.allow_insecure)
        if entry.dialect:
            self.dialect.setCurrentIndex(max(0, self.dialect.findData(entry.dialect)))
        self.key.setPlaceholderText("Leave empty to keep the present key")

    def show_keyring(self, vault: VaultStatus) -> None:
        """Say where the keyring is; without one, memory is proposed and the reason stands here."""
        problem = self.kept_in.show_keyring(vault)
        if problem:
            self.rows["keep"].set_hint(problem)

    def _changed(self) -> None:
        vendor = self._vendor
        if vendor is None:
            return
        asks = self._asks(vendor)
        in_environment = self.environment.isChecked()
        self.rows["allow_insecure"].set_visible(visible=self._in_clear(vendor))
        self.rows["keep"].set_visible(visible=asks or bool(self.key.text()))
        self.key.setEnabled(not in_environment)
        self.rows["key"].set_hint(self._key_hint(vendor, asks=asks, in_environment=in_environment))
        self.edited.emit()

    def _in_clear(self, vendor: Vendor) -> bool:
        """Whether the key would cross a network where others can read it."""
        address = QUrl(self.base_url.text().strip().lower())
        return address.scheme() == "http" and not vendor.local and address.host() not in _THIS_MACHINE

    @staticmethod
    def _asks(vendor: Vendor) -> bool:
        return vendor.auth not in (AuthStyle.NONE, AuthStyle.CLIENT)

    def _key_hint(self, vendor: Vendor, *, asks: bool, in_environment: bool) -> str:
        if in_environment:
            return "Patchbay reads the variable when it starts."
        typed = self.key.text().strip()
        if typed and vendor.key_prefix and not typed.startswith(vendor.key_prefix):
            return f"Keys of {vendor.label} usually begin with {vendor.key_prefix}. Is this the right one?"
        if self.logs_in:
            return "Leave it empty to log in with the browser instead."
        return "" if asks else f"{vendor.label} needs none; enter one only if your server asks for it."

    def _open_link(self) -> None:
        if self._vendor is not None:
            QDesktopServices.openUrl(QUrl(self._vendor.key_url))

    @property
    def logs_in(self) -> bool:
        """Whether the key of a new provider can be come by with a login, and none was entered."""
        vendor = self._vendor
        offered = vendor is not None and vendor.login is not None and not self.base_url.text().strip()
        return offered and not self._kept.name and self.kept_in.choice != ENVIRONMENT and self.key.secret() is None

    # what was entered

    @property
    def keeping(self) -> str:
        """Where the key goes: KEYRING, SESSION or ENVIRONMENT."""
        return self.kept_in.choice

    def secret(self) -> Secret | None:
        """The key that was entered; None where it is to stay, or comes from the environment."""
        return None if self.keeping == ENVIRONMENT else self.key.secret()

    def entry(self) -> ProviderEntry:
        """What was entered; what the vendor's preset says anyway is left out."""
        vendor = self._vendor
        generic = vendor is not None and vendor.name.endswith("-compatible")
        dialect = str(self.dialect.currentData() or "")
        differs = generic and vendor is not None and dialect != vendor.dialect
        return replace(
            self._kept,
            name=self.name.text().strip(),
            vendor=vendor.name if vendor is not None else "",
            base_url=self.base_url.text().strip(),
            dialect=dialect if differs else "" if generic else self._kept.dialect,
            api_version=self.api_version.text().strip(),
            env_key=self.env_key.text().strip() or self._default_variable(),
            allow_insecure=self.insecure.isChecked() and vendor is not None and self._in_clear(vendor),
        )

    def _default_variable(self) -> str:
        """Where the vendor has no usual variable, the proposed one must be written down."""
        if self.keeping != ENVIRONMENT or (self._vendor is not None and self._vendor.env_key):
            return ""
        word = "".join(char if char.isalnum() and char.isascii() else "_" for char in self.name.text().strip())
        return f"{word.upper()}_API_KEY"
