"""Add an account of a provider or change one: its name, its key and where that is kept, priority and weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.domain.provider import Account, Login, Secret
from app.domain.status import VaultStatus
from app.ui import formats
from app.ui.dialogs.attempts import Problem, Trial, attempt, with_other_places
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.style import GRID, Label
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmSpin
from app.ui.widgets.form import Form
from app.ui.widgets.keeping import ENVIRONMENT, SESSION, Keeping
from app.ui.widgets.secret_edit import SecretEdit

if TYPE_CHECKING:
    from app.control.safekeeping import Keep
    from app.control.services import Services

SAVE, TEST = "save the account", "test the account"
WIDTH = 64 * GRID
MOST = 1_000_000
LONGEST_NAME = 32
PRIORITY_HINT = "Lower ones are used first; the provider's own key has 0."
WEIGHT_HINT = "The share of requests among those of the same priority. 0 switches the account off."


class AccountEditor(WaitingDialog):
    """`before` is None for a new account."""

    def __init__(
        self,
        parent: QWidget | None,
        services: Services,
        tasks: Tasks,
        provider: str,
        before: Account | None,
        saved: Callable[[str], None],
    ) -> None:
        shown = formats.one_line(provider, 60)
        title = f"Add an account of {shown}" if before is None else f"Change the account of {shown}"
        super().__init__(parent, title, tasks, action="A&dd" if before is None else "&Save")
        self._services = services
        self._provider, self._before, self._told = provider, before, saved
        self.form = Form()
        self.form.setMinimumWidth(WIDTH)
        self.name, self.key, self.kept_in = QLineEdit(), SecretEdit(), Keeping()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText("work")
        self.priority, self.weight = self._spin(0), self._spin(1)
        self.test = QPushButton("&Test")
        self.test.setAutoDefault(False)
        self.trial = Label(wrap=True)
        self.held, self.fields = (self.test, self.form), self.form
        self._lay_out()
        self._fill(before or Account())
        self.buttons_after(self.test)
        self._connect()
        self._tasks.spawn("ask the keyring", services.settings.keyring(), self, then=self._show_keyring)
        self._changed()
        (self.name if before is None else self.key).setFocus()

    @staticmethod
    def _spin(value: int) -> CalmSpin:
        made = CalmSpin()
        made.setRange(0, MOST)
        made.setValue(value)
        made.setFixedWidth(14 * GRID)
        return made

    def _lay_out(self) -> None:
        self.form.add("account", "&Name", self.name)
        self.form.add("key", "&Key", self.key)
        self.form.add("keep", "Keep it", self.kept_in)
        self.form.add("priority", "&Priority", self.priority, hint=PRIORITY_HINT)
        self.form.add("weight", "&Weight", self.weight, hint=WEIGHT_HINT)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.test)
        line.addWidget(self.trial, 1)
        self.body.addWidget(self.form)
        self.body.addLayout(line)

    def _fill(self, account: Account) -> None:
        self.name.setText(account.name)
        self.priority.setValue(account.priority)
        self.weight.setValue(account.weight)
        self.kept_in.env_key.setText(account.env_key)
        self.kept_in.env_key.setPlaceholderText("NAME_API_KEY")
        if account.env_key:
            self.kept_in.environment.setChecked(True)
        if self._before is not None:
            self.key.setPlaceholderText("Leave empty to keep the present key")

    def _connect(self) -> None:
        self.kept_in.changed.connect(self._changed)
        self.key.textChanged.connect(self._changed)
        self.name.textChanged.connect(self._changed)
        self.test.clicked.connect(self._test)
        self.action.clicked.connect(self._save)

    def _show_keyring(self, vault: VaultStatus) -> None:
        problem = self.kept_in.show_keyring(vault)
        if problem:
            self.form.rows["keep"].set_hint(problem)

    def _changed(self) -> None:
        self.form.clear_errors()
        self.fail("")
        in_environment = self.kept_in.choice == ENVIRONMENT
        self.key.setEnabled(not in_environment)
        by_login = self._before is not None and self._before.login is Login.OAUTH
        hint = "Its key came from a login; one that is entered here takes its place." if by_login else ""
        self.form.rows["key"].set_hint("Patchbay reads the variable when it starts." if in_environment else hint)
        self.test.setEnabled(self._secret() is not None or self._before is not None)

    def _secret(self) -> Secret | None:
        return None if self.kept_in.choice == ENVIRONMENT else self.key.secret()

    @property
    def account(self) -> Account:
        """What the fields say; a key that is entered ends a login."""
        entered = self._secret() is not None or self.kept_in.choice == ENVIRONMENT
        kept = self._before or Account()
        return replace(
            kept,
            name=self.name.text().strip(),
            env_key=self.kept_in.env_key.text().strip() if self.kept_in.choice == ENVIRONMENT else "",
            priority=self.priority.value(),
            weight=self.weight.value(),
            login=Login.KEY if entered else kept.login,
        )

    # trying it

    def _test(self) -> None:
        self._say("")
        name = self._before.name if self._before is not None else self.name.text().strip()
        work = self._services.accounts.test(self._provider, name, self._secret())
        text = "Asking the provider for its models…"
        self.wait_for(TEST, work, self._tested, text=text, failed=self._test_failed)

    def _tested(self, trial: Trial) -> None:
        self._say(trial.message, role="ok" if trial.ok else "error")

    def _test_failed(self, text: str) -> None:
        self._say(f"The test did not work: {text}.", role="error")

    def _say(self, text: str, *, role: str = "text") -> None:
        self.trial.set_role(role)
        self.trial.setText(text)

    # keeping it

    def _missing(self) -> tuple[str, str]:
        """The field that lacks something, and what."""
        if not self.name.text().strip():
            return "account", "An account needs a name, such as work."
        if self.kept_in.choice == ENVIRONMENT and not self.kept_in.env_key.text().strip():
            return "keep", "Enter the name of the environment variable."
        if self._before is None and self.kept_in.choice != ENVIRONMENT and self._secret() is None:
            return "key", "Enter the key of this account, or choose an environment variable."
        return "", ""

    def _save(self) -> None:
        self._changed()
        field, missing = self._missing()
        if missing:
            self.form.fail(field, missing)
            return
        secret = self._secret()
        keep: Keep = "session" if self.kept_in.choice == SESSION else "keyring"
        accounts = self._services.accounts
        if self._before is None:
            work = attempt(accounts.add, self._provider, self.account, secret, keep=keep)
        else:
            work = attempt(accounts.edit, self._provider, self._before.name, self.account, secret, keep=keep)
        waits = secret is not None and keep == "keyring"
        self.wait_for(SAVE, work, self.saved, text="Waiting for the system keyring…" if waits else "Saving…")

    def saved(self, problem: Problem | None) -> None:
        """Tell its name, and close; or say why not."""
        if problem is None:
            self.key.forget()
            self._told(self.name.text().strip())
            self.accept()
        else:
            self.tell(with_other_places(problem))

    def failed(self, text: str) -> None:
        """An error that nobody thought of."""
        self.fail(f"The account was not saved: {text}. Nothing has changed.")

    def reject(self) -> None:
        """Escape ends what is waited for first."""
        if not self.busy.isVisible():
            self.key.forget()
        super().reject()


def open_account(
    parent: QWidget,
    services: Services,
    tasks: Tasks,
    provider: str,
    account: Account | None,
    *,
    saved: Callable[[str], None],
) -> AccountEditor:
    """Open the dialog: None for a new account; `saved` is told the name that it has in the end."""
    dialog = AccountEditor(parent, services, tasks, provider, account, saved)
    dialog.open()
    return dialog
