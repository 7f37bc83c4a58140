"""Add a provider or change one: choose the vendor, enter the key, try it, keep it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from app.domain.config import ProviderEntry
from app.domain.provider import AuthStyle, Vendor
from app.domain.status import VaultStatus
from app.ui.dialogs.attempts import Problem, Trial, attempt, probe, with_other_places
from app.ui.dialogs.login import open_login
from app.ui.dialogs.provider_form import ProviderForm
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.style import GRID, MARGIN, ROW_HEIGHT, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.keeping import ENVIRONMENT, SESSION
from app.ui.widgets.padded import PaddedDelegate

if TYPE_CHECKING:
    from app.control.safekeeping import Keep
    from app.control.services import Services

LIST_WIDTH = 30 * GRID
SAVE, TEST = "save the provider", "test the provider"


class ProviderEditor(WaitingDialog):
    """`entry` is None for a new one; then the vendors stand on the left."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, entry: ProviderEntry | None) -> None:
        title = "Add a provider" if entry is None else "Edit the provider"
        super().__init__(parent, title, tasks, action="A&dd" if entry is None else "&Save")
        self._services, self._before = services, entry
        self._vendors = services.providers.presets()
        self.vendors = self._vendor_list()
        self.form = ProviderForm(one.name for one in services.status.current.providers)
        self.hint = Label(role="muted", wrap=True)
        self.test = QPushButton("&Test")
        self.test.setAutoDefault(False)
        self.trial = Label(wrap=True)
        self.held, self.fields = (self.test, self.form, self.vendors), self.form
        self._lay_out()
        self.buttons_after(self.test)
        self.test.clicked.connect(self._test)
        self.action.clicked.connect(self._save)
        self.form.edited.connect(self._edited)
        if entry is None:
            self.vendors.setCurrentRow(0)
        else:
            self.vendors.hide()
            self._show_vendor(self._vendor_of(entry))
            self.form.show_entry(entry, self._vendor_of(entry))
        self._tasks.spawn("ask the keyring", services.settings.keyring(), self, then=self._show_keyring)

    def _vendor_list(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName("Vendor")
        made.setFixedWidth(LIST_WIDTH)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setUniformItemSizes(True)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setItemDelegate(PaddedDelegate(made))
        for vendor in self._vendors:
            item = QListWidgetItem(vendor.label)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setToolTip(vendor.label)
            made.addItem(item)
        made.currentRowChanged.connect(lambda row: self._show_vendor(self._vendors[row]))
        return made

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(MARGIN)
        right.addWidget(self.hint)
        right.addWidget(self.form)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.test, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.trial, 1)
        right.addLayout(line)
        right.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(MARGIN)
        both.addWidget(self.vendors)
        if self._before is None:
            both.addWidget(Hairline(vertical=True))
        both.addLayout(right, 1)
        self.body.addLayout(both)

    def _vendor_of(self, entry: ProviderEntry) -> Vendor:
        provider = self._services.providers.provider(entry.name)
        name = provider.vendor if provider is not None else entry.vendor
        return next((one for one in self._vendors if one.name == name), self._vendors[-1])

    def _show_vendor(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self.hint.setText(vendor.hint)
        self.form.show_vendor(vendor)
        self._say("")

    def _show_keyring(self, vault: VaultStatus) -> None:
        self.form.show_keyring(vault)

    def _edited(self) -> None:
        self.form.clear_errors()
        self.fail("")

    # trying it

    def _test(self) -> None:
        self.form.clear_errors()
        self._say("")
        entry = self.form.entry()
        if self._before is not None and self.form.secret() is None:
            entry = replace(entry, name=self._before.name)  # the stored key is found by the name it has now
        work = probe(self._services, entry, self.form.secret())
        text = "Asking the provider for its models…"
        self.wait_for(TEST, work, self._tested, text=text, failed=self._test_failed)

    def _tested(self, result: Trial | Problem) -> None:
        if isinstance(result, Problem):
            self.tell(result)
            return
        self._say(result.message, role="ok" if result.ok else "error")

    def _test_failed(self, text: str) -> None:
        self._say(f"The test did not work: {text}.", role="error")

    def _say(self, text: str, *, role: str = "text") -> None:
        self.trial.set_role(role)
        self.trial.setText(text)

    # keeping it

    def _save(self) -> None:
        self.form.clear_errors()
        self.fail("")
        missing = self._missing_key()
        if missing:
            self.form.fail("key", missing)
            return
        entry, secret = self.form.entry(), self.form.secret()
        keep: Keep = "session" if self.form.keeping == SESSION else "keyring"
        providers = self._services.providers
        if self._before is None:
            work = attempt(providers.add, entry, secret, keep=keep)
        else:
            now = next((one for one in providers.entries() if one.name == self._before.name), entry)
            entry = replace(entry, accounts=now.accounts)  # changed elsewhere while this stood open, perhaps
            work = attempt(providers.edit, self._before.name, entry, secret, keep=keep)
        waits = secret is not None and keep == "keyring"
        self.wait_for(SAVE, work, self.saved, text="Waiting for the system keyring…" if waits else "Saving…")

    def _missing_key(self) -> str:
        """A new provider that needs a key must have been given one."""
        needs = self._vendor.auth not in (AuthStyle.NONE, AuthStyle.CLIENT)
        if (
            self._before is not None
            or self.form.logs_in
            or not needs
            or self.form.keeping == ENVIRONMENT
            or self.form.secret() is not None
        ):
            return ""
        return f"{self._vendor.label} needs a key. Enter one, or choose an environment variable below."

    def saved(self, problem: Problem | None) -> None:
        """Close, and lead on to a login where the provider wants one; or say why not."""
        if problem is None:
            logs_in, name = self.form.logs_in, self.form.entry().name
            self.form.key.forget()
            self.accept()
            window = self.parentWidget()
            if logs_in and window is not None:
                open_login(window, self._services, self._tasks, name, ())
        else:
            self.tell(problem)

    def failed(self, text: str) -> None:
        """An error that nobody thought of."""
        self.fail(f"The provider was not saved: {text}. Nothing has changed.")

    def tell(self, problem: Problem) -> None:
        """Say it at its field, and what else one may do."""
        super().tell(with_other_places(problem))

    def reject(self) -> None:
        """Escape ends what is waited for first."""
        if not self.busy.isVisible():
            self.form.key.forget()
        super().reject()


def open_editor(
    parent: QWidget, services: Services, tasks: Tasks, entry: ProviderEntry | None = None, *, at_key: bool = False
) -> ProviderEditor:
    """Open the dialog for a new provider, or for one that exists; `at_key`: to replace its key."""
    dialog = ProviderEditor(parent, services, tasks, entry)
    dialog.open()
    if at_key:
        dialog.form.key.setFocus()
    return dialog
