"""The providers: who answers, with which key and which models; add, try, change, remove."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.domain.status import AppStatus, ProviderStatus
from app.ui.dialogs.importer import open_import
from app.ui.dialogs.provider_editor import open_editor
from app.ui.icons import symbol
from app.ui.models.providers import ProviderModel
from app.ui.pages import Page
from app.ui.pages.provider_panel import ProviderPanel
from app.ui.style import GRID, MARGIN, Hairline
from app.ui.tasks import Tasks
from app.ui.widgets.empty import Empty
from app.ui.widgets.provider_list import ProviderList

if TYPE_CHECKING:
    from app.control.services import Services

LIST_WIDTH = 40 * GRID


class ProvidersPage(Page):
    """A list on the left, the selected provider on the right."""

    name, title, icon = "providers", "Providers", "server-network"

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks)
        self._providers: tuple[ProviderStatus, ...] = ()

    def parts(self) -> Iterator[None]:
        """The list, the panel, and what is shown where there is no provider."""
        self.model = ProviderModel()
        self.model.setParent(self)
        self.list = ProviderList()
        self.list.setModel(self.model)
        yield
        self.panel = ProviderPanel(self._services, self._tasks)
        yield
        self.add = QPushButton("&Add a provider…")
        self.add.setIcon(symbol("plus"))
        self.bring = QPushButton("&Import…")
        self.bring.setToolTip("Take over providers from CC-Proxy's providers.toml")
        self.empty = Empty("server-network")
        words = "A provider is where requests go: Anthropic, OpenAI, a model on this machine. Add one to begin."
        self.empty.say(
            "No provider yet", words, ("&Add a provider…", self._add), ("&Import providers.toml…", self._import)
        )
        yield
        self._lay_out()
        yield
        self.add.clicked.connect(self._add)
        self.bring.clicked.connect(self._import)
        self.list.selected.connect(self._show_selected)
        self.list.use_wanted.connect(self._use)
        self.model.modelReset.connect(self._select_something)
        stop = self._services.status.subscribe(self._status_changed)
        self.destroyed.connect(lambda *_: stop())
        self._status_changed(self._services.status.current)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(MARGIN, MARGIN, MARGIN, GRID)
        buttons.setSpacing(GRID)
        buttons.addWidget(self.add)
        buttons.addWidget(self.bring)
        buttons.addStretch(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(buttons)
        column.addWidget(self.list, 1)
        right = QWidget()
        line = QHBoxLayout(right)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(Hairline(vertical=True))
        line.addWidget(self.panel, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(right)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([LIST_WIDTH, 3 * LIST_WIDTH])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def arrive(self, argument: str) -> None:
        """A name selects that provider; "add" opens the dialog for a new one, "import" that for a file."""
        if argument == "add":
            self._add()
        elif argument == "import":
            self._import()
        elif argument:
            self._select(argument)

    def refresh(self) -> None:
        """F5: read patchbay.toml anew."""
        self._tasks.spawn("read patchbay.toml", self._services.settings.reload(), self)

    def _status_changed(self, status: AppStatus) -> None:
        before = {one.name for one in self._providers}
        # With Auto none is preferred, though one of them comes first.
        marked = (replace(one, active=False) for one in status.providers) if status.auto else status.providers
        self._providers = tuple(marked)
        self.model.set_providers(self._providers)
        self._stack.setCurrentWidget(self._splitter if status.providers else self.empty)
        new = [one.name for one in status.providers if one.name not in before]
        if before and len(new) == 1:
            self._select(new[0])
        self._show_selected()

    def _select(self, name: str) -> None:
        place = self.model.place(name)
        if place >= 0:
            self.list.setCurrentIndex(self.model.index(place))

    def _select_something(self) -> None:
        """After the list was made anew: the one that was shown, else the active one."""
        shown = self.model.place(self.panel.name)
        active = next((row for row in range(self.model.rowCount()) if self._is_active(row)), 0)
        self.list.setCurrentIndex(self.model.index(shown if shown >= 0 else active))

    def _is_active(self, row: int) -> bool:
        status = self.model.status(row)
        return status is not None and status.active

    def _show_selected(self) -> None:
        status = self.model.status(self.list.currentIndex().row())
        if status is not None:
            self.panel.show_status(status)

    def _use(self, name: str) -> None:
        self._tasks.spawn(f"use {name}", self._services.routes.use(name), self)

    def _add(self) -> None:
        open_editor(self, self._services, self._tasks)

    def _import(self) -> None:
        open_import(self, self._services, self._tasks)
