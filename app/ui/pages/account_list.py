"""The accounts of a provider, below it in its panel: how each does, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QVBoxLayout, QWidget

from app.domain.provider import Account
from app.domain.status import ProviderStatus
from app.ui import formats
from app.ui.dialogs.account_editor import open_account
from app.ui.dialogs.attempts import Problem, Trial, attempt
from app.ui.dialogs.login import open_login
from app.ui.dialogs.message import ask
from app.ui.icons import symbol
from app.ui.models.accounts import ELASTIC, WIDTHS, AccountModel
from app.ui.style import GRID, ROW_HEIGHT, Label
from app.ui.tasks import Tasks
from app.ui.widgets.cell import CellDelegate
from app.ui.widgets.flow import Flow
from app.ui.widgets.table import FlatHeader, Table

if TYPE_CHECKING:
    from app.control.services import Services

TRY, REMOVE = "try the account", "remove the account"
MOST_ROWS = 8
ONE_KEY = "Further accounts of this provider share its requests, and step in where a key is limited or refused."


class AccountTable(Table):
    """As high as its rows; Return, F2 and a double click edit, Delete removes."""

    remove_wanted = Signal()

    def __init__(self, model: AccountModel) -> None:
        super().__init__("Accounts", WIDTHS)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = CellDelegate(self)
        rows.elide = Qt.TextElideMode.ElideRight
        self.setItemDelegate(rows)
        header = self.horizontalHeader()
        if isinstance(header, FlatHeader):
            header.first_left = GRID
        self.setModel(model)
        self.set_up(ELASTIC)
        header.setSectionsMovable(False)

    def fit(self) -> None:
        """Take the height of the rows, up to a number that a panel has room for."""
        self.setFixedHeight(ROW_HEIGHT * (1 + min(MOST_ROWS, self.model().rowCount())) + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What can be done with the selected account."""
        if not self.currentIndex().isValid():
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_F2:
            self.opened.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)


class AccountList(QWidget):
    """`own_key_wanted`: the provider's own key is to be changed, which is its dialog's affair."""

    own_key_wanted = Signal()

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__()
        self._services, self._tasks = services, tasks
        self._provider = ""
        self._wanted = ""
        self.model = AccountModel()
        self.model.setParent(self)
        self.table = AccountTable(self.model)
        self.hint = Label(ONE_KEY, role="muted", wrap=True)
        self.told = Label(wrap=True)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.told.hide()
        self.add = self._button("Add an acc&ount…", "plus")
        self.login = self._button("Log in &with the browser…", "login")
        self.edit = self._button("Cha&nge…", "pencil-outline")
        self.probe = self._button("Tr&y it", "lan-connect")
        self.remove = self._button("&Remove…", "trash-can-outline")
        self.remove.setAccessibleName("Remove the account")
        self._lay_out()
        self.add.clicked.connect(self._add)
        self.login.clicked.connect(self._log_in)
        self.edit.clicked.connect(self._edit)
        self.probe.clicked.connect(self._try)
        self.remove.clicked.connect(self._remove)
        self.table.opened.connect(self._edit)
        self.table.remove_wanted.connect(self._remove)
        self.table.current_changed.connect(self._show_buttons)

    @staticmethod
    def _button(text: str, icon: str) -> QPushButton:
        made = QPushButton(text)
        made.setIcon(symbol(icon))
        made.setAutoDefault(False)
        return made

    def _lay_out(self) -> None:
        buttons = Flow(self.add, self.login, self.edit, self.probe, self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(Label("Accounts", strong=True))
        for widget in (self.hint, self.table):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.told)

    # what is shown

    def show_status(self, status: ProviderStatus, *, built_in: bool) -> None:
        """Show the accounts of this provider; a built-in one has none and takes none."""
        if status.name != self._provider:
            self._tasks.cancel(self)
            self._provider = status.name
            self._say("")
        self.setVisible(not built_in)
        chosen = self._wanted or self._selected()
        self.model.set_accounts(status.accounts)
        several = len(status.accounts) > 1
        self.table.setVisible(several)
        self.hint.setVisible(not several)
        self.table.fit()
        place = self.model.place(chosen) if chosen else -1
        if place > 0:
            self.table.setCurrentIndex(self.model.index(place, 0))
            self._wanted = ""
        offered = self._services.accounts.login_with(status.name)
        self.login.setVisible(bool(offered))
        self.login.setText(f"Log in &with {formats.one_line(offered, 40)}…".replace("&&", "&"))
        self._show_buttons()

    def _selected(self) -> str:
        """The account that is selected; empty for none, and for the own key."""
        account = self.model.account(self.table.currentIndex().row())
        return account.name if account is not None else ""

    def _show_buttons(self) -> None:
        several = self.table.isVisibleTo(self)
        valid = self.table.currentIndex().isValid()
        for button in (self.edit, self.probe, self.remove):
            button.setVisible(several)
            button.setEnabled(valid)
        self.remove.setEnabled(bool(self._selected()))

    def _say(self, text: str, *, role: str = "text") -> None:
        self.told.set_role(role)
        self.told.setText(text)
        self.told.setVisible(bool(text))

    # what is done

    def _account(self, name: str) -> Account | None:
        entry = next((one for one in self._services.providers.entries() if one.name == self._provider), None)
        return next((one for one in entry.accounts if one.name == name), None) if entry is not None else None

    def _saved(self, name: str) -> None:
        self._wanted = name

    def _add(self) -> None:
        open_account(self, self._services, self._tasks, self._provider, None, saved=self._saved)

    def _log_in(self) -> None:
        names = [one.name for row in range(self.model.rowCount()) if (one := self.model.account(row)) and one.name]
        open_login(self, self._services, self._tasks, self._provider, names, chosen=self._selected(), done=self._saved)

    def _edit(self) -> None:
        account = self._account(self._selected())
        if account is not None:
            open_account(self, self._services, self._tasks, self._provider, account, saved=self._saved)
        elif self.table.currentIndex().isValid():
            self.own_key_wanted.emit()

    def _try(self) -> None:
        name = self._selected()
        self._say("Asking the provider for its models…", role="muted")
        self.probe.setEnabled(False)
        work = self._services.accounts.test(self._provider, name, None)
        self._tasks.spawn(TRY, work, self, then=lambda trial: self._tried(name, trial), failed=self._failed)

    def _tried(self, name: str, trial: Trial) -> None:
        whose = f"Account {formats.one_line(name, 60)}" if name else "Own key"
        self._say(f"{whose}: {trial.message}", role="ok" if trial.ok else "error")
        self._show_buttons()

    def _remove(self) -> None:
        name = self._selected()
        if not name:
            return
        shown = formats.one_line(name, 60)

        def remove() -> None:
            work = attempt(self._services.accounts.remove, self._provider, name)
            self._tasks.spawn(REMOVE, work, self, then=self._removed, failed=self._failed)

        text = (
            "It is taken out of patchbay.toml and its key out of the system keyring; what it answered stays recorded."
        )
        ask(self, f"Remove the account {shown}?", text, action="&Remove", then=remove, dangerous=True)

    def _removed(self, problem: Problem | None) -> None:
        if problem is not None:
            self._say(problem.text, role="error")

    def _failed(self, text: str) -> None:
        self._say(f"That did not work: {text}.", role="error")
        self._show_buttons()
