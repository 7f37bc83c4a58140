"""The client keys: who may use Patchbay and for what; create, narrow, rotate, revoke."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.control.keys import ENVIRONMENT
from app.domain.client_key import ClientKey
from app.domain.provider import Secret
from app.domain.status import AppStatus
from app.ui import formats
from app.ui.commands import SHELL, copy_secret
from app.ui.dialogs.key_editor import open_key
from app.ui.dialogs.key_rotation import open_rotation
from app.ui.dialogs.key_text import open_key_text
from app.ui.dialogs.message import ask
from app.ui.icons import symbol
from app.ui.models.client_keys import KeyModel
from app.ui.pages import Page
from app.ui.pages.key_summary import KeySummary
from app.ui.style import GRID, MARGIN, Hairline, tab_along
from app.ui.tasks import Tasks
from app.ui.tray_model import CLIENTS
from app.ui.widgets.button_menu import popup
from app.ui.widgets.empty import Empty
from app.ui.widgets.key_table import KeyTable

if TYPE_CHECKING:
    from app.control.services import Services

TICK_MS = 5_000
"""How often the page looks, while it is shown, what changed: another process may make keys, and time goes by."""
LAYOUT_VERSION = 1
EMPTY = (
    "Every client shows a key, so that nobody else spends your providers' money. Give each tool or machine its own: "
    "it can be limited, watched and revoked by itself."
)
REVOKED = (
    "Clients that show it are refused from now on, and answers that run with it end within a second. There is no way "
    "back: a new key has a new text. The history of what it was used for stays."
)
BUDGETS_STAY = "Its budgets stay on the page Budgets until they are removed."


def _now_us() -> int:
    return time.time_ns() // 1000


class KeysPage(Page):
    """A line of actions, the table, and below it what the selected key may do, in a sentence."""

    name, title, icon = "keys", "Keys", "key-chain-variant"

    def __init__(self, services: Services, tasks: Tasks, *, now_us: Callable[[], int] = _now_us) -> None:
        super().__init__(services, tasks)
        self._now_us = now_us
        self._chosen = ""
        """The id of the selected key."""
        self._row = 0
        """Where it stands."""
        self._revoked = ""
        """The id of the key that was revoked here last; the selection goes on to its neighbor."""

    def parts(self) -> Iterator[None]:
        """The table, the line of actions, and the summary."""
        self.model = KeyModel(self._now_us)
        self.model.setParent(self)
        self.table = KeyTable(self.model)
        yield
        self.make = self._button("&Create a key…", "plus", lambda: self._open(None))
        self.edit = self._button("&Edit…", "pencil-outline", self._edit)
        self.rotate = self._button("&Rotate…", "autorenew", self._rotate)
        self.enable = self._button("&Disable", "pause-circle-outline", self._toggle)
        self.revoke = self._button("Revo&ke…", "trash-can-outline", self._revoke)
        self.copy = QPushButton("Copy &settings")
        self.copy.setIcon(symbol("content-copy"))
        self.copy.setMenu(self._clients_menu())
        self.copy.setToolTip("The lines that point a client here, with the key named “default”")
        self.summary = KeySummary(self._now_us)
        yield
        self.empty = Empty("key-chain-variant")
        self.empty.say("No key yet", EMPTY, ("&Create a key…", lambda: self._open(None)))
        self._lay_out()
        self.setFocusProxy(self.table)
        foot = (self.summary.requests, self.summary.more, self.summary.add)
        tab_along(self.make, self.edit, self.rotate, self.enable, self.revoke, self.copy, self.table, *foot)
        yield
        self._connect()
        status, keys = self._services.status, self._services.keys
        for stop in (status.subscribe(self._status_changed), keys.subscribe(self._keys_changed)):
            self.destroyed.connect(lambda *_, stop=stop: stop())
        self._look()

    def _button(self, label: str, icon: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(label)
        button.setIcon(symbol(icon))
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _clients_menu(self) -> QMenu:
        menu = QMenu(self)
        for name, label in CLIENTS:
            menu.addAction(label).triggered.connect(lambda _checked=False, name=name: self._copy_settings(name))
        return menu

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(MARGIN, MARGIN, MARGIN, GRID + GRID // 2)
        buttons.setSpacing(GRID)
        for button in (self.make, self.edit, self.rotate, self.enable, self.revoke):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(buttons)
        column.addWidget(self.table, 1)
        column.addWidget(Hairline())
        column.addWidget(self.summary)
        self._stack = QStackedWidget()
        self._stack.addWidget(filled)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _connect(self) -> None:
        self.table.opened.connect(self._edit)
        self.table.remove_wanted.connect(self._revoke)
        self.table.current_changed.connect(self._show_selected)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.model.modelReset.connect(self._select_something)
        self.summary.budget_wanted.connect(lambda: self.go_to.emit("budgets", f"key {self._chosen}"))
        self.summary.requests_wanted.connect(self._to_history)
        self.summary.budgets_wanted.connect(lambda budget: self.go_to.emit("budgets", budget))
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._look)

    # what the window asks

    def arrive(self, argument: str) -> None:
        """An id selects that key, "create" opens the dialog for a new one."""
        if argument == "create":
            self._open(None)
        elif argument:
            self._select(argument)

    def refresh(self) -> None:
        """F5: read the keys anew; another process may have changed them."""
        self._do("read the client keys", self._services.keys.reload(), "")

    def save_layout(self) -> bytes:
        """Column widths."""
        table = {"table": self.table.save().hex(), "named": self.table.named_by_hand}
        return json.dumps({"version": LAYOUT_VERSION, **table}).encode()

    def restore_layout(self, state: bytes) -> None:
        """What `save_layout` gave; anything else is left alone."""
        try:
            saved: Any = json.loads(state)
            table, known = bytes.fromhex(saved["table"]), saved["version"] == LAYOUT_VERSION
        except (ValueError, KeyError, TypeError):
            return
        if known:
            self.table.restore(table)
            self.table.named_by_hand = bool(saved.get("named"))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, and follow while somebody looks."""
        super().showEvent(event)
        self._look()
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no timer."""
        super().hideEvent(event)
        self._tick.stop()

    # what is shown

    def _status_changed(self, status: AppStatus) -> None:
        if self.isVisible():
            self._show(status)

    def _keys_changed(self, _told: None) -> None:
        if self.isVisible():
            self._show(self._services.status.current)

    def _look(self) -> None:
        self._show(self._services.status.current)
        self.model.tick()
        work = self._services.keys.used_lately()
        self._tasks.spawn("read when keys were used", work, self, then=self.model.show_used, latest=True)

    def _show(self, status: AppStatus) -> None:
        keys = self._services.keys.all()
        self.model.show(keys, status.budgets)
        self._stack.setCurrentIndex(0 if keys else 1)
        self._show_selected()

    def _select(self, key_id: str) -> None:
        place = self.model.place(key_id)
        if place >= 0:
            self._chosen = key_id
            self.table.selectRow(place)

    def _select_something(self) -> None:
        """After the table was made anew: the same key.

        Where it was revoked elsewhere, none: what is done next would hit a key that nobody chose.
        """
        place, last = self.model.place(self._chosen), self.model.rowCount() - 1
        if place < 0 and self._chosen in ("", self._revoked):
            place = min(self._row, last)
        if place >= 0:
            self.table.selectRow(place)
        else:
            self._show_selected()

    def _current(self) -> ClientKey | None:
        return self.model.key(self.table.currentIndex().row())

    def _show_selected(self) -> None:
        key = self._current()
        if key is not None:
            self._chosen, self._row = key.id, self.table.currentIndex().row()
        mine = key is not None and key.id != ENVIRONMENT
        for button in (self.edit, self.rotate, self.enable, self.revoke):
            button.setEnabled(mine)
        on = key is None or key.policy.enabled
        self.enable.setText("&Disable" if on else "E&nable")
        self.enable.setIcon(symbol("pause-circle-outline" if on else "check-circle-outline"))
        self.summary.show_key(key, self.model.budgets(key.id) if key else (), given=key is not None and not mine)

    def _show_menu(self, at: QPoint) -> None:
        popup(self.table, at, (self.edit, self.rotate, self.enable, self.revoke))

    # what is done

    def _do(self, name: str, work: Any, said: str) -> None:
        self._tasks.spawn(name, work, self, then=lambda _: self._done(said))

    def _done(self, said: str) -> None:
        self._look()
        if said:
            self.said.emit(said)

    def _open(self, key: ClientKey | None) -> None:
        dialog = open_key(self, self._services, self._tasks, key, now_us=self._now_us(), made=self._made)
        dialog.accepted.connect(self._look)

    def _made(self, secret: Secret, name: str) -> None:
        self._look()
        self._select(next((key.id for key in self._services.keys.all() if key.name == name), ""))
        open_key_text(self, self._services, self._tasks, secret, name)

    def _edit(self) -> None:
        key = self._current()
        if key is not None and self.edit.isEnabled():
            self._open(key)

    def _rotate(self) -> None:
        key = self._current()
        if key is not None:
            open_rotation(self, self._services, self._tasks, key, self._made)

    def _toggle(self) -> None:
        key = self._current()
        if key is not None:
            on = not key.policy.enabled
            work = self._services.keys.change(key.id, policy=replace(key.policy, enabled=on))
            self._do("change the client key", work, f"Key {_shown(key)} {'enabled' if on else 'disabled'}")

    def _revoke(self) -> None:
        key = self._current()
        if key is None or not self.revoke.isEnabled():
            return
        keys, said = self._services.keys, f"Key {_shown(key)} revoked"

        def revoke() -> None:
            self._revoked = key.id
            self._do("revoke the client key", keys.revoke(key.id), said)

        text = f"{REVOKED} {BUDGETS_STAY}" if self.model.budgets(key.id) else REVOKED
        ask(self, f"Revoke “{_shown(key)}”?", text, action="Revoke", then=revoke, dangerous=True)

    def _to_history(self) -> None:
        key = self._current()
        if key is not None:
            self.go_to.emit("history", f"key {key.name}")

    def _copy_settings(self, client: str) -> None:
        label = dict(CLIENTS)[client]

        def copy(text: str) -> None:
            copy_secret(text)
            self.said.emit(f"Settings for {label} copied; paste them into a terminal")

        self._tasks.spawn(f"copy the settings for {label}", self._services.keys.snippet(client, SHELL), self, then=copy)


def _shown(key: ClientKey) -> str:
    return formats.one_line(key.name, 60)
