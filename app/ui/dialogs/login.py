"""Log in for a key in the browser: for whom, then the wait for the browser to come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.domain.provider import CredentialState
from app.domain.status import VaultStatus
from app.ui import formats
from app.ui.dialogs.attempts import Problem, attempt
from app.ui.dialogs.base import Dialog
from app.ui.style import GRID, MARGIN, Label
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.form import Form

if TYPE_CHECKING:
    from app.control.safekeeping import Keep
    from app.control.services import Services

LOGIN = "log in"
WIDTH = 64 * GRID
LONGEST_NAME = 32
OWN, NEW = "The provider's own key", "A new account"
WAITING = "Waiting for the browser, up to five minutes…"
WORDS = (
    "The browser opens {whom}. Log in there and allow Patchbay to have a key; the browser then comes back to this "
    "machine, and the key goes {where}."
)


class LoginDialog(Dialog):
    """Stays open until the browser came back, the login failed or somebody gave it up."""

    def __init__(
        self,
        parent: QWidget | None,
        services: Services,
        tasks: Tasks,
        provider: str,
        accounts: Sequence[str],
        *,
        chosen: str,
        done: Callable[[str], None],
    ) -> None:
        self._whom = formats.one_line(services.accounts.login_with(provider), 60)
        super().__init__(parent, f"Log in with {self._whom}", action="&Open the browser")
        self._services, self._tasks, self._provider, self._done = services, tasks, provider, done
        self._address = ""
        self._keep: Keep = "keyring"
        self.words = Label(wrap=True)
        self.words.setMinimumWidth(WIDTH)
        self.form = Form()
        self.account, self.name = CalmCombo(), QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText("work")
        self.copy = QPushButton("Copy the &address")
        self.copy.setAutoDefault(False)
        self.copy.setToolTip("For another browser on this machine")
        self.copy.hide()
        self._fill(accounts, chosen)
        self._lay_out()
        self.buttons_after(self.name)
        self.account.currentIndexChanged.connect(lambda _place: self._show_fields())
        self.name.textChanged.connect(lambda _text: self.form.clear_errors())
        self.action.clicked.connect(self._begin)
        self.copy.clicked.connect(self._copy)
        self.busy.cancelled.connect(self._cancel)
        self._show_keyring(VaultStatus("the system keyring", usable=True))
        self._tasks.spawn("ask the keyring", services.settings.keyring(), self, then=self._show_keyring)
        self._show_fields()
        (self.name if self._is_new else self.account).setFocus()

    def _fill(self, accounts: Sequence[str], chosen: str) -> None:
        self.account.addItem(OWN, "")
        for name in accounts:
            self.account.addItem(f"Account {formats.one_line(name, 60)}", name)
        self.account.addItem(NEW, None)
        self.account.setCurrentIndex(self.account.findData(chosen) if chosen else self._first())

    def _first(self) -> int:
        """The own key where there is none yet; else a new account, so that no login replaces a key by a slip."""
        status = next((one for one in self._services.status.current.providers if one.name == self._provider), None)
        own = next((one for one in status.accounts if not one.name), None) if status is not None else None
        return 0 if own is None or own.state is not CredentialState.READY else self.account.count() - 1

    def _lay_out(self) -> None:
        self.form.add("for", "&For", self.account)
        self.form.add("account", "&Name", self.name)
        self.body.setSpacing(MARGIN)
        self.body.addWidget(self.words)
        self.body.addWidget(self.form)
        self.buttons.insertWidget(0, self.copy)

    def _show_keyring(self, vault: VaultStatus) -> None:
        self._keep = "keyring" if vault.usable else "session"
        where = "into the system keyring" if vault.usable else "into memory, until Patchbay ends: there is no keyring"
        self.words.setText(WORDS.format(whom=self._whom, where=where))

    def _show_fields(self) -> None:
        self.form.clear_errors()
        self.form.rows["account"].set_visible(visible=self._is_new)

    @property
    def _is_new(self) -> bool:
        return self.account.currentIndex() == self.account.count() - 1

    @property
    def chosen(self) -> str:
        """The account to log in for; empty is the provider's own key."""
        return self.name.text().strip() if self._is_new else str(self.account.currentData())

    def _begin(self) -> None:
        self.fail("")
        self.form.clear_errors()
        if self._is_new and not self.chosen:
            self.form.fail("account", "An account needs a name, such as work.")
            return
        self._set_running(running=True)
        work = attempt(self._services.accounts.login, self._provider, self.chosen, opened=self._opened, keep=self._keep)
        self._tasks.spawn(LOGIN, work, self, then=self._ended, failed=self._failed)

    def _opened(self, address: str) -> None:
        self._address = address
        self.copy.show()
        if not QDesktopServices.openUrl(QUrl(address)):
            self.busy.start("No browser could be opened: copy the address into one on this machine.")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)

    def _ended(self, problem: Problem | None) -> None:
        self._set_running(running=False)
        if problem is None:
            self._done(self.chosen)
            self.accept()
        elif not self.form.fail(problem.field, problem.text):
            self.fail(problem.text)

    def _failed(self, text: str) -> None:
        self._set_running(running=False)
        self.fail(text)

    def _cancel(self) -> None:
        self._tasks.cancel(self, LOGIN)
        self._set_running(running=False)

    def _set_running(self, *, running: bool) -> None:
        if running:
            self.busy.start(WAITING)
        else:
            self.busy.stop()
            self.copy.hide()
        for widget in (self.action, self.form):
            widget.setEnabled(not running)

    def reject(self) -> None:
        """Escape gives a login up first."""
        if self.busy.isVisible():
            self._cancel()
        else:
            super().reject()


def open_login(
    parent: QWidget,
    services: Services,
    tasks: Tasks,
    provider: str,
    accounts: Sequence[str],
    *,
    chosen: str = "",
    done: Callable[[str], None] = lambda _name: None,
) -> LoginDialog:
    """Open the dialog; `done` is told for which account the login was, empty for the provider's own key."""
    dialog = LoginDialog(parent, services, tasks, provider, accounts, chosen=chosen, done=done)
    dialog.open()
    return dialog
