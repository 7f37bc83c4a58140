"""Which of a provider's models stand for big, middle and small: ticks in its own list, or names entered by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLineEdit, QPushButton, QTableView, QWidget

from app.domain.config import ProviderEntry
from app.domain.provider import Provider, Tier
from app.ui.dialogs.attempts import Problem, Trial, attempt, probe
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.models.tier_models import TIERS, TierModel
from app.ui.style import GRID, ROW_HEIGHT, Label
from app.ui.tasks import Tasks
from app.ui.widgets.padded import TickDelegate
from app.ui.widgets.table import FlatHeader

if TYPE_CHECKING:
    from app.control.services import Services

SAVE, ASK = "save the models", "ask for the models"
TIER_WIDTH = 9 * GRID
HINT = (
    "Claude Code asks for Opus, Sonnet or Haiku; Patchbay sends the first model ticked as big, middle or small, unless "
    "you choose another on the Providers page."
)


class ModelsEditor(WaitingDialog):
    """A table of ticks that can be searched, filled by the provider itself."""

    def __init__(
        self, parent: QWidget | None, services: Services, tasks: Tasks, entry: ProviderEntry, provider: Provider
    ) -> None:
        super().__init__(parent, f"Models of {entry.name}", tasks, action="&Save")
        self._services, self._entry = services, entry
        offered = {tier: provider.tier_models(tier) for tier in (Tier.BIG, Tier.MIDDLE, Tier.SMALL)}
        self.model = TierModel(offered, provider.models)
        self.model.setParent(self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search models")
        self.search.setAccessibleName("Search models")
        self.search.setClearButtonEnabled(True)
        self.fetch = QPushButton("&List the provider's models")
        self.fetch.setAutoDefault(False)
        self.new = QLineEdit()
        self.new.setPlaceholderText("A model's exact name")
        self.new.setAccessibleName("Name of a model to add")
        self.add = QPushButton("A&dd")
        self.add.setAutoDefault(False)
        self.remove = QPushButton("&Remove")
        self.remove.setAutoDefault(False)
        self.told = Label(role="muted", wrap=True)
        self.told.hide()
        self.table = self._make_table()
        self.held = (self.fetch, self.table, self.new)
        self._lay_out()
        self.buttons_after(self.remove)
        self._connect()

    def _make_table(self) -> QTableView:
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self.model)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        table = QTableView()
        table.setAccessibleName("Models by tier")
        table.setModel(self._proxy)
        table.setShowGrid(False)
        table.setItemDelegate(TickDelegate(table))
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setMinimumSize(72 * GRID, 40 * GRID)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = FlatHeader(table)
        table.setHorizontalHeader(header)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, 1 + len(TIERS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            table.setColumnWidth(column, TIER_WIDTH)
        return table

    def _lay_out(self) -> None:
        self.body.addWidget(Label(HINT, role="muted", wrap=True))
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self.search, 1)
        top.addWidget(self.fetch)
        self.body.addLayout(top)
        self.body.addWidget(self.told)
        self.body.addWidget(self.table, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(GRID)
        bottom.addWidget(self.new, 1)
        bottom.addWidget(self.add)
        bottom.addWidget(self.remove)
        self.body.addLayout(bottom)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._proxy.setFilterFixedString)
        self.fetch.clicked.connect(self._ask)
        self.add.clicked.connect(self._add)
        self.new.textChanged.connect(self._show_buttons)
        self.table.selectionModel().currentChanged.connect(lambda _now, _before: self._show_buttons())
        self.remove.clicked.connect(self._remove)
        self.action.clicked.connect(self._save)
        self._show_buttons()

    def _show_buttons(self) -> None:
        named = bool(self.new.text().strip())
        self.add.setEnabled(named)
        self.add.setDefault(named)
        self.action.setDefault(not named)
        self.remove.setEnabled(self.table.currentIndex().isValid())

    def _ask(self) -> None:
        self.fail("")
        text = "Asking the provider for its models…"
        self.wait_for(ASK, probe(self._services, self._entry, None), self._answered, text=text)

    def _answered(self, result: Trial | Problem) -> None:
        if isinstance(result, Problem) or not result.ok:
            self.fail(result.text if isinstance(result, Problem) else result.message)
            return
        self.model.add(result.models)
        self.told.setText(result.message)
        self.told.show()

    def _add(self) -> None:
        name = self.new.text().strip()
        self.model.add((name,), own=True)
        self.new.clear()
        self.search.clear()
        row = next((row for row in range(self.model.rowCount()) if self.model.name(row) == name), -1)
        shown = self._proxy.mapFromSource(self.model.index(row, 0))
        self.table.setCurrentIndex(shown)
        self.table.scrollTo(shown)

    def _remove(self) -> None:
        self.model.remove(str(self.table.currentIndex().siblingAtColumn(0).data()))
        self._show_buttons()

    def _save(self) -> None:
        self.fail("")
        work = attempt(self._services.providers.set_models, self._entry.name, *self.model.lists())
        self.wait_for(SAVE, work, self.saved)


def open_models(
    parent: QWidget, services: Services, tasks: Tasks, entry: ProviderEntry, provider: Provider
) -> ModelsEditor:
    """Open the dialog for a provider that exists."""
    dialog = ModelsEditor(parent, services, tasks, entry, provider)
    dialog.open()
    return dialog
