from __future__ import annotations

import asyncio
import gc
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from app.domain.exchange import Filter, State
from app.ui.models.feed import FRESH_ROWS, PAGE_ROWS, Feed
from tests.fakes import sample
from tests.ui.conftest import until

ROWS = sample.rows(700, seed=3)


@pytest.fixture
def parent(qapp):
    return QObject()


@pytest.fixture
def feed(services, tasks, parent):
    services.insight.rows = ROWS[100:]
    made = Feed(services, tasks, lambda: sample.NOW_US, parent)
    made.problems, made.sums, made.new = [], [], []
    made.failed.connect(made.problems.append)
    made.totals_changed.connect(made.sums.append)
    made.arrived.connect(made.new.append)
    return made


async def loaded(feed, wanted=Filter()):  # noqa: B008 (frozen)
    done = []
    feed.loaded.connect(lambda: done.append(1))
    feed.show(wanted)
    await until(lambda: done)


async def test_the_first_page_and_the_sums_of_everything(feed, services):
    await loaded(feed)
    await until(lambda: feed.sums)
    assert list(feed.model.rows) == list(ROWS[100 : 100 + PAGE_ROWS])
    assert feed.sums[-1].exchanges == 600
    assert len(services.asked("page")) == 1


async def test_scrolling_fetches_page_after_page_to_the_end(feed, services):
    services.insight.rows = ROWS[90:]
    await loaded(feed)
    top = feed.model.index(-1, 0)
    while feed.model.canFetchMore(top):
        before = feed.model.rowCount()
        feed.model.fetchMore(top)
        await until(lambda before=before: feed.model.rowCount() > before)
    assert list(feed.model.rows) == list(ROWS[90:])


async def test_nobody_looks_so_nothing_is_asked(feed, services):
    await loaded(feed)
    asked = len(services.calls)
    services.insight.grow(ROWS[99])
    await asyncio.sleep(0)
    assert not feed._later.isActive()
    assert len(services.calls) == asked
    feed.set_active(active=True)
    await until(lambda: feed.model.row(0).id == ROWS[99].id)
    assert feed.new == [1]


async def test_many_announcements_are_one_look(feed, services):
    feed._later.setInterval(30)
    feed.set_active(active=True)
    await loaded(feed)
    services.calls.clear()
    for number in range(10):
        services.insight.grow(ROWS[99 - number])
    await until(lambda: feed.new)
    pages = services.asked("page")
    assert feed.new == [10]
    assert [page[1] for page in pages] == [FRESH_ROWS]


async def test_a_running_exchange_far_below_is_brought_up_to_date(feed, services):
    running = replace(ROWS[150], state=State.STARTED, duration_ms=None)
    services.insight.rows = (*ROWS[:150], running, *ROWS[151:])
    await loaded(feed)
    services.insight.rows = ROWS
    feed.set_active(active=True)
    services.insight.grow()
    await until(lambda: feed.model.row(150) == ROWS[150])
    assert feed.new == []


async def test_more_news_than_can_be_merged_load_afresh(feed, services):
    many = sample.rows(3_000, seed=9)
    services.insight.rows = many[2_900:]
    await loaded(feed)
    services.insight.rows = many
    feed.set_active(active=True)
    services.insight.grow()
    await until(lambda: feed.model.rowCount() == PAGE_ROWS)
    assert list(feed.model.rows) == list(many[:PAGE_ROWS])


async def test_the_last_filter_wins(feed, services):
    services.insight.gate = asyncio.Event()
    feed.show(Filter(providers=("Anthropic",)))
    await asyncio.sleep(0)
    feed.show(Filter(providers=("Ollama",)))
    services.insight.gate.set()
    await until(feed.model.rowCount)
    assert {row.provider for row in feed.model.rows} == {"Ollama"}


async def test_a_failed_query_is_said_and_scrolling_may_try_again(feed, services):
    await loaded(feed)
    page = services.insight.page

    async def broken(*_arguments, **_rest):
        raise OSError(5, "Input/output error")

    services.insight.page = broken
    top = feed.model.index(-1, 0)
    feed.model.fetchMore(top)
    await until(lambda: feed.problems)
    assert "Input/output error" in feed.problems[0]
    assert feed.model.canFetchMore(top)
    services.insight.page = page


async def test_sums_are_asked_one_at_a_time(feed, services):
    await loaded(feed)
    await until(lambda: feed.sums)
    services.calls.clear()
    services.insight.gate = asyncio.Event()
    for _ in range(5):
        feed._sum()
    await asyncio.sleep(0)
    assert len(services.asked("totals")) == 1
    services.insight.gate.set()
    await until(lambda: len(feed.sums) == 3)
    assert len(services.asked("totals")) == 2


async def test_a_page_that_is_gone_hears_nothing(services, tasks):
    import shiboken6

    parent = QObject()
    Feed(services, tasks, lambda: 0, parent)
    assert len(services.insight.listeners) == 1
    shiboken6.delete(parent)
    gc.collect()
    assert services.insight.listeners == []
