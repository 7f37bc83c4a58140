"""The history: which exchanges were there, found by words and narrowed by what they were, each with all its details."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QIcon, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.domain.exchange import Detail, Facets, Filter, Row, Totals
from app.domain.status import AppStatus
from app.ui import formats
from app.ui.dialogs.erase import open_erase
from app.ui.dialogs.export import open_export
from app.ui.dialogs.period import open_period
from app.ui.models.columns import COLUMNS, as_tsv
from app.ui.models.feed import Feed
from app.ui.pages import Page
from app.ui.pages.detail.panel import DetailPanel
from app.ui.pages.history_menu import row_menu
from app.ui.style import GRID, MARGIN, Hairline
from app.ui.tasks import Tasks
from app.ui.widgets.dot import dot
from app.ui.widgets.empty import Empty
from app.ui.widgets.filter_bar import FilterBar
from app.ui.widgets.table import Table
from app.ui.widgets.totals_line import TotalsLine

if TYPE_CHECKING:
    from app.control.services import Services

TICK_MS = 15_000
"""How often "2 min ago" is brought up to date while somebody looks."""
SETTLE_MS = 80
"""A selection that moves on within this time is not loaded: holding an arrow key would load them all."""
LAYOUT_VERSION = 1
LEFT_OUT_BESIDE_DETAIL = frozenset({"client", "first_token", "total"})


def _now_us() -> int:
    return time.time_ns() // 1000


class HistoryPage(Page):
    """Filter bar, totals, table, and the detail of the selected exchange beside it."""

    name, title, icon = "history", "History", "history"

    def __init__(self, services: Services, tasks: Tasks, *, now_us: Callable[[], int] = _now_us) -> None:
        super().__init__(services, tasks)
        self._now_us = now_us

    def parts(self) -> Iterator[None]:
        """The filter bar, the table, and the detail with its tabs."""
        self.filters = FilterBar(lambda: formats.local(self._now_us()))
        yield
        self.feed = Feed(self._services, self._tasks, self._now_us, self)
        self.table = Table("History", [column.width for column in COLUMNS])
        self.table.setModel(self.feed.model)
        self.table.set_up(next(place for place, column in enumerate(COLUMNS) if column.key == "model"))
        self.totals = TotalsLine()
        self.empty = Empty("history")
        yield
        self.detail = DetailPanel(self._services, self._tasks)
        while self.detail.make_part():
            yield
        self._lay_out()
        yield
        self._connect()
        self._unsubscribe = self._services.status.subscribe(self._status_changed)
        self._status_changed(self._services.status.current)
        self.destroyed.connect(lambda *_, stop=self._unsubscribe: stop())

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._stack)
        self._splitter.addWidget(self.detail)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([640, 560])
        self.detail.hide()
        head = QWidget()
        top = QVBoxLayout(head)
        top.setContentsMargins(MARGIN, MARGIN, MARGIN, GRID)
        top.setSpacing(GRID)
        top.addWidget(self.filters)
        top.addWidget(self.totals)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(Hairline())
        layout.addWidget(self._splitter, 1)

    def _connect(self) -> None:
        self.filters.changed.connect(self._load)
        self.filters.period.custom_wanted.connect(self._ask_period)
        self.feed.loaded.connect(self._loaded)
        self.feed.arrived.connect(self._arrived)
        self.feed.failed.connect(self._failed)
        self.feed.totals_changed.connect(self._show_totals)
        self.feed.model.dataChanged.connect(self._rows_changed)
        self.table.current_changed.connect(self._current_changed)
        self.table.opened.connect(self.detail.take_focus)
        self.table.copy_wanted.connect(self._copy_rows)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.totals.top_wanted.connect(self.table.scrollToTop)
        self.totals.export_wanted.connect(self._export)
        self.totals.delete_wanted.connect(self._delete)
        self.detail.closed.connect(self._close_detail)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.feed.model.tick)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._load_detail)

    # what the window asks

    def arrive(self, argument: str) -> None:
        """Select that exchange and show it, even if it is not loaded; "key <name>" narrows to a client key."""
        if argument.startswith("key "):
            self.filters.narrow(key=argument.removeprefix("key "))
            return
        if not argument:
            return
        place = self.feed.model.place(argument)
        if place >= 0:
            self.table.setCurrentIndex(self.feed.model.index(place, 0))
        else:
            self.table.clearSelection()
            self._show_exchange(argument)

    def focus_search(self) -> bool:
        """Ctrl+F: to the search field."""
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()
        return True

    def refresh(self) -> None:
        """F5: read anew."""
        self._load()

    def shown_filter(self) -> Filter:
        """What is shown is what an export takes."""
        return self.filters.wanted()

    def save_layout(self) -> bytes:
        """Column widths and the width of the detail."""
        splitter = bytes(self._splitter.saveState().data())
        state = {"version": LAYOUT_VERSION, "table": self.table.save().hex(), "splitter": splitter.hex()}
        return json.dumps(state).encode()

    def restore_layout(self, state: bytes) -> None:
        """What `save_layout` gave; anything else is left alone."""
        try:
            saved: Any = json.loads(state)
            table, splitter = bytes.fromhex(saved["table"]), bytes.fromhex(saved["splitter"])
            known = saved["version"] == LAYOUT_VERSION
        except (ValueError, KeyError, TypeError):
            return
        if known:
            self.table.restore(table)
            self._splitter.restoreState(QByteArray(splitter))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what happens from now on."""
        super().showEvent(event)
        if not self.feed.started:
            self._load()
        self.feed.set_active(active=True)
        self.feed.model.tick()
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no query and no timer."""
        super().hideEvent(event)
        self.feed.set_active(active=False)
        self._tick.stop()

    # the rows

    def _load(self) -> None:
        self.totals.forget_new()
        self.feed.show(self.filters.wanted())
        self.filters.set_keys(dict.fromkeys(key.name for key in self._services.keys.all()))
        self._tasks.spawn("read what occurs", self._services.insight.facets(), self, then=self._facets, latest=True)

    def _facets(self, facets: Facets) -> None:
        self.filters.set_facets(facets, self._provider_icon)

    def _provider_icon(self, name: str) -> QIcon | None:
        return dot(self._series.get(name))

    def _loaded(self) -> None:
        self.totals.fail("")
        shown = self.detail.exchange_id
        place = self.feed.model.place(shown) if shown else -1
        if place >= 0:
            self.table.setCurrentIndex(self.feed.model.index(place, 0))
        self._show_empty()

    def _arrived(self, number: int) -> None:
        self._show_empty()
        if self.table.verticalScrollBar().value() > 0:
            self.totals.add_new(number)

    def _scrolled(self, value: int) -> None:
        if value == 0:
            self.totals.forget_new()

    def _failed(self, text: str) -> None:
        self.totals.fail(text)
        if not self.feed.model.rows:
            self.empty.say("The history could not be read", text, ("Try a&gain", self._load))
            self._stack.setCurrentWidget(self.empty)

    def _show_totals(self, totals: Totals) -> None:
        self.totals.show_totals(totals, narrowed=self.filters.narrows)

    def _show_empty(self) -> None:
        if self.feed.model.rows:
            self._stack.setCurrentWidget(self.table)
            return
        if self.filters.narrows:
            words = "No exchange matches. Search finds whole words; put a phrase into quotes."
            self.empty.say("Nothing matches", words, ("Show everythin&g", self.filters.clear))
        elif not self._services.status.current.providers:
            words = (
                "Every request that goes through Patchbay is listed here. First it needs a provider to send them to."
            )
            self.empty.say("Nothing yet", words, ("&Add a provider…", lambda: self.go_to.emit("providers", "add")))
        else:
            words = (
                "Every request that goes through Patchbay is listed here. Point a client at it to see the first one."
            )
            self.empty.say("Nothing yet", words, ("&Connect a client", lambda: self.go_to.emit("settings", "client")))
        self._stack.setCurrentWidget(self.empty)

    def _status_changed(self, status: AppStatus) -> None:
        self._series = {one.name: one.color for one in status.providers}
        self.feed.model.set_series(self._series)
        self.detail.set_series(self._series)

    def _ask_period(self) -> None:
        since_us, until_us = self.filters.period.custom
        open_period(self, since_us, until_us, self._now_us(), self.filters.period.set_custom)

    def _export(self) -> None:
        open_export(self, self._services, self._tasks, self.filters.wanted())

    def _delete(self) -> None:
        wanted = self.filters.wanted()
        open_erase(self, self._services, self._tasks, wanted, now_us=self._now_us(), done=self._deleted)

    def _deleted(self, words: str) -> None:
        self._close_detail()
        self.said.emit(words)
        self._load()

    # the selected one

    def _current_changed(self) -> None:
        if self.table.currentIndex().isValid():
            self._settle.start()

    def _load_detail(self) -> None:
        place = self.table.currentIndex().row()
        if place in self.table.selected_rows():  # the focus alone makes a row the current one
            self._show_exchange(self.feed.model.row(place).id)

    def _show_exchange(self, exchange_id: str) -> None:
        work = self._services.insight.detail(exchange_id)
        self._tasks.spawn("load the exchange", work, self, then=self._show_detail, latest=True)

    def _show_detail(self, detail: Detail | None) -> None:
        if detail is None:
            self.totals.fail("That exchange is no longer in the history.")
            return
        self.detail.show_detail(detail, words=self.filters.wanted().search)
        self._set_narrow(narrow=True)

    def _close_detail(self) -> None:
        self._settle.stop()
        self._set_narrow(narrow=False)
        self.detail.forget()
        self.table.clearSelection()
        self.table.setCurrentIndex(self.feed.model.index(-1, 0))
        self.table.setFocus()

    def _set_narrow(self, *, narrow: bool) -> None:
        """Beside the detail the table does without what the detail says anyway."""
        self.detail.setVisible(narrow)
        if narrow:
            QTimer.singleShot(0, self._keep_in_sight)
        for place, column in enumerate(COLUMNS):
            if column.key in LEFT_OUT_BESIDE_DETAIL:
                self.table.set_hidden(place, hidden=narrow)

    def _keep_in_sight(self) -> None:
        """The narrower table has a scroll bar at its foot, which may cover what was just chosen."""
        self.table.scrollTo(self.table.currentIndex())

    def _rows_changed(self, first: Any, last: Any) -> None:
        """The exchange that is shown has gone on or has ended."""
        if not self.detail.exchange_id or first.column() == last.column():
            return
        place = self.feed.model.place(self.detail.exchange_id)
        if first.row() <= place <= last.row():
            self._show_exchange(self.detail.exchange_id)

    def _copy_rows(self) -> None:
        rows = [self.feed.model.row(place) for place in self.table.selected_rows()]
        if rows:
            QGuiApplication.clipboard().setText(as_tsv(rows, header=len(rows) > 1))

    def _show_menu(self, at: QPoint) -> None:
        place = self.table.indexAt(at).row()
        if place < 0:
            return
        row: Row = self.feed.model.row(place)
        menu = row_menu(
            self,
            row,
            copy_rows=self._copy_rows,
            copy_curl=lambda: self.detail.copy_curl(row.id),
            narrow=self.filters.narrow,
        )
        menu.popup(self.table.viewport().mapToGlobal(at))
