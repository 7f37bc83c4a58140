"""Brings the history's rows to the model: the first page, older ones on demand, newer ones as they come.

The queries are coroutines of `Insight`, which runs them in threads; a revision number says that something changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.exchange import Filter, Row, Totals
from app.ui.models.exchanges import ExchangeModel, Key, key
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

PAGE_ROWS = 200
FRESH_ROWS = 50
"""How many of the newest are looked at when something changed; more only where they do not meet what is known."""
MOST_FRESH_ROWS = 2_000
COALESCE_MS = 250


@dataclass(frozen=True, slots=True)
class Span:
    """Rows without a gap, newest first; `complete`: nothing older exists."""

    rows: tuple[Row, ...]
    complete: bool


class Feed(QObject):
    """Feeds one model for as long as its owner is shown."""

    loaded = Signal()
    """The first page of a new filter is in the model."""
    arrived = Signal(int)
    """So many new exchanges were added at the top."""
    totals_changed = Signal(object)
    """`Totals` of everything that matches."""
    failed = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, now_us: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._insight, self._tasks = services.insight, tasks
        self.model = ExchangeModel(now_us, self._more)
        self.model.setParent(self)
        self.wanted = Filter()
        self.started = False
        """Whether anything was ever asked for."""
        self._seen = -1
        """The revision that the model shows."""
        self._active = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(COALESCE_MS)
        self._later.timeout.connect(self._look)
        self._sum_again = False
        self._unsubscribe = services.insight.subscribe(self._revised)
        parent.destroyed.connect(partial(_call, self._unsubscribe))

    def show(self, wanted: Filter) -> None:
        """Load what matches, from the newest on."""
        self.wanted, self.started = wanted, True
        self._seen = self._insight.revision
        self._tasks.cancel(self)
        self._tasks.spawn("load the history", self._first(wanted), self, then=self._reset, failed=self.failed.emit)
        self._sum()

    def set_active(self, *, active: bool) -> None:
        """Follow what happens only while somebody looks."""
        self._active = active
        if active and self._seen != self._insight.revision:
            self._look()
        elif not active:
            self._later.stop()

    async def _first(self, wanted: Filter) -> Span:
        rows = await self._insight.page(wanted, limit=PAGE_ROWS)
        return Span(tuple(rows), len(rows) < PAGE_ROWS)

    async def _older(self, before: Key) -> Span:
        rows = await self._insight.page(self.wanted, limit=PAGE_ROWS, before=before)
        return Span(tuple(rows), len(rows) < PAGE_ROWS)

    async def _newest(self, newest: Key | None, running: Key | None) -> Span | None:
        """From the newest down to what is known already and cannot change; None where that is too far."""
        floor = min((known for known in (newest, running) if known is not None), default=None)
        rows: list[Row] = []
        limit = FRESH_ROWS
        while len(rows) < MOST_FRESH_ROWS:
            page = await self._insight.page(self.wanted, limit=limit, before=key(rows[-1]) if rows else None)
            rows.extend(page)
            if len(page) < limit:
                return Span(tuple(rows), complete=True)
            if floor is not None and key(rows[-1]) <= floor:
                return Span(tuple(rows), complete=False)
            limit = PAGE_ROWS
        return None

    def _reset(self, span: Span) -> None:
        self.model.set_rows(span.rows, complete=span.complete)
        self.loaded.emit()

    def _more(self) -> None:
        rows = self.model.rows
        work = self._older(key(rows[-1])) if rows else self._first(self.wanted)
        self._tasks.spawn("load older exchanges", work, self, then=self._append, failed=self._more_failed)

    def _append(self, span: Span) -> None:
        self.model.append(span.rows, complete=span.complete)

    def _more_failed(self, text: str) -> None:
        self.model.more_failed()
        self.failed.emit(text)

    def _revised(self, _revision: int) -> None:
        if self._active and not self._later.isActive():
            self._later.start()

    def _look(self) -> None:
        """Fetch what is new, one look at a time; what comes meanwhile is seen by the next."""
        if self._tasks.running(self, "load the history") or self._tasks.running(self, "look for new exchanges"):
            self._later.start()
            return
        self._seen = self._insight.revision
        rows = self.model.rows
        work = self._newest(key(rows[0]) if rows else None, self.model.oldest_running())
        self._tasks.spawn("look for new exchanges", work, self, then=self._merge, failed=self.failed.emit)
        self._sum()

    def _merge(self, span: Span | None) -> None:
        if span is None:
            self.show(self.wanted)
            return
        added = self.model.merge(span.rows, complete=span.complete)
        if added:
            self.arrived.emit(added)

    def _sum(self) -> None:
        """Add up one at a time: over a long history it takes longer than the next change."""
        self._sum_again = self._tasks.running(self, "add up the history")
        if not self._sum_again:
            work = self._insight.totals(self.wanted)
            self._tasks.spawn("add up the history", work, self, then=self._summed, failed=self.failed.emit)

    def _summed(self, totals: Totals) -> None:
        self.totals_changed.emit(totals)
        if self._sum_again:
            self._sum()


def _call(function: Callable[[], None], *_: object) -> None:
    function()
