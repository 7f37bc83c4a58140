from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.domain.exchange import State
from app.ui.pages.live import ROWS, LivePage
from tests.fakes import sample
from tests.fakes.services import FakeServices
from tests.ui.conftest import until


@pytest.fixture
async def page(services, tasks, show):
    made = show(LivePage(services, tasks), 1000, 400)
    await until(lambda: made.model.rows)
    return made


def buttons(page):
    return {button.text(): button for button in page.empty.findChildren(QPushButton) if button.isVisible()}


async def test_the_latest_requests_are_listed(page, services):
    assert len(page.model.rows) == ROWS
    assert page._stack.currentWidget() is page.table
    new = replace(services.insight.rows[0], id="f" * 32, started_us=services.insight.rows[0].started_us + 5_000_000)
    services.insight.grow(new)
    await until(lambda: page.model.row(0).id == "f" * 32)
    assert len(page.model.rows) == ROWS


async def test_a_request_that_ends_is_updated_in_place(page, services):
    running = services.insight.rows[0]
    assert running.state is State.STARTED
    services.insight.rows = (replace(running, state=State.DONE, duration_ms=900), *services.insight.rows[1:])
    services.insight.grow()
    await until(lambda: page.model.row(0).state is State.DONE)


async def test_a_click_opens_the_exchange(page, qtbot):
    heard = []
    page.go_to.connect(lambda *where: heard.append(where))
    place = page.table.visualRect(page.model.index(2, 1)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard == [("history", page.model.row(2).id)]
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert len(heard) == 2


async def test_nothing_is_asked_while_nothing_changes_or_nobody_looks(page, services):
    before = len(services.asked("page"))
    await asyncio.sleep(1.2)
    assert len(services.asked("page")) == before
    page.hide()
    assert not page._pulse.isActive()
    services.insight.grow()
    await asyncio.sleep(0.6)
    assert len(services.asked("page")) == before
    page.show()
    await until(lambda: len(services.asked("page")) == before + 1)


async def test_a_slow_query_is_not_overtaken(page, services):
    services.insight.gate = asyncio.Event()
    before = len(services.asked("page"))
    for _ in range(3):
        services.insight.grow()
        page._look()
        await asyncio.sleep(0)
    assert len(services.asked("page")) == before + 1
    services.insight.gate.set()
    await until(lambda: not page._tasks.running(page))
    page._look()
    await until(lambda: len(services.asked("page")) == before + 2)


async def test_the_first_start_leads_to_a_provider(tasks, show):
    page = show(LivePage(FakeServices.empty(), tasks), 1000, 500)
    await until(lambda: buttons(page))
    heard = []
    page.go_to.connect(lambda *where: heard.append(where))
    buttons(page)["Add a provider…"].click()
    assert heard == [("providers", "add")]


async def test_the_demo_offers_a_request(tasks, show):
    services = FakeServices(sample.status(demo=True))
    page = show(LivePage(services, tasks), 1000, 500)
    await until(lambda: buttons(page))
    buttons(page)["Send a sample request"].click()
    await until(lambda: services.asked("send_sample"))


async def test_without_a_request_the_client_is_pointed_here(tasks, show, qapp):
    services = FakeServices(sample.status())
    page = show(LivePage(services, tasks), 1000, 500)
    await until(lambda: buttons(page))
    said = []
    page.said.connect(said.append)
    buttons(page)["Copy settings for Claude Code"].click()
    await until(lambda: said)
    assert "for claude-code" in qapp.clipboard().text()


async def test_the_focus_does_not_jump_when_the_first_request_comes(tasks, show, services):
    empty = FakeServices(sample.status(demo=True))
    page = show(LivePage(empty, tasks), 1000, 500)
    page.activateWindow()
    await until(lambda: buttons(page))
    button = buttons(page)["Send a sample request"]
    button.setFocus()
    empty.status.set(in_flight=1)
    assert buttons(page)["Send a sample request"] is button
    assert button.hasFocus()
    empty.insight.grow(services.insight.rows[0])
    await until(page.table.isVisible)
    assert page.table.hasFocus()


async def test_a_running_total_reaches_the_headline(page, services):
    services.status.set(today=replace(services.status.current.today, cost_nusd=42_000_000_000))
    await until(lambda: page.headline.cost._value.text() == "$42.00")


async def test_f5_reads_anew(page, services):
    before = len(services.asked("page"))
    page.refresh()
    await until(lambda: len(services.asked("page")) == before + 1)
