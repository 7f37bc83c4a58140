"""Questions about what happened, answered in threads; and what happens now, in memory."""

from __future__ import annotations

from collections.abc import Callable

from app.control.asking import asked
from app.control.subscribers import Subscribers
from app.control.today import Today
from app.domain.exchange import Detail, Facets, Filter, HourCost, Row, Totals
from app.domain.measure import Meter
from app.store.queries.reader import HistoryReader


class Insight:
    """The history and the present. `revision` grows when the history did; `meter` is the live measure."""

    def __init__(self, reader: HistoryReader, meter: Meter, today: Today) -> None:
        self.meter = meter
        self.revision = 0
        self._reader = reader
        self._today = today
        self._subscribers: Subscribers[int] = Subscribers()

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Be told, on the loop, each new revision, at most four a second; the result ends that."""
        return self._subscribers.add(callback)

    def grown(self, revision: int) -> None:
        """The history grew; what `store.history.History.on_change` calls."""
        self.revision = revision
        self._subscribers.tell(revision)

    def shrunk(self) -> None:
        """Something was deleted: everything that was read before may be gone."""
        self._subscribers.tell(self.revision)
        self._today.grown()

    async def page(self, wanted: Filter, *, limit: int = 200, before: tuple[int, str] | None = None) -> tuple[Row, ...]:
        """Rows, the newest first; `before` is `(started_us, id)` of the last row of the page before."""
        return await asked(self._reader.page, wanted, limit=limit, before=before)

    async def count(self, wanted: Filter) -> int:
        """How many rows there are."""
        return await asked(self._reader.count, wanted)

    async def totals(self, wanted: Filter) -> Totals:
        """Sums over rows."""
        return await asked(self._reader.totals, wanted)

    async def detail(self, exchange_id: str) -> Detail | None:
        """Everything about one exchange; None where it is gone."""
        return await asked(self._reader.detail, exchange_id)

    async def snippet(self, exchange_id: str, words: str) -> str:
        """Where in an exchange the words stand."""
        return await asked(self._reader.snippet, exchange_id, words)

    async def hours(self, since_us: int) -> tuple[HourCost, ...]:
        """Cost by hour and provider."""
        return await asked(self._reader.hours, since_us)

    async def facets(self) -> Facets:
        """What the history can be narrowed by."""
        return await asked(self._reader.facets)

    async def today(self) -> Totals:
        """Sums since local midnight, as of now."""
        return await self._today.ask()
