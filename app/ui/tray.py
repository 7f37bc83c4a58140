"""The tray icon: applies a `MenuModel` to a fixed pool of actions, which are made once and only ever changed.

Hosts address items by id and a menu that is built anew has new ids, so a click from a host that still shows the old one
would be lost (com.canonical.dbusmenu). At most two updates a second, none while the menu is open; an icon is sent
anew (35 kB over D-Bus) only when its state changes.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.domain.status import AppStatus
from app.ui import formats, icons
from app.ui.commands import Commands
from app.ui.item_list import ItemList, SwitchItem, add_item, set_text
from app.ui.radio_list import RadioList
from app.ui.standing import Mark
from app.ui.tray_model import (
    CLIENTS,
    MODELS,
    ONLY,
    PINS,
    PINS_MORE,
    PROVIDERS,
    TIER_NAMES,
    MenuModel,
    TierMenu,
    menu_model,
)

UPDATE_MS = 500
OPEN_LIMIT_MS = 30_000
"""A host may tell that it opened the menu and never that it closed it; then the menu counts as closed after this."""


class TrayMenu(QObject):
    """The menu alone, which outlives the icon when a panel comes late and the icon is made anew."""

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.menu = QMenu()
        self._state = self.menu.addAction("Patchbay")
        self._state.setEnabled(False)
        self._budget = add_item(self.menu, "", functools.partial(commands.go_to.emit, "budgets", ""))
        self._recording = add_item(self.menu, "", functools.partial(commands.go_to.emit, "settings", ""))
        self.menu.addSeparator()
        to_providers = functools.partial(commands.go_to.emit, "providers", "")
        self._add = add_item(self.menu, "Add a provider…", functools.partial(commands.go_to.emit, "providers", "add"))
        self._providers = RadioList(self.menu.addMenu("Provider"), PROVIDERS + 1, commands.use_provider, to_providers)
        self._only = SwitchItem(self._providers.menu, ONLY, commands.use_only)
        self._models = self.menu.addMenu("Model")
        self._tiers = {
            tier: RadioList(
                self._models.addMenu(name), MODELS, functools.partial(commands.choose_model, tier), to_providers
            )
            for tier, name in TIER_NAMES.items()
        }
        to_routes = functools.partial(commands.go_to.emit, "routes", "pins")
        self._pins = ItemList(self.menu.addMenu("Pins"), PINS, commands.copy_pin, to_routes, words=PINS_MORE)
        self._pause = add_item(self.menu, "Pause", commands.toggle_pause)
        copy = self.menu.addMenu("Copy settings for")
        for client, label in CLIENTS:
            add_item(copy, label, functools.partial(commands.copy_settings, client))
        self.menu.addSeparator()
        add_item(self.menu, "Open window", commands.show_window.emit)
        add_item(self.menu, "Export CSV…", commands.export.emit)
        add_item(self.menu, "Settings", functools.partial(commands.go_to.emit, "settings", ""))
        self.menu.addSeparator()
        add_item(self.menu, "Quit", commands.quit.emit)

    def apply(self, model: MenuModel) -> None:
        """Show a model, changing only what differs."""
        set_text(self._state, model.state)
        for item, text in ((self._budget, model.budget), (self._recording, model.recording)):
            item.setVisible(bool(text))
            set_text(item, text)
        self._add.setVisible(not model.providers)
        self._providers.menu.menuAction().setVisible(bool(model.providers))
        set_text(self._providers.menu.menuAction(), model.provider)
        self._providers.show(model.providers, more=model.more_providers)
        self._only.show(on=model.only, possible=model.can_only)
        self._pins.menu.menuAction().setVisible(bool(model.pins))
        self._pins.show(model.pins, more=True)
        self._models.menuAction().setVisible(bool(model.tiers))
        set_text(self._models.menuAction(), model.models)
        shown = {tier.tier: tier for tier in model.tiers}
        for tier, found in self._tiers.items():
            self._show_tier(found, shown.get(tier))
        set_text(self._pause, model.pause)
        self._pause.setEnabled(model.can_pause)

    @staticmethod
    def _show_tier(found: RadioList, tier: TierMenu | None) -> None:
        found.menu.menuAction().setVisible(tier is not None)
        if tier is not None:
            set_text(found.menu.menuAction(), tier.title)
            found.menu.menuAction().setEnabled(bool(tier.entries))
            found.show(tier.entries, more=tier.more)


class Tray(QObject):
    """The icon, its tooltip and its menu."""

    def __init__(self, commands: Commands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self._menu = TrayMenu(commands)
        self.menu = self._menu.menu
        self._icon: QSystemTrayIcon | None = None
        self._shown: MenuModel | None = None
        self._next: MenuModel | None = None
        self._open = False
        self.applied = 0
        """How often the menu was changed, for tests."""
        self._pace = self._timer(UPDATE_MS, self._flush)
        self._forget_open = self._timer(OPEN_LIMIT_MS, self._closed)
        self._menu.menu.aboutToShow.connect(self._opened)
        self._menu.menu.aboutToHide.connect(self._closed)
        self._menu.menu.triggered.connect(self._closed)  # a click closes it, whether or not the host says so

    def _timer(self, ms: int, run: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=ms)
        timer.timeout.connect(run)
        return timer

    def place(self) -> None:
        """Make the icon, or make it anew: one made before the panel came is never seen by it (StatusNotifierItem)."""
        self.remove()
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu.menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self._message_clicked)
        if self._shown is not None:
            self._dress(self._icon, None, self._shown)
        else:
            self._icon.setIcon(_icon_of(Mark.PLAIN))
        self._icon.show()

    def remove(self) -> None:
        """Take the icon off the panel; without this it stays as a ghost on some."""
        if self._icon is not None:
            self._icon.hide()
            self._icon.setContextMenu(None)  # type: ignore[arg-type]
            self._icon.deleteLater()
            self._icon = None

    @property
    def placed(self) -> bool:
        """Whether there is an icon (a panel may be missing all the same)."""
        return self._icon is not None

    def show_status(self, status: AppStatus) -> None:
        """Show this status soon."""
        self._next = menu_model(status, time.time_ns() // 1_000, self._commands.key_names() if status.budgets else {})
        if not self._pace.isActive() and not self._open:
            self._flush()
            self._pace.start()

    def notify(self, title: str, text: str) -> None:
        """A passing message beside the icon, as plain text wherever the desktop would take markup."""
        if self._icon is not None:
            self._icon.showMessage(
                formats.without_markup(title), formats.without_markup(text), _icon_of(Mark.PLAIN), 10_000
            )

    def _flush(self) -> None:
        if self._open or self._next is None or self._next == self._shown:
            return
        if self._icon is not None:
            self._dress(self._icon, self._shown, self._next)
        self._menu.apply(self._next)
        self._shown, self._next = self._next, None
        self.applied += 1
        self._pace.start()

    @staticmethod
    def _dress(icon: QSystemTrayIcon, before: MenuModel | None, model: MenuModel) -> None:
        if before is None or before.icon is not model.icon:
            icon.setIcon(_icon_of(model.icon))
        if before is None or before.tooltip != model.tooltip:
            icon.setToolTip(formats.without_markup(model.tooltip))

    def _opened(self) -> None:
        self._open = True
        self._forget_open.start()

    def _closed(self) -> None:
        self._open = False
        self._forget_open.stop()
        # After this event: Qt still has to deliver the click that closed the menu.
        QTimer.singleShot(0, self._flush)

    def _message_clicked(self) -> None:
        """On X11 Qt also says so of any click on the icon while a message is shown; the right one is for the menu."""
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.RightButton:
            self._commands.show_window.emit()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self._commands.show_window.emit()


def _icon_of(which: Mark) -> QIcon:
    return icons.menu_bar_mark(which) if sys.platform == "darwin" else icons.mark(which)
