"""What part of the history is wanted: search, provider, model, status, client, key, time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.domain.exchange import Facets, Filter, State
from app.ui.icons import symbol
from app.ui.style import GRID
from app.ui.widgets.choice import ChoiceButton
from app.ui.widgets.period import PeriodButton

DEBOUNCE_MS = 250

STATES = (State.STARTED, State.DONE, State.FAILED, State.CANCELLED, State.INTERRUPTED)


def state_label(value: str) -> str:
    """A state as a person calls it."""
    return "running" if value == State.STARTED else value


class FilterBar(QWidget):
    """One line of ways to narrow; `changed` comes once per change, for a search after the typing has paused."""

    changed = Signal()

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search prompts and answers")
        self.search.setAccessibleName("Search prompts and answers")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(symbol("magnify", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(18 * GRID)
        self.provider, self.model = ChoiceButton("Provider"), ChoiceButton("Model")
        self.status, self.client, self.key = ChoiceButton("Status"), ChoiceButton("Client"), ChoiceButton("Key")
        self._choices = (self.provider, self.model, self.status, self.client, self.key)
        self.period = PeriodButton(now)
        self.status.set_values(STATES, label=state_label)
        self._session = QPushButton("One session")
        self._session.setIcon(symbol("close"))
        self._session.setToolTip("Show every session again")
        self._session.hide()
        self._session.clicked.connect(lambda: self._set_session(""))
        self._session_id = ""
        self.clear_all = QPushButton("C&lear")
        self.clear_all.setFlat(True)
        self.clear_all.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.search, 1)
        for button in self._choices:
            layout.addWidget(button)
            button.changed.connect(self._change)
        for widget in (self.period, self._session, self.clear_all):
            layout.addWidget(widget)
        self.period.changed.connect(self._change)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(DEBOUNCE_MS)
        self._typing.timeout.connect(self._change)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._change)
        self._show()

    def wanted(self) -> Filter:
        """What the bar says now; a preset such as "Last hour" is counted from now."""
        since, until = self.period.bounds_us()
        return Filter(
            providers=self.provider.chosen,
            models=self.model.chosen,
            states=tuple(State(value) for value in self.status.chosen),
            clients=self.client.chosen,
            client_keys=self.key.chosen,
            since_us=since,
            until_us=until,
            search=self.search.text().strip(),
            session_id=self._session_id,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything may be left out."""
        return replace(self.wanted(), since_us=0, until_us=0) != Filter() or self.period.narrows

    def set_facets(self, facets: Facets, provider_icon: Callable[[str], QIcon | None]) -> None:
        """What occurs in the history."""
        self.provider.set_values(facets.providers, icon=provider_icon)
        self.model.set_values(facets.models)
        self.client.set_values(facets.clients)

    def set_keys(self, names: Iterable[str]) -> None:
        """The client keys there are."""
        self.key.set_values(names)

    def narrow(self, *, provider: str = "", model: str = "", key: str = "", session_id: str = "") -> None:
        """Narrow to one more thing, as the table's context menu offers."""
        if provider:
            self.provider.choose((provider,))
        if model:
            self.model.choose((model,))
        if key:
            self.key.choose((key,))
        if session_id:
            self._session_id = session_id
        self._change()

    def clear(self) -> None:
        """Show everything."""
        self.search.clear()
        for button in self._choices:
            button.choose(())
        self.period.reset()
        self._set_session("")

    def _set_session(self, session_id: str) -> None:
        self._session_id = session_id
        self._change()

    def _change(self) -> None:
        self._typing.stop()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self._session.setVisible(bool(self._session_id))
        self.clear_all.setVisible(self.narrows)
