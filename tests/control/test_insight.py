from __future__ import annotations

import threading

import pytest

from app.control.insight import Insight
from app.control.today import Today
from app.domain.errors import PatchbayError
from app.domain.exchange import Facets, Filter, Totals
from app.domain.measure import Meter
from app.store.queries.reader import HistoryReader, HistoryUnavailableError


class Reader:
    """Answers with the name of the question and the thread it ran in."""

    def __init__(self):
        self.threads = set()
        self.error = None

    def __getattr__(self, name):
        def answer(*args, **kwargs):
            self.threads.add(threading.get_ident())
            if self.error:
                raise self.error
            return name, args, kwargs

        return answer


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def insight(desk, reader):
    return Insight(reader, Meter(), Today(desk.core, lambda wanted: Totals(exchanges=2)))


async def test_every_question_is_asked_in_a_thread(insight, reader):
    wanted = Filter(search="words")
    assert await insight.page(wanted, before=(1, "x")) == ("page", (wanted,), {"limit": 200, "before": (1, "x")})
    assert await insight.count(wanted) == ("count", (wanted,), {})
    assert await insight.totals(wanted) == ("totals", (wanted,), {})
    assert await insight.detail("id") == ("detail", ("id",), {})
    assert await insight.snippet("id", "words") == ("snippet", ("id", "words"), {})
    assert await insight.hours(5) == ("hours", (5,), {})
    assert await insight.facets() == ("facets", (), {})
    assert await insight.today() == Totals(exchanges=2)
    assert threading.get_ident() not in reader.threads


async def test_a_history_that_cannot_be_read_is_an_error_with_words(insight, reader):
    reader.error = HistoryUnavailableError("history.db cannot be read: damaged")
    with pytest.raises(PatchbayError, match="damaged"):
        await insight.page(Filter())


async def test_the_revision_is_told_on(insight):
    told = []
    leave = insight.subscribe(told.append)
    insight.grown(4)
    leave()
    insight.grown(5)
    assert (told, insight.revision) == ([4], 5)


async def test_without_a_history_the_answers_are_empty(desk, tmp_path):
    reader = HistoryReader(tmp_path / "history.db")
    insight = Insight(reader, Meter(), Today(desk.core, reader.totals))
    assert await insight.page(Filter()) == ()
    assert await insight.facets() == Facets()
    assert await insight.today() == Totals()
