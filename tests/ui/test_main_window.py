from __future__ import annotations

import asyncio
import time

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from app.domain.status import Notice, ProxyState, Severity
from app.ui.commands import Commands
from app.ui.layout import Layout
from app.ui.main_window import MainWindow
from app.ui.pages.detail.panel import TABS
from tests.fakes.services import FakeServices
from tests.ui.conftest import until


@pytest.fixture
def open_window(show, tasks, tmp_path):
    def open_window(services, width=1200, height=800):
        made = MainWindow(services, tasks, Commands(services, tasks), Layout(tmp_path / "layout.ini"))
        return show(made, width, height)

    return open_window


@pytest.fixture
async def window(open_window, services):
    made = open_window(services)
    yield made
    await until(lambda: all(dock.chart is not None or not dock.isVisible() for dock in made.charts.docks))


def shown_docks(window):
    return [dock.entry.name for dock in window.charts.docks if dock.isVisible()]


async def drawn(window):
    await until(lambda: all(dock.chart is not None for dock in window.charts.docks if dock.isVisible()))
    await asyncio.sleep(0.05)


async def test_the_first_start_leads_to_the_welcome(open_window):
    assert open_window(FakeServices.empty()).current.name == "welcome"


async def test_the_charts_fill_the_live_page_two_by_two(window):
    assert window.current.name == "live"
    assert shown_docks(window) == ["tokens", "latency", "cost", "flights"]
    await asyncio.sleep(0.05)
    boxes = {dock.entry.name: dock.geometry() for dock in window.charts.docks}
    widths, heights = ({getattr(box, side)() for box in boxes.values()} for side in ("width", "height"))
    assert max(widths) - min(widths) <= 8
    assert max(heights) - min(heights) <= 8
    assert boxes["tokens"].y() == boxes["latency"].y() < boxes["cost"].y() == boxes["flights"].y()
    assert window.current.table.height() > 120


async def test_no_chart_is_beside_another_page_until_it_is_wanted_and_comes_back_there(window):
    window.go("history")
    assert shown_docks(window) == []
    window.charts.docks[0].show()
    window.go("live")
    assert len(shown_docks(window)) == 4
    window.charts.docks[3].hide()
    window.go("history")
    assert shown_docks(window) == ["tokens"]
    window.go("live")
    assert shown_docks(window) == ["tokens", "latency", "cost"]
    window.reset_docks()
    assert len(shown_docks(window)) == 4


async def test_everything_comes_back_at_the_next_start(open_window, services):
    window = open_window(services)
    window.go("history")
    window.charts.docks[1].show()
    window.charts.span.use(900)
    await drawn(window)
    window.hide()
    again = open_window(services)
    assert again.current.name == "history"
    assert shown_docks(again) == ["latency"]
    assert again.charts.span.window_s == 900
    await drawn(again)


async def test_floating_docks_hide_with_the_window_and_come_back(window):
    await drawn(window)
    dock = window.charts.docks[2]
    dock.setFloating(True)
    QApplication.processEvents()
    window.hide()
    assert not dock.isVisible()
    assert window.charts.driver.resting or not window.charts.driver._turn()
    window.show()
    assert dock.isVisible()
    assert dock.isFloating()


async def test_pages_are_made_when_first_shown(window):
    assert set(window._frames) == {"live"}
    window.go("providers")
    assert set(window._frames) == {"live", "providers"}
    window.go("nowhere")
    assert window.current.name == "providers"


async def test_the_other_pages_are_made_while_nothing_else_happens(window):
    await drawn(window)
    steps = sum(1 for _ in window._others())
    assert steps > 3 * len(window.rail_pages)
    assert set(window._frames) == {page.name for page in window.rail_pages}
    assert window.current.name == "live"
    assert window._ahead._turn.isActive()
    window.hide()
    assert not window._ahead._turn.isActive()


@pytest.mark.parametrize("steps", range(1, 9))
async def test_whoever_comes_to_a_page_that_is_half_made_finds_it_whole(window, services, steps):
    others = window._others()
    for _ in range(steps):
        next(others)
    assert set(window._pages) == {"live", "history"}
    assert set(window._frames) == {"live"}
    window.go("history", services.insight.rows[3].id)
    page = window.current
    await until(lambda: page.detail.exchange_id == services.insight.rows[3].id)
    assert page.table.isVisible()
    assert page.feed.model.rowCount() > 3
    assert page.detail.tabs.count() == len(TABS)
    next(others)
    assert window.page("history") is page
    assert sum(1 for _ in others) > 3
    assert window.current is page


async def test_nothing_is_shown_by_itself_while_pages_are_made(window, qapp):
    await drawn(window)
    watch = _Windows(qapp)
    for page in window._classes:
        window.page(page.name)
    assert watch.shown == []


class _Windows(QObject):
    """What is shown as a window of its own: on the screen for a moment, and dear."""

    def __init__(self, app):
        super().__init__(app)
        self.shown = []
        app.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


@pytest.mark.timed
@pytest.mark.parametrize("name", ["live", "history", "providers", "routes", "keys", "budgets", "settings"])
async def test_no_part_of_a_page_takes_long(window, name):
    kind = next(page for page in window._classes if page.name == name)
    costs = []
    for _ in range(2):  # the first one may find things that nobody wanted before
        page = kind(window._services, window._tasks)
        costs.append(list(_parts_ms(page)))
        page.deleteLater()
    assert max(costs[1]) < 20, costs


def _parts_ms(page):
    more = True
    while more:
        begun_s = time.thread_time()
        more = page.make_part()
        yield round(1000 * (time.thread_time() - begun_s), 1)


async def test_pages_lead_to_each_other(window, services):
    seen = []
    window.page("history").arrive = seen.append
    window.current.go_to.emit("history", services.insight.rows[3].id)
    assert window.current.name == "history"
    assert seen == [services.insight.rows[3].id]
    window.go("live")
    window.charts.open_exchange.emit("abc")
    assert seen[-1] == "abc"
    assert window.rail._group.checkedId() == 1


async def test_every_page_has_its_keys(window, qtbot):
    keys = {key.toString() for action in actions(window) for key in action.shortcuts()}
    assert {"Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+E", "Ctrl+,", "Ctrl+Q", "F5", "Ctrl+F"} <= keys
    assert len(keys) == len([key for action in actions(window) for key in action.shortcuts()])
    find(window, "Ctrl+2").trigger()
    assert window.current.name == "history"
    find(window, QKeySequence(QKeySequence.StandardKey.Find).toString()).trigger()
    assert window.current.focusWidget() is not None


def actions(window):
    menus = [action.menu() for action in window.menuBar().actions()]
    while menus:
        for action in menus.pop().actions():
            yield action
            if action.menu():
                menus.append(action.menu())


def find(window, key):
    return next(action for action in actions(window) if key in [one.toString() for one in action.shortcuts()])


async def test_bars_follow_the_status_while_they_are_seen(window, services):
    services.status.set(proxy=ProxyState.PAUSED, notices=(Notice("x", Severity.INFO, "News"),))
    assert window.state_line.state.text() == "❙❙ Paused"
    assert window.notices.isVisible()
    window.hide()
    services.status.set(proxy=ProxyState.RUNNING, notices=())
    assert window.state_line.state.text() == "❙❙ Paused"
    window.show()
    assert window.state_line.state.text() == "● Running"


async def test_what_failed_is_told(window, tasks):
    tasks.failed.emit("Could not switch to Ollama: no space left")
    assert window.notices.shown[0].text == "Could not switch to Ollama: no space left"


async def test_closing_is_only_a_wish(window, qtbot):
    with qtbot.waitSignal(window.closing):
        window.close()
    assert window.isVisible()
    window.may_close = True
    window.close()
    assert not window.isVisible()


@pytest.mark.parametrize("page", ["live", "history", "providers", "routes", "settings", "welcome"])
async def test_every_control_is_named(window, page):
    window.go(page)
    await drawn(window)
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            named = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton | QLabel) else "")
            buddies = [label for label in window.findChildren(QLabel) if label.buddy() is widget]
            assert named or buddies or _part_of_another(widget), widget


async def test_every_text_is_plain(window):
    await drawn(window)
    for label in window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text(), label.text()


def _part_of_another(widget):
    """Qt's own parts (a spin box's field, a text's viewport) speak through what they are part of."""
    return widget.objectName().startswith("qt_") or widget.parentWidget().accessibleName()


async def test_tab_reaches_everything_and_comes_round(window):
    window.go("live")
    await drawn(window)
    seen, widget = [], window.current
    for _ in range(200):
        widget = widget.nextInFocusChain()
        if widget is window.current:
            break
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen.append(widget)
    assert window.current.table in seen
    assert all(dock.chart.plot in seen for dock in window.charts.docks)


async def test_switching_pages_is_quick(window):
    for name in ("history", "live"):
        window.go(name)
    await drawn(window)
    costs = []
    for name in ("history", "live") * 5:
        begun = time.perf_counter()
        window.go(name)
        costs.append(time.perf_counter() - begun)
        QApplication.processEvents()
    assert min(costs) < 0.02


async def test_no_page_makes_the_window_grow(open_window, services):
    window = open_window(services)
    window.go("settings")
    window.resize(1, 1)
    QApplication.processEvents()
    least = window.size()
    for page in window._classes:
        window.go(page.name)
        await drawn(window)
        QApplication.processEvents()
        assert window.size() == least, page.name


async def test_docks_that_come_back_into_a_small_window_are_laid_out(open_window, services):
    window = open_window(services)
    for dock in window.charts.docks:
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)  # higher than the window will be
    await drawn(window)
    window.go("settings")
    window.resize(1, 1)
    QApplication.processEvents()
    before = window.height()
    window.go("live")
    await drawn(window)
    QApplication.processEvents()
    assert window.height() >= before
    assert window.state_line.geometry().bottom() == window.rect().bottom()
    for dock in window.charts.docks:
        assert dock.geometry().bottom() < window.state_line.y(), dock.objectName()
