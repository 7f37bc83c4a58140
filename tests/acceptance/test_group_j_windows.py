"""Group J, offscreen: what others say is text in every window and menu, of any size, and floods are few messages."""

from __future__ import annotations

import asyncio
import math
import time

import pytest
from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import QLabel, QSystemTrayIcon, QWidget

from app.domain.measure import Flight, Latency, Meter
from app.domain.status import Notice, Severity
from app.ui.announcer import Announcer
from app.ui.charts import CHARTS
from app.ui.commands import Commands
from app.ui.layout import Layout
from app.ui.main_window import MainWindow
from app.ui.tray import Tray
from app.ui.widgets.text_pages import PAGE_BYTES
from app.ui.widgets.text_view import TextView
from tests.fakes.services import FakeServices
from tests.ui.charts.conftest import NOW_S, make, moment  # noqa: F401 (fixtures)
from tests.ui.conftest import clipboard, collected_here, show, tasks, themes, until  # noqa: F401 (fixtures)
from tests.ui.test_plain_text import PROBE, check_all, port, services  # noqa: F401 (fixtures)


async def test_j01_j03_the_whole_window_shows_foreign_text_as_text(show, services, tasks, port, tmp_path):  # noqa: F811
    window = show(MainWindow(services, tasks, Commands(services, tasks), Layout(tmp_path / "layout.ini")), 1300, 900)
    for page in ("history", "providers", "settings", "live"):
        window.go(page)
        await asyncio.sleep(0.05)
    await until(lambda: all(dock.chart is not None for dock in window.charts.docks if dock.isVisible()))
    await asyncio.sleep(0.1)
    window.grab()
    assert check_all(window) > 5
    for label in window.findChildren(QLabel):
        if Qt.mightBeRichText(label.text()):
            assert label.textFormat() is Qt.TextFormat.PlainText
    for action in window.findChildren(QAction):
        assert "<img" not in action.toolTip()
        assert "<img" not in action.statusTip()
    for widget in window.findChildren(QWidget):
        assert "<img" not in widget.whatsThis()
        assert "<img" not in widget.statusTip()


async def test_j01_the_tray_gives_no_markup_to_the_desktop(services, tasks, port, monkeypatch):  # noqa: F811
    told = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, *words: told.append(words))
    tray = Tray(Commands(services, tasks))
    tray.show_status(services.status.current)
    tray.place()
    tray.notify("<b>title</b>", services.status.current.notices[0].text)
    assert told
    assert not any(sign in word for sign in "<>&" for word in told[0][:2])
    assert PROBE in told[0][1]
    tray.remove()


@pytest.mark.timed
async def test_j05_an_answer_of_32_mib_is_there_at_once_page_by_page(show, tasks, qtbot):  # noqa: F811
    view = show(TextView(tasks, "Body"), 900, 700)
    text = "a line of an answer, as long as lines are\n" * (32 * 1024 * 1024 // 42)
    late = []
    loop = asyncio.get_running_loop()

    async def watch():
        while True:
            due = loop.time() + 0.01
            await asyncio.sleep(0.01)
            late.append(loop.time() - due)

    watching = loop.create_task(watch(), name="watch the loop")
    began = time.monotonic()
    filled = []
    view.filled.connect(lambda: filled.append(time.monotonic() - began))
    view.show_text(text)
    await until(lambda: bool(view.edit.toPlainText()))
    assert time.monotonic() - began < 0.3 * 2  # two cores that others use as well
    await until(lambda: bool(filled))
    assert 0 < len(view.edit.toPlainText().encode()) <= PAGE_BYTES
    shown = len(view.edit.toPlainText())
    qtbot.mouseClick(view._more, Qt.MouseButton.LeftButton)
    await until(lambda: len(filled) == 2)
    assert shown < len(view.edit.toPlainText()) <= 2 * PAGE_BYTES
    watching.cancel()
    await asyncio.wait([watching])
    assert max(late) < 0.2


VALUES = [math.nan, math.inf, -math.inf, 1e300, -1e300, 10**18, -1, 0]


@pytest.mark.parametrize("name", [entry.name for entry in CHARTS])
@pytest.mark.parametrize("value", VALUES)
async def test_j13_no_number_breaks_a_chart(make, name, value):  # noqa: F811
    meter = Meter()
    meter.begin(NOW_S - 5, Flight("a", "p", "m", NOW_S))
    for second in range(4):
        meter.tokens(NOW_S - 4 + second, value, value)
        meter.end(NOW_S - 4 + second, Latency(NOW_S - 4 + second, f"x{second}", "p", value, value, ok=True))
    services = FakeServices.empty()  # noqa: F811 (another one)
    services.insight.meter = meter
    chart = await make(name, services)
    began = time.thread_time()
    chart.draw()
    chart.plot.grab()
    assert time.thread_time() - began < 0.2
    for axis in chart.plot.getPlotItem().getViewBox().viewRange():
        assert all(map(math.isfinite, axis)), axis


def test_j14_a_thousand_errors_in_ten_seconds_are_five_messages_at_most_with_a_count():
    now = [0.0]
    announcer = Announcer(lambda: now[0])
    told = []
    for number in range(1000):
        now[0] = number / 100
        told += announcer.news((Notice(f"error-{number}", Severity.ERROR, "It fails"),), seen=False)
    assert 1 <= len(told) <= 5
    now[0] = 10.5
    told += announcer.news((), seen=False)
    assert any("more error" in one.text for one in told)
