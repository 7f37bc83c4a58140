from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from app.domain.exchange import Filter, State
from app.ui.dialogs.erase import EraseDialog
from app.ui.dialogs.export import ExportDialog
from app.ui.models.columns import COLUMNS
from app.ui.models.feed import PAGE_ROWS
from app.ui.pages.history import HistoryPage
from app.ui.style import ROW_HEIGHT
from app.ui.widgets.cell import CELL_ROLE
from tests.fakes import sample
from tests.fakes.services import FakeServices
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down


@pytest.fixture
async def page(show, services, tasks):
    made = show(HistoryPage(services, tasks), 1200, 700)
    made.feed._later.setInterval(10)
    made.filters._typing.setInterval(10)
    made._settle.setInterval(10)
    await until(made.feed.model.rowCount)
    return made


def shown(page):
    return page._stack.currentWidget()


def empty_button(page, text):
    buttons = page.empty.findChildren(QPushButton)
    return next(one for one in buttons if one.isVisible() and one.text().replace("&", "") == text)


async def test_it_opens_with_the_newest_page_and_the_sums(page, services):
    await until(page.totals.text.text)
    assert shown(page) is page.table
    assert page.feed.model.rowCount() == PAGE_ROWS
    assert page.totals.text.text().startswith("400 exchanges")
    assert page.detail.isHidden()
    assert page.shown_filter() == Filter()


async def test_typing_words_narrows_after_a_pause(page, services, qtbot):
    page.focus_search()
    qtbot.keyClicks(page.filters.search, "Overloaded")
    await until(lambda: {row.state for row in page.feed.model.rows} == {State.FAILED})
    assert services.asked("page")[-1][0] == Filter(search="Overloaded")
    assert len(services.asked("page")) == 2
    await until(lambda: "match" in page.totals.text.text())


async def test_nothing_matches_leads_back_to_everything(page, qtbot):
    page.filters.search.setText("flux capacitor")
    await until(lambda: shown(page) is page.empty)
    assert "Nothing matches" in page.empty._title.text()
    qtbot.mouseClick(empty_button(page, "Show everything"), Qt.MouseButton.LeftButton)
    await until(lambda: shown(page) is page.table)
    assert page.filters.search.text() == ""


async def test_a_first_start_leads_to_a_provider(show, tasks, qtbot):
    page = show(HistoryPage(FakeServices.empty(), tasks), 1200, 700)
    await until(lambda: shown(page) is page.empty)
    with qtbot.waitSignal(page.go_to) as caught:
        qtbot.mouseClick(empty_button(page, "Add a provider…"), Qt.MouseButton.LeftButton)
    assert caught.args == ["providers", "add"]


async def test_with_a_provider_an_empty_history_leads_to_a_client(show, services, tasks, qtbot):
    services.insight.rows = ()
    page = show(HistoryPage(services, tasks), 1200, 700)
    await until(lambda: shown(page) is page.empty)
    with qtbot.waitSignal(page.go_to) as caught:
        qtbot.mouseClick(empty_button(page, "Connect a client"), Qt.MouseButton.LeftButton)
    assert caught.args == ["settings", "client"]


async def test_a_history_that_cannot_be_read_says_so_and_tries_again(show, services, tasks, qtbot):
    page_of = services.insight.page

    async def broken(*_arguments, **_rest):
        raise OSError(5, "Input/output error")

    services.insight.page = broken
    page = show(HistoryPage(services, tasks), 1200, 700)
    await until(lambda: "could not be read" in page.empty._title.text())
    services.insight.page = page_of
    qtbot.mouseClick(empty_button(page, "Try again"), Qt.MouseButton.LeftButton)
    await until(lambda: shown(page) is page.table)


async def test_clicking_and_arrow_keys_show_the_detail_and_escape_closes_it(page, services, qtbot):
    place = page.table.visualRect(page.feed.model.index(2, 1)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await until(lambda: page.detail.exchange_id == page.feed.model.row(2).id)
    assert page.detail.isVisible()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    await until(lambda: page.detail.exchange_id == page.feed.model.row(3).id)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.keyClick(page.detail, Qt.Key.Key_Escape)
    assert page.detail.isHidden()
    assert page.detail.exchange_id == ""
    assert page.table.selected_rows() == []


async def test_beside_the_detail_the_table_does_without_what_it_repeats(page):
    page.table.selectRow(2)
    await until(page.detail.isVisible)
    hidden = {one.key for place, one in enumerate(COLUMNS) if page.table.isColumnHidden(place)}
    assert hidden == {"client", "first_token", "total"}
    page.detail.closed.emit()
    assert not any(page.table.isColumnHidden(place) for place in range(len(COLUMNS)))


async def test_holding_an_arrow_key_loads_only_where_it_stops(page, services, qtbot):
    page._settle.setInterval(80)
    page.table.selectRow(0)
    for _ in range(30):
        qtbot.keyClick(page.table, Qt.Key.Key_Down)
    await until(lambda: page.detail.exchange_id == page.feed.model.row(30).id)
    assert len(services.asked("detail")) == 1


async def test_the_focus_alone_opens_nothing(page):
    page.table.setFocus()
    QApplication.processEvents()
    page._load_detail()
    await asyncio.sleep(0.03)
    assert page.detail.isHidden()


async def test_new_exchanges_do_not_move_what_is_read(page, services, qtbot):
    bar = page.table.verticalScrollBar()
    bar.setValue(40 * ROW_HEIGHT)
    read = page.table.model().row(page.table.rowAt(1)).id
    newer = [
        replace(page.feed.model.row(0), id=f"f{at}", started_us=page.feed.model.row(0).started_us + 1 + at)
        for at in range(3)
    ]
    services.insight.grow(*reversed(newer))
    await until(page.totals.new.isVisible)
    assert page.totals.new.text() == "3 new"
    assert page.table.model().row(page.table.rowAt(1)).id == read
    qtbot.mouseClick(page.totals.new, Qt.MouseButton.LeftButton)
    assert bar.value() == 0
    assert page.totals.new.isHidden()


async def test_a_running_exchange_that_is_read_is_shown_to_its_end(page, services):
    page.table.selectRow(0)
    await until(lambda: page.detail.state.text() == "Running")
    first, *rest = services.insight.rows
    services.insight.rows = (replace(first, state=State.DONE, client_status=200, duration_ms=900), *rest)
    services.insight.grow()
    await until(lambda: page.detail.state.text() == "Done")


async def test_somebody_sent_here_sees_that_exchange_loaded_or_not(page, services):
    page.arrive(page.feed.model.row(7).id)
    await until(lambda: page.detail.exchange_id == page.feed.model.row(7).id)
    assert page.table.selected_rows() == [7]
    far = services.insight.rows[350].id
    page.arrive(far)
    await until(lambda: page.detail.exchange_id == far)
    assert page.table.selected_rows() == []
    page.arrive("nobody")
    await until(lambda: "no longer in the history" in page.totals.problem.text())


async def test_rows_are_copied_as_they_are_selected(page, qtbot):
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().count("\t") == len(COLUMNS) - 1
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QGuiApplication.clipboard().text().split("\n")) == 3


async def test_the_menu_of_a_row_narrows_to_what_it_is(page, services):
    row = page.feed.model.row(4)
    page.table.customContextMenuRequested.emit(page.table.visualRect(page.feed.model.index(4, 1)).center())
    menu = page.findChild(QMenu)
    assert menu.isVisible()
    next(one for one in menu.actions() if "session" in one.text()).trigger()
    menu.close()
    await until(lambda: {one.session_id for one in page.feed.model.rows} == {row.session_id})
    assert page.filters._session.isVisible()


async def test_one_comes_here_for_the_requests_of_a_key(page, services):
    services.insight.rows = tuple(
        replace(row, client_key="laptop" if at % 7 == 3 else "default") for at, row in enumerate(services.insight.rows)
    )
    page.arrive("key laptop")
    await until(lambda: {row.client_key for row in page.feed.model.rows} == {"laptop"})
    assert page.filters.key.text() == "laptop"
    page.filters.clear()
    await until(lambda: {row.client_key for row in page.feed.model.rows} == {"laptop", "default"})


async def test_export_takes_what_is_shown(page, tasks, qtbot):
    page.filters.narrow(provider="Ollama")
    qtbot.mouseClick(page.totals.export, Qt.MouseButton.LeftButton)
    dialog = page.findChild(ExportDialog)
    assert dialog._wanted == page.shown_filter() == Filter(providers=("Ollama",))
    take_down(dialog, tasks)


async def test_delete_takes_what_is_shown_and_shows_what_is_left(page, services, tasks):
    page.filters.narrow(provider="Ollama")
    await until(lambda: {row.provider for row in page.feed.model.rows} == {"Ollama"})
    said = []
    page.said.connect(said.append)
    page.totals.delete.click()
    (dialog,) = page.findChildren(EraseDialog)
    await until(dialog.action.isEnabled)
    assert dialog.narrowed.text() == "Only those of Ollama."
    dialog.action.click()
    await until(lambda: said)
    assert said[0].startswith("Deleted ")
    await until(lambda: not page.feed.model.rows)
    assert services.insight.rows
    take_down(dialog, tasks)


async def test_a_custom_time_range_is_asked_for(page, services):
    from app.ui.dialogs.period import PeriodDialog

    page.filters.period.custom_wanted.emit()
    dialog = page.findChild(PeriodDialog)
    dialog.action.click()
    await until(lambda: services.asked("page")[-1][0].since_us > 0)


async def test_widths_and_splitter_come_back_and_rubbish_does_no_harm(page, show, services, tasks):
    page.table.setColumnWidth(0, 177)
    page.table.selectRow(1)
    await until(page.detail.isVisible)
    page._splitter.setSizes([500, 700])
    state = page.save_layout()
    sizes = page._splitter.sizes()
    other = show(HistoryPage(services, tasks), 1200, 700)
    await until(other.feed.model.rowCount)
    rubbish = [b"", b"\xff", b"[]", b"{}", json.dumps({"version": 9, "table": "00", "splitter": "00"}).encode()]
    for broken in (*rubbish, state.replace(b'"version": 1', b'"version": 99')):
        other.restore_layout(broken)
    assert other.table.columnWidth(0) == COLUMNS[0].width
    other.restore_layout(state)
    assert other.table.columnWidth(0) == 177
    other.table.selectRow(1)
    await until(other.detail.isVisible)
    assert abs(other._splitter.sizes()[0] - sizes[0]) <= 2


async def test_hidden_it_rests_and_shown_it_catches_up(page, services):
    page.hide()
    assert not page._tick.isActive()
    asked = len(services.asked("page"))
    services.insight.grow(replace(page.feed.model.row(0), id="ffff", started_us=page.feed.model.row(0).started_us + 1))
    await asyncio.sleep(0.03)
    assert len(services.asked("page")) == asked
    page.show()
    await until(lambda: page.feed.model.row(0).id == "ffff")
    assert page._tick.isActive()


async def test_colors_follow_the_providers(page, services):
    place = next(at for at, one in enumerate(COLUMNS) if one.key == "provider")
    before = page.feed.model.index(0, place).data(CELL_ROLE).mark.pixmap(16).toImage()
    changed = tuple(replace(one, color=5) for one in services.status.current.providers)
    services.status.set(providers=changed)
    after = page.feed.model.index(0, place).data(CELL_ROLE).mark.pixmap(16).toImage()
    assert before != after


async def test_a_page_that_is_gone_hears_nothing_more(show, services, tasks):
    import shiboken6

    listeners = len(services.status.listeners), len(services.insight.listeners)
    page = HistoryPage(services, tasks)
    page.complete()
    shiboken6.delete(page)
    assert (len(services.status.listeners), len(services.insight.listeners)) == listeners


async def test_a_hundred_thousand_rows_open_with_one_page(show, services, tasks, monkeypatch):
    newest = sample.rows(1)[0]
    rows = tuple(replace(newest, id=f"{at:032x}", started_us=newest.started_us - at) for at in range(100_000))

    async def page_of(wanted, *, limit=200, before=None):
        await services.insight._read("page", wanted, limit, before)
        start = 0 if before is None else newest.started_us - before[0] + 1
        return rows[start : start + limit]

    monkeypatch.setattr(services.insight, "page", page_of)
    page = show(HistoryPage(services, tasks), 1200, 700)
    await until(page.feed.model.rowCount)
    assert services.asked("page") == [(Filter(), PAGE_ROWS, None)]
    bar = page.table.verticalScrollBar()
    for pages in range(2, 6):
        bar.setValue(bar.maximum())
        await until(lambda pages=pages: page.feed.model.rowCount() == pages * PAGE_ROWS)
    assert [row.id for row in page.feed.model.rows] == [row.id for row in rows[: 5 * PAGE_ROWS]]
