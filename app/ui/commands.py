"""What tray, menus and notices can do: each command once, so that every way to it does the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.domain.provider import Tier
from app.domain.settings import Theme
from app.domain.status import NoticeAction, ProxyState
from app.ui import theme
from app.ui.formats import one_line
from app.ui.models.pins import pin_url
from app.ui.tasks import Tasks
from app.ui.tray_model import AUTO, CLIENTS

if TYPE_CHECKING:
    from pathlib import Path

    from app.control.services import Services

SHELL = "powershell" if sys.platform == "win32" else "posix"


class Commands(QObject):
    """Asks control for what is wanted; what concerns the window is a signal."""

    go_to = Signal(str, str)
    """(page name, argument): open the window on that page."""
    show_window = Signal()
    export = Signal()
    quit = Signal()
    said = Signal(str)
    """A short word that something was done, for the state line."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._services, self._tasks = services, tasks

    def use_provider(self, name: str) -> None:
        """Prefer this provider for what comes from now on; empty is Auto."""
        self._tasks.spawn(f"switch to {name or AUTO}", self._services.routes.use(name), self)

    def use_only(self, on: bool) -> None:  # noqa: FBT001 (what a check box says)
        """Let nothing but the preferred provider serve, or let others step in again."""
        self._tasks.spawn("change who may step in", self._services.routes.only(on), self)

    def copy_pin(self, name: str) -> None:
        """Put the base URL that leads to a pin on the clipboard."""
        QGuiApplication.clipboard().setText(pin_url(self._services.status.current, name))
        self.said.emit(f"Base URL of {one_line(name, 60)} copied")

    def key_names(self) -> dict[str, str]:
        """What client keys are called, by id."""
        return {key.id: key.name for key in self._services.keys.all()}

    def choose_model(self, tier: Tier, model: str) -> None:
        """Serve a tier with this model; empty is "as asked"."""
        self._tasks.spawn(f"choose {model or 'as asked'}", self._services.routes.choose(tier, model), self)

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        if self._services.status.current.proxy is ProxyState.PAUSED:
            self._services.proxy.resume()
        else:
            self._services.proxy.pause()

    def copy_settings(self, client: str) -> None:
        """Put the lines that point a client here on the clipboard."""
        label = dict(CLIENTS)[client]

        def copy(text: str) -> None:
            copy_secret(text)
            self.said.emit(f"Settings for {label} copied; paste them into a terminal")

        self._tasks.spawn(f"copy the settings for {label}", self._services.keys.snippet(client, SHELL), self, then=copy)

    @property
    def theme(self) -> Theme:
        """The theme that was chosen."""
        return self._services.settings.current.theme

    def use_theme(self, wanted: Theme) -> None:
        """Take other colors, and keep them."""
        theme.use(wanted)
        self._tasks.spawn("remember the theme", self._services.settings.change(theme=wanted), self)

    def send_sample(self) -> None:
        """Let the demo answer one small request."""
        self._tasks.spawn("send a sample request", self._services.proxy.send_sample(), self)

    def open_config(self) -> None:
        """Open patchbay.toml in the user's editor."""
        self._open(self._services.settings.config_path)

    def open_logs(self) -> None:
        """Open the folder the logs are in."""
        self._open(self._services.settings.data_dir / "logs")

    def _open(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._tasks.failed.emit(f"Nothing on this desktop opens {path}")

    def answer(self, action: NoticeAction) -> None:
        """Do what a notice offers."""
        proxy, providers = self._services.proxy, self._services.providers
        match action:
            case NoticeAction.ADD_PROVIDER:
                self.go_to.emit("providers", "add")
            case NoticeAction.OPEN_PROVIDERS:
                self.go_to.emit("providers", "")
            case NoticeAction.OPEN_SETTINGS:
                self.go_to.emit("settings", "")
            case NoticeAction.OPEN_BUDGETS:
                self.go_to.emit("budgets", "")
            case NoticeAction.USE_NEXT_PORT:
                self._tasks.spawn("move to the next port", proxy.use_next_port(), self, then=self._moved)
            case NoticeAction.RETRY_PORT:
                self._tasks.spawn("listen again", proxy.retry_port(), self)
            case NoticeAction.UNLOCK_KEYRING:
                self._tasks.spawn("unlock the keyring", providers.unlock_keyring(), self)
            case NoticeAction.OPEN_CONFIG:
                self.open_config()
            case NoticeAction.NONE:
                pass

    def _moved(self, port: int) -> None:
        self.said.emit(f"Now on port {port}; copy the settings for your clients anew")


def copy_secret(text: str) -> None:
    """To the clipboard, with the hint that keeps a secret out of clipboard histories (KDE's; others read it too)."""
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(text)
    # Not a QMimeData of our own: the clipboard outlives Python, and would destroy it when there is no Python any more.
    data = clipboard.mimeData()
    if data is not None:
        data.setData("x-kde-passwordManagerHint", b"secret")
