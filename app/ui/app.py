"""The desktop face as a whole: theme, tray and window, and what closing, raising and quitting mean.

Start: theme -> tray (if the desktop has a place for it) -> window, unless it is to stay hidden. The window is made
when it is first wanted, so a hidden start costs a tray icon only; what it imports (0.4 s) is imported in a thread,
while requests pass.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from app.domain.status import AppStatus
from app.ui import icons, warm_up
from app.ui.announcer import Announcer
from app.ui.collector import Collector
from app.ui.commands import Commands
from app.ui.formats import one_line
from app.ui.in_parts import in_turns
from app.ui.layout import Layout
from app.ui.main_window import MainWindow
from app.ui.tasks import Tasks
from app.ui.theme import ThemeSwitch
from app.ui.tray import Tray
from app.ui.tray_host import TrayHost

if TYPE_CHECKING:
    from app.control.services import Services

PATIENCE_MS = 10_000
"""A panel that has not come by then is not waited for: the window shows, even in a hidden start."""


class Desktop(QObject):
    """Owns everything that is seen; `quit` is called when the user has decided to end the program."""

    def __init__(
        self,
        services: Services,
        *,
        layout_path: Path,
        hidden: bool,
        quit: Callable[[], None],  # noqa: A002 (what it does)
    ) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise TypeError("the desktop needs a QApplication")
        super().__init__(app)
        app.setQuitOnLastWindowClosed(False)
        app.setApplicationName("Patchbay")
        app.setDesktopFileName("patchbay")
        app.setWindowIcon(icons.mark())
        self._app, self._services, self._hidden, self._quit = app, services, hidden, quit
        self._themes = app.findChild(ThemeSwitch) or ThemeSwitch(app)
        self.tasks = Tasks(self)
        self.commands = Commands(services, self.tasks)
        self._layout = Layout(layout_path)
        self._collector = Collector(self)
        self._announcer = Announcer()
        self._complaints: deque[str] = deque(maxlen=3)
        """What failed before there was a window to say so."""
        self.tray = Tray(self.commands, self)
        self.tray_host = TrayHost(self)
        self.window: MainWindow | None = None
        """None until it was first wanted."""
        self._wanted: list[Callable[[MainWindow], None]] = []
        self._stopped = False
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._no_panel_came)
        self._unsubscribe: list[Callable[[], None]] = []
        self._connect()

    def _connect(self) -> None:
        self.commands.show_window.connect(self.show_window)
        self.commands.go_to.connect(self._go)
        self.commands.export.connect(self._export)
        self.commands.quit.connect(self._quit)
        self.tasks.failed.connect(self._complain)
        self.tray_host.came.connect(self.tray.place)
        self.tray_host.went.connect(self.tray.remove)
        self._app.commitDataRequest.connect(self._session_ends)

    def start(self) -> None:
        """Show the tray, and the window unless it is to stay hidden."""
        self._collector.start()
        self._unsubscribe = [
            self._services.status.subscribe(self._status_changed),
            self._services.budgets.on_warning(self._budget_warns),
        ]
        self.tray_host.start()
        self._status_changed(self._services.status.current)
        if not self._hidden:
            self.show_window()
        elif not self.tray_host.there:
            self._patience.start()

    def show_window(self, token: str = "") -> None:
        """Bring the window to the front; `token` is the XDG activation token of whoever asks (Wayland)."""
        self._patience.stop()
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self._with_window(_to_the_front)

    def _with_window(self, do: Callable[[MainWindow], None]) -> None:
        """Now if there is a window, else once there is."""
        if self._stopped:
            return
        if self.window is not None:
            do(self.window)
            return
        self._wanted.append(do)
        if not self.tasks.running(self):
            self.tasks.spawn("open the window", warm_up.window(), self, then=self._make, failed=self._make)

    def _make(self, _: object) -> None:
        made = MainWindow(self._services, self.tasks, self.commands, self._layout)
        self.tasks.spawn("open the window", in_turns(made), self, then=lambda _: self._open(made))

    def _open(self, window: MainWindow) -> None:
        if self._stopped:
            return
        self.window = window
        self.window.closing.connect(self._closing)
        for text in self._complaints:
            self.window.complain(text)
        self._complaints.clear()
        wanted, self._wanted = self._wanted, []
        for do in wanted:
            do(self.window)

    def stop(self) -> None:
        """Take everything off the screen and remember where it was; waits for nothing."""
        if self._stopped:
            return
        self._stopped = True
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._patience.stop()
        self.tray_host.stop()
        self.tray.remove()
        if self.window is not None:
            self.window.may_close = True
            self.window.close()
            self.window.deleteLater()
            self.window = None

    async def close(self) -> None:
        """`stop`, and wait until no task of ours runs any more."""
        self.stop()
        await self.tasks.close()
        self._collector.stop()

    # what is asked of us

    def _status_changed(self, status: AppStatus) -> None:
        self.tray.show_status(status)
        self._themes.use(self._services.settings.current.theme)
        if self.tray_host.there:
            for notice in self._announcer.news(status.notices, seen=self._is_seen):
                self.tray.notify("Patchbay", one_line(notice.text))

    def _budget_warns(self, text: str) -> None:
        if self.tray_host.there and not self._is_seen:
            self.tray.notify("Patchbay", one_line(text))

    @property
    def _is_seen(self) -> bool:
        return self.window is not None and self.window.isVisible()

    def _go(self, page: str, argument: str) -> None:
        self.show_window()
        self._with_window(lambda window: window.go(page, argument))

    def _export(self) -> None:
        self.show_window()
        self._with_window(MainWindow.export)

    def _complain(self, text: str) -> None:
        """The window shows it as a notice; without one in sight the tray tells it."""
        if self.window is None:
            self._complaints.append(text)
        if not self._is_seen and self._announcer.may_complain():
            self.tray.notify("Patchbay", text)

    # closing

    def _closing(self) -> None:
        if self.tray_host.there:
            self._hide()
        else:
            self._ask_to_quit()

    def _hide(self) -> None:
        if self.window is not None:
            self.window.hide()
        if self._services.settings.current.notify_on_close and not self._layout.told_about_tray:
            self._layout.told_about_tray = True
            self._layout.sync()
            self.tray.notify("Patchbay goes on running", "Requests still pass. Quit is in the menu of this icon.")

    def _ask_to_quit(self) -> None:
        """Without a tray a hidden window could not be brought back."""
        from app.ui.dialogs.message import ask

        if self.window is not None:
            ask(
                self.window,
                "Quit Patchbay?",
                "This desktop has no place for a tray icon, so closing the window ends Patchbay. "
                "Clients that point at it get no answer until it runs again.",
                action="Quit",
                then=self._quit,
            )

    def _no_panel_came(self) -> None:
        if not self.tray_host.there:
            self.show_window()

    def _session_ends(self, _manager: QSessionManager) -> None:
        self._quit()


def _to_the_front(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
