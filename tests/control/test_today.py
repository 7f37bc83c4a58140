from __future__ import annotations

import datetime as dt

import pytest

from app.control import today
from app.control.today import Today, midnight_us
from app.domain.errors import PatchbayError
from app.domain.exchange import Totals
from app.store.queries.reader import HistoryUnavailableError


class Sums:
    def __init__(self):
        self.asked = []
        self.totals = Totals(exchanges=1)
        self.error = None

    def __call__(self, wanted):
        self.asked.append(wanted.since_us)
        if self.error:
            raise self.error
        return self.totals


@pytest.fixture
def sums(monkeypatch):
    monkeypatch.setattr(today, "EVERY_S", 0.01)
    return Sums()


async def test_it_asks_when_the_history_grew_and_tells_when_the_sums_did(desk, sums):
    mine, told = Today(desk.core, sums), []
    mine.subscribe(lambda _: told.append(mine.totals.exchanges))
    mine.grown(1)
    mine.grown(2)
    await desk.settle()
    sums.totals = Totals(exchanges=5)
    mine.grown(3)
    await desk.settle()
    assert told == [1, 5]
    assert sums.asked == [midnight_us(desk.clock.us)] * 2


async def test_at_midnight_it_asks_anew(desk, sums):
    mine = Today(desk.core, sums)
    await mine.ask()
    mine.tick()
    await desk.settle()
    assert len(sums.asked) == 1
    desk.clock.forward(24 * 3600)
    mine.tick()
    await desk.settle()
    assert len(sums.asked) == 2
    assert sums.asked[1] > sums.asked[0]


async def test_a_history_that_cannot_be_read_is_an_error_with_words(desk, sums):
    sums.error = HistoryUnavailableError("history.db cannot be read: damaged")
    with pytest.raises(PatchbayError, match="damaged"):
        await Today(desk.core, sums).ask()


def test_midnight_is_the_local_one():
    noon = dt.datetime(2026, 11, 21, 12, 34).astimezone()
    midnight = dt.datetime(2026, 11, 21).astimezone()
    assert midnight_us(int(noon.timestamp() * 1e6)) == int(midnight.timestamp() * 1e6)
