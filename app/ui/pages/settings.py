"""What a person may set; every change holds at once and is written to patchbay.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.settings import AuthMode, Settings, Theme
from app.domain.status import AppStatus, VaultStatus
from app.ui import theme
from app.ui.dialogs.about import open_about
from app.ui.dialogs.attempts import Problem, attempt
from app.ui.pages import Page
from app.ui.pages.client_lines import ClientLines
from app.ui.pages.history_settings import HistorySettings, line
from app.ui.pages.lan_settings import LanSettings
from app.ui.style import GRID, Hairline, Label, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmCombo, CalmSpin
from app.ui.widgets.form import Form
from app.ui.widgets.scroll import Scroll

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 92 * GRID
CAPTIONS = 14 * GRID
PORTS = (1024, 65_535)
THEMES = ((Theme.SYSTEM, "As the system"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark"))
CHANGE = "change the settings"
OPEN_WARNING = (
    "Any program and any user of this machine can spend your providers' money without a key. "
    "Web pages are still refused."
)


class SettingsPage(Page):
    """Sections below each other; what is wrong is said beside the field."""

    name, title, icon = "settings", "Settings", "cog-outline"

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks)
        self.area = Scroll(width=WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self._port = 0
        self._filling = False

    def parts(self) -> Iterator[None]:
        """Section by section."""
        self.lines = ClientLines(self._services, self._tasks)
        self.lines.copied.connect(self.said)
        self._add("Clients", self._access(), self.lines)
        yield
        self.lan = LanSettings(self._services, self._tasks, captions=CAPTIONS, said=self.said.emit)
        self._add("Other machines", self.lan)
        yield
        self._add("History", self._history())
        yield
        self._add("Window", self._window())
        self._add("Files and keys", self._files())
        self._add("Patchbay", self._about(), last=True)
        yield
        self._fill(self._services.settings.current)
        stop = self._services.status.subscribe(self._status_changed)
        self.destroyed.connect(lambda *_: stop())

    def _add(self, title: str, *parts: QWidget, last: bool = False) -> None:
        self.area.column.addWidget(Label(title, strong=True, scale=1.2))
        for part in parts:
            self.area.column.addWidget(part)
        if not last:
            self.area.column.addWidget(Hairline())

    # the sections

    def _access(self) -> Form:
        self.access = Form(captions=CAPTIONS)
        self.port = CalmSpin()
        self.port.setRange(*PORTS)
        self.port.setFixedWidth(14 * GRID)
        self.port_apply = QPushButton("Move to this port")
        self.port_apply.setEnabled(False)
        self.port.valueChanged.connect(lambda port: self.port_apply.setEnabled(port != self._port))
        self.port.lineEdit().returnPressed.connect(self._move)
        self.port_apply.clicked.connect(self._move)
        self.address = Label(role="muted")
        row = self.access.add("port", "Po&rt", line(self.port, self.port_apply, self.address), focus=self.port)
        row.set_hint("Clients hold this port in their settings; copy the lines below anew after a change.")
        self.with_key = QRadioButton("Only clients that show the client &key")
        self.open = QRadioButton("An&yone on this machine")
        self.open_warning = Label(OPEN_WARNING, role="error", wrap=True)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for widget in (self.with_key, self.open, self.open_warning):
            column.addWidget(widget)
        self.access.add("auth", "Who may use it", box, focus=self.with_key)
        self.with_key.setAccessibleName("Only clients that show the client key")
        self.with_key.clicked.connect(lambda: self._change(auth=AuthMode.KEY))
        self.open.clicked.connect(lambda: self._change(auth=AuthMode.OPEN))
        return self.access

    def _history(self) -> HistorySettings:
        self.history = HistorySettings(self._services, self._tasks, captions=CAPTIONS)
        self.history.wanted.connect(lambda values: self._change(**values))
        self.history.said.connect(self.said)
        return self.history

    def _window(self) -> Form:
        self.window_form = Form(captions=CAPTIONS)
        self.theme = CalmCombo()
        for value, label in THEMES:
            self.theme.addItem(label, value)
        self.theme.activated.connect(self._use_theme)
        self.at_start = QCheckBox("&Open this window when Patchbay starts")
        self.at_start.clicked.connect(lambda on: self._change(open_window_at_start=on))
        self.notify = QCheckBox("&Say that Patchbay goes on when this window is closed")
        self.notify.clicked.connect(lambda on: self._change(notify_on_close=on))
        self.window_form.add("theme", "Co&lors", line(self.theme), focus=self.theme)
        self.window_form.add("open_window_at_start", "", self.at_start)
        self.window_form.add("notify_on_close", "", self.notify)
        return self.window_form

    def _files(self) -> Form:
        form = Form(captions=CAPTIONS)
        settings = self._services.settings
        self.keyring = Label("…", wrap=True)
        form.add("keyring", "Keyring", self.keyring)
        form.add("config", "Configuration", self._path(settings.config_path, "Op&en the file"))
        form.add("data", "Data", self._path(settings.data_dir, "Open the fol&der"))
        return form

    def _path(self, path: Path, verb: str) -> QWidget:
        shown = Label(str(path), wrap=True)
        shown.setFont(monospace())
        shown.setTextInteractionFlags(shown.textInteractionFlags() | shown.textInteractionFlags().TextSelectableByMouse)
        button = QPushButton(verb)
        button.clicked.connect(lambda: self._open(path))
        return line(shown, button, stretch=shown)

    def _about(self) -> QWidget:
        version = Label(f"Version {self._services.status.current.version or 'unknown'}")
        about = QPushButton("A&bout Patchbay…")
        about.clicked.connect(lambda: open_about(self, self._services, self._tasks))
        return line(version, about)

    # what is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Things may have changed in the file meanwhile."""
        super().showEvent(event)
        self._fill(self._services.settings.current)
        self.lines.show_lines()
        self._tasks.spawn(
            "ask the keyring", self._services.settings.keyring(), self, then=self._show_keyring, latest=True
        )

    def arrive(self, argument: str) -> None:
        """The argument "client" leads to the lines for a client."""
        if argument == "client":
            self.area.ensureWidgetVisible(self.lines)
            self.lines.client.setFocus()

    def _status_changed(self, status: AppStatus) -> None:
        if self.isVisible():
            self._fill(self._services.settings.current)
        self.address.setText(status.base_url)

    def _fill(self, now: Settings) -> None:
        """Show what holds; a field that is being edited is left alone."""
        self.address.setText(self._services.status.current.base_url)
        self.history.fill(now)
        self.lan.fill(self._services.status.current, now.lan, now.auth)
        port = now.port or self._services.status.current.port  # 0 is any: the one that was found
        if port != self._port:
            self._port = port
            self.port.setValue(port)
        self.port_apply.setEnabled(self.port.value() != self._port)
        self.with_key.setChecked(now.auth is AuthMode.KEY)
        self.open.setChecked(now.auth is AuthMode.OPEN)
        self.open_warning.setVisible(now.auth is AuthMode.OPEN)
        self.theme.setCurrentIndex(self.theme.findData(now.theme))
        self.at_start.setChecked(now.open_window_at_start)
        self.notify.setChecked(now.notify_on_close)

    def _show_keyring(self, vault: VaultStatus) -> None:
        self.keyring.setText(vault.backend if vault.usable else f"{vault.backend}: {vault.problem}")
        self.keyring.set_role("text" if vault.usable else "warning")

    # what is changed

    def _move(self) -> None:
        if self.port.value() != self._port:
            self._change(port=self.port.value())

    def _use_theme(self, place: int) -> None:
        wanted = Theme(self.theme.itemData(place))
        theme.use(wanted)
        self._change(theme=wanted)

    def _change(self, **values: Any) -> None:
        now = self._services.settings.current
        changed = {key: value for key, value in values.items() if getattr(now, key) != value}
        if not changed:
            return
        for form in (self.access, self.history, self.window_form):
            form.clear_errors()
        work = attempt(self._services.settings.change, **changed)
        self._tasks.spawn(CHANGE, work, self, then=self._changed)

    def _changed(self, problem: Problem | None) -> None:
        self._fill(self._services.settings.current)
        if problem is None:
            self.lines.show_lines()
            return
        forms = (self.access, self.history, self.window_form)
        if not any(form.fail(problem.field, problem.text) for form in forms):
            self._tasks.failed.emit(problem.text)

    def _open(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._tasks.failed.emit(f"Nothing on this desktop opens {path}")
