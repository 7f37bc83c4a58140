"""Today's totals: asked of the history when it grew, at most once a second, and anew at midnight."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

from app.control.asking import asked
from app.control.core import Core
from app.control.subscribers import Subscribers
from app.domain.exchange import Filter, Totals

EVERY_S = 1.0


class Today:
    """Keeps `totals` of the local day. `ask` is the history's blocking question."""

    def __init__(self, core: Core, ask: Callable[[Filter], Totals]) -> None:
        self.totals = Totals()
        self._core = core
        self._ask = ask
        self._since_us = 0
        self._stale = False
        self._asking: asyncio.Task[None] | None = None
        self._subscribers: Subscribers[None] = Subscribers()

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told when the totals changed."""
        return self._subscribers.add(callback)

    def grown(self, _revision: int = 0) -> None:
        """The history grew: ask soon."""
        self._stale = True
        if self._asking is None or self._asking.done():
            self._asking = self._core.background.spawn("add up today", self._follow())

    def tick(self) -> None:
        """Ask anew if a new day began."""
        if midnight_us(self._core.clock.now_us()) != self._since_us:
            self.grown()

    async def ask(self) -> Totals:
        """The totals as of now."""
        since_us = midnight_us(self._core.clock.now_us())
        totals = await asked(self._ask, Filter(since_us=since_us))
        changed = totals != self.totals
        self.totals, self._since_us = totals, since_us
        if changed:
            self._subscribers.tell(None)
        return totals

    async def _follow(self) -> None:
        while self._stale:
            self._stale = False
            await self.ask()
            await asyncio.sleep(EVERY_S)


def midnight_us(now_us: int) -> int:
    """UTC microseconds of the last local midnight before `now_us`."""
    day = dt.datetime.fromtimestamp(now_us / 1e6).date()  # noqa: DTZ006 (the local day is what people mean by today)
    return int(dt.datetime.combine(day, dt.time.min).timestamp()) * 1_000_000
