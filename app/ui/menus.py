"""The window's menu bar; its lists are the tray's, from the same model."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from app.domain.settings import Theme
from app.domain.status import AppStatus
from app.ui.charts.dock import span_menu
from app.ui.item_list import ItemList, SwitchItem, add_item, set_text
from app.ui.radio_list import RadioList
from app.ui.tray_model import CLIENTS, MODELS, ONLY, PINS, PINS_MORE, PROVIDERS, TIER_NAMES, menu_model

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

THEMES = {Theme.SYSTEM: "As the system", Theme.LIGHT: "Light", Theme.DARK: "Dark"}


class Menus(QObject):
    """Builds the menu bar of a window and keeps it up to date."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._commands = window, window.commands
        self._file(window.menuBar().addMenu("&File"))
        self._view(window.menuBar().addMenu("&View"))
        self._proxy(window.menuBar().addMenu("&Proxy"))
        self._help(window.menuBar().addMenu("&Help"))

    def _item(
        self,
        menu: QMenu,
        text: str,
        run: Callable[[], object],
        *keys: str | QKeySequence.StandardKey,
        role: QAction.MenuRole = QAction.MenuRole.NoRole,
    ) -> QAction:
        action = add_item(menu, text, run)
        action.setMenuRole(role)
        action.setShortcuts([QKeySequence(key) for key in keys])
        return action

    def _file(self, menu: QMenu) -> None:
        roles = QAction.MenuRole
        self._item(menu, "&Export…", self._commands.export.emit, "Ctrl+E")
        self._item(menu, "&Import…", self._window.open_import, "Ctrl+I")
        menu.addSeparator()
        to_settings = functools.partial(self._commands.go_to.emit, "settings", "")
        self._item(menu, "&Settings", to_settings, "Ctrl+,", role=roles.PreferencesRole)
        menu.addSeparator()
        self._item(menu, "&Close window", self._window.close, QKeySequence.StandardKey.Close)
        self._item(menu, "&Quit", self._commands.quit.emit, "Ctrl+Q", role=roles.QuitRole)

    def _view(self, menu: QMenu) -> None:
        window = self._window
        for place, page in enumerate(window.rail_pages):
            go = functools.partial(window.go, page.name)
            self._item(menu, page.title, go, *((f"Ctrl+{place + 1}",) if place < 9 else ()))
        menu.addSeparator()
        self._item(menu, "&Find", window.search, QKeySequence.StandardKey.Find)
        self._item(menu, "&Refresh", window.refresh, "F5")
        menu.addSeparator()
        for dock in window.charts.docks:
            menu.addAction(dock.toggleViewAction())
        menu.addMenu(span_menu(window.charts.span, menu))
        self._item(menu, "Charts as at first", window.reset_docks)
        menu.addSeparator()
        self._themes = self._theme_menu(menu.addMenu("&Theme"))

    def _theme_menu(self, menu: QMenu) -> dict[Theme, QAction]:
        group, made = QActionGroup(menu), {}
        for theme, name in THEMES.items():
            action = self._item(menu, name, functools.partial(self._commands.use_theme, theme))
            action.setCheckable(True)
            group.addAction(action)
            made[theme] = action
        menu.aboutToShow.connect(lambda: self._themes[self._commands.theme].setChecked(True))
        return made

    def _proxy(self, menu: QMenu) -> None:
        commands = self._commands
        to_providers = functools.partial(commands.go_to.emit, "providers", "")
        self._pause = self._item(menu, "Pause", commands.toggle_pause, "Ctrl+P")
        self._item(menu, "&Add a provider…", functools.partial(commands.go_to.emit, "providers", "add"))
        self._providers = RadioList(menu.addMenu("&Provider"), PROVIDERS + 1, commands.use_provider, to_providers)
        self._only = SwitchItem(self._providers.menu, ONLY, commands.use_only)
        models = menu.addMenu("&Model")
        self._tiers = {
            tier: RadioList(models.addMenu(name), MODELS, functools.partial(commands.choose_model, tier), to_providers)
            for tier, name in TIER_NAMES.items()
        }
        self._models = models
        to_routes = functools.partial(commands.go_to.emit, "routes", "pins")
        self._pins = ItemList(menu.addMenu("P&ins"), PINS, commands.copy_pin, to_routes, words=PINS_MORE)
        menu.addSeparator()
        copy = menu.addMenu("&Copy settings for")
        for client, label in CLIENTS:
            self._item(copy, label, functools.partial(commands.copy_settings, client))

    def _help(self, menu: QMenu) -> None:
        to_help = functools.partial(self._commands.go_to.emit, "help")
        self._item(menu, "&Getting started", functools.partial(to_help, "start"), QKeySequence.StandardKey.HelpContents)
        self._item(menu, "&Security and privacy", functools.partial(to_help, "security"))
        menu.addSeparator()
        self._item(menu, "Open &log folder", self._commands.open_logs)
        self._item(menu, "Open &configuration file", self._commands.open_config)
        menu.addSeparator()
        self._item(menu, "&About Patchbay", self._window.open_about, role=QAction.MenuRole.AboutRole)

    def show_status(self, status: AppStatus) -> None:
        """Bring pause, providers and models up to date."""
        model = menu_model(status, time.time_ns() // 1_000)
        set_text(self._pause, model.pause)
        self._pause.setEnabled(model.can_pause)
        self._providers.menu.setEnabled(bool(model.providers))
        self._providers.show(model.providers, more=model.more_providers)
        self._only.show(on=model.only, possible=model.can_only)
        self._pins.show(model.pins, more=True)
        self._models.setEnabled(bool(model.tiers))
        for tier in model.tiers:
            found = self._tiers[tier.tier]
            set_text(found.menu.menuAction(), tier.title)
            found.menu.setEnabled(bool(tier.entries))
            found.show(tier.entries, more=tier.more)


def keep_out_of_context_menu(window: MainWindow) -> None:
    """A right click on bars would offer to hide the rail; docks are in the View menu."""
    window.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
