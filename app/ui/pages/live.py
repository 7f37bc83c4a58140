"""Live: what is happening and what today has come to. The charts are docks below it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.domain.exchange import Filter, Row
from app.domain.status import AppStatus
from app.ui.commands import SHELL, copy_secret
from app.ui.headline import Headline
from app.ui.models.columns import COLUMNS
from app.ui.models.exchanges import ExchangeModel
from app.ui.pages import Page
from app.ui.style import ROW_HEIGHT, Hairline
from app.ui.tasks import Tasks
from app.ui.widgets.empty import Empty
from app.ui.widgets.table import Table

if TYPE_CHECKING:
    from app.control.services import Services

ROWS = 30
SCROLL_BAR = 20
FEWEST = 4
"""Rows that are in sight, the titles among them, however small the window is."""
PULSE_MS = 500
"""How often the figures of this moment are brought up to date while somebody looks."""
TICK_MS = 5_000


def _nothing() -> None:
    """This list is short on purpose; the history has the rest."""


class LivePage(Page):
    """Headline, and the latest requests below it."""

    name, title, icon = "live", "Live", "pulse"

    def __init__(
        self, services: Services, tasks: Tasks, *, now_us: Callable[[], int] = lambda: time.time_ns() // 1_000
    ) -> None:
        super().__init__(services, tasks)
        self._now_us = now_us

    def parts(self) -> Iterator[None]:
        """The headline, then the table."""
        self.headline = Headline()
        yield
        self.model = ExchangeModel(self._now_us, _nothing)
        self.model.setParent(self)
        self.table = Table("Latest requests", [column.width for column in COLUMNS])
        self.table.setModel(self.model)
        self.table.set_up(next(place for place, column in enumerate(COLUMNS) if column.key == "model"))
        self.empty = Empty("transit-connection-variant")
        self._lay_out()
        self.setFocusProxy(self.table)
        self._seen = (-1, -1)
        self._said: Hashable = None
        self._pulse = self._timer(PULSE_MS, self._look)
        self._tick = self._timer(TICK_MS, self.model.tick)
        self.table.opened.connect(self._open_current)
        self.table.clicked.connect(lambda _index: self._open_current())
        unsubscribe = self._services.status.subscribe(self._status_changed)
        self.destroyed.connect(lambda *_: unsubscribe())

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.headline)
        column.addWidget(Hairline())
        column.addWidget(self._stack, 1)

    def _timer(self, ms: int, run: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=ms)
        timer.timeout.connect(run)
        return timer

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where space is scarce the client is left out."""
        super().resizeEvent(event)
        place = next(place for place, column in enumerate(COLUMNS) if column.key == "client")
        self.table.set_hidden(place, hidden=self.width() < sum(column.width for column in COLUMNS) + SCROLL_BAR)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what happens from now on."""
        super().showEvent(event)
        self._status_changed(self._services.status.current)
        self._look()
        self._pulse.start()
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no query and no timer."""
        super().hideEvent(event)
        self._pulse.stop()
        self._tick.stop()

    def refresh(self) -> None:
        """F5: read anew."""
        self._seen = (-1, -1)
        self._look()

    def _look(self) -> None:
        """Ask only where something has changed; a query that still runs is not overtaken."""
        meter = self._services.insight.meter
        revision, measured = self._services.insight.revision, meter.revision
        if measured != self._seen[1]:
            self.headline.show_now(meter)
        if revision != self._seen[0] and not self._tasks.running(self, "read the latest requests"):
            work = self._services.insight.page(Filter(), limit=ROWS)
            self._tasks.spawn("read the latest requests", work, self, then=self._took)
            self._seen = (revision, measured)
        else:
            self._seen = (self._seen[0], measured)

    def _took(self, rows: tuple[Row, ...]) -> None:
        self.model.merge(rows, complete=True)
        self._show_empty(self._services.status.current)

    def _status_changed(self, status: AppStatus) -> None:
        if not self.isVisible():
            return
        self.headline.show_today(status.today)
        self.model.set_series({provider.name: provider.color for provider in status.providers})
        self._show_empty(status)

    def _open_current(self) -> None:
        place = self.table.currentIndex().row()
        if 0 <= place < len(self.model.rows):
            self.go_to.emit("history", self.model.row(place).id)

    # nothing there yet

    def _show_empty(self, status: AppStatus) -> None:
        empty = not self.model.rows
        focus: QWidget | None = self.focusWidget()
        if not empty and focus is not None and self.empty.isAncestorOf(focus):
            self.table.setFocus()  # or it would jump to whatever comes after the button that goes
        self._stack.setCurrentWidget(self.empty if empty else self.table)
        self._stack.setMinimumHeight(self.empty.minimumSizeHint().height() if empty else FEWEST * ROW_HEIGHT)
        said = (bool(status.providers), status.demo, status.base_url)
        if not empty or said == self._said:
            return
        self._said = said
        if not status.providers:
            self.empty.say(
                "No provider yet",
                "Every request shows here as it runs, with its tokens, its latency and its cost. "
                "First say where requests go; the key is kept in the system keyring.",
                ("Add a provider…", lambda: self.go_to.emit("providers", "add")),
            )
        elif status.demo:
            self.empty.say(
                "No request yet",
                "The demo answers by itself, without a key and without cost. Send one request and watch it pass.",
                ("Send a sample request", self._send_sample),
                ("Copy settings for Claude Code", self._copy),
            )
        else:
            self.empty.say(
                "No request yet",
                f"Point a client at {status.base_url}: copy two lines for Claude Code, paste them into a terminal, "
                "and start it there. The tray has the lines for other clients.",
                ("Copy settings for Claude Code", self._copy),
            )

    def _send_sample(self) -> None:
        self._tasks.spawn("send a sample request", self._services.proxy.send_sample(), self)

    def _copy(self) -> None:
        def copied(text: str) -> None:
            copy_secret(text)
            self.said.emit("Copied; paste the lines into a terminal")

        work = self._services.keys.snippet("claude-code", SHELL)
        self._tasks.spawn("copy the settings for Claude Code", work, self, then=copied)
