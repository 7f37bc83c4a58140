"""What all four charts do: draw believable data and none, read at the cursor, speak, follow the theme, stay quick."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.domain.measure import Flight, Latency, Meter
from app.domain.settings import Theme
from app.ui import theme
from app.ui.charts import CHARTS
from tests.fakes.services import FakeServices
from tests.ui.charts.conftest import NOW_S, picture

NAMES = pytest.mark.parametrize("name", [entry.name for entry in CHARTS])


@NAMES
async def test_it_draws_what_is_there_and_says_it_in_words(make, name):
    chart = await make(name)
    assert not chart.empty()
    assert chart.plot._words.isHidden()
    assert any(character.isdigit() for character in chart.describe())
    assert chart.plot.accessibleDescription() == chart.describe()
    values, _ = chart.read_at(None)
    assert any(values.values())
    assert len(set(picture(chart))) > 3


@NAMES
async def test_it_says_that_there_is_nothing(make, name):
    chart = await make(name, FakeServices.empty())
    assert chart.empty()
    assert chart.describe().startswith("No ")
    assert chart.plot._words.text() == chart.describe()
    assert chart.plot._words.isVisible()


@NAMES
@pytest.mark.parametrize("window_s", [300, 900, 3600])
async def test_a_redraw_is_quick(make, name, window_s, moment):
    chart = await make(name)
    chart._span.use(window_s)
    costs = []
    for _ in range(12):
        moment.past_s += 1
        begun = time.perf_counter()
        chart.draw()
        chart.canvas().repaint()
        costs.append(time.perf_counter() - begun)
    assert min(costs) < 0.02  # 3 to 5 ms on a machine that does nothing else; a thick pen takes 180


@NAMES
async def test_the_arrow_keys_read_one_moment_after_the_other(make, name, qtbot):
    chart = await make(name)
    qtbot.keyClick(chart.plot, Qt.Key.Key_Left)
    qtbot.keyClick(chart.plot, Qt.Key.Key_Left)
    first = chart.legend._moment.text()
    assert first
    assert chart.plot.cursor_line.isVisible()
    for _ in range(15):
        qtbot.keyClick(chart.plot, Qt.Key.Key_Left)
    assert chart.legend._moment.text() != first
    qtbot.keyClick(chart.plot, Qt.Key.Key_Escape)
    assert not chart.plot.cursor_line.isVisible()


@NAMES
async def test_the_mouse_reads_and_leaves(make, name, qtbot):
    chart = await make(name)
    middle = chart.canvas().rect().center()
    qtbot.mouseMove(chart.canvas(), middle)
    qtbot.mouseMove(chart.canvas(), middle + QPoint(5, 0))
    assert chart.legend._moment.text()
    QApplication.processEvents()
    chart.plot.pointed.emit(None)
    assert not chart.plot.cursor_line.isVisible()


@NAMES
async def test_it_follows_the_theme(make, name, themes):
    chart = await make(name)
    before = chart.looks()
    assert theme.colors().base in picture(chart)
    themes.use(Theme.DARK)
    QApplication.processEvents()
    assert chart.looks() != before
    chart.draw()
    dark = picture(chart)
    assert theme.colors().base in dark
    assert "#ffffff" not in dark


@NAMES
async def test_nothing_needs_drawing_while_nothing_happens(make, name, moment):
    services = FakeServices.lively()
    last = services.insight.meter.seconds[-1].at_s
    for number, flight in enumerate(list(services.insight.meter.flights)):
        services.insight.meter.end(last + 0.1 * number, Latency(last, flight, "Anthropic", 5, 9, True))
    chart = await make(name, services)
    moment.past_s = 301
    await asyncio.sleep(0)
    chart.draw()
    looks = chart.looks()
    for past_s in range(302, 400, 7):
        moment.past_s = past_s
        assert chart.looks() == looks


@pytest.mark.parametrize("name", ["tokens", "latency", "flights"])
async def test_the_edge_moves_while_a_request_runs(make, name, moment):
    services = FakeServices.lively()
    services.insight.meter.begin(NOW_S, Flight("z", "Anthropic", "m", NOW_S))
    chart = await make(name, services)
    before = chart.looks()
    moment.past_s += 1.0
    assert chart.looks() != before


@NAMES
@pytest.mark.timed
async def test_impossible_values_do_no_harm(make, name):
    meter = Meter()
    meter.begin(NOW_S - 5, Flight("a\u202e<b>", "<img src=x>", "m", NOW_S))
    meter.tokens(NOW_S - 4, 10**18, 10**18)
    meter.tokens(NOW_S - 3, -(10**18), -(10**18))
    for number in range(4000):
        meter.end(NOW_S - 2, Latency(NOW_S - 2, f"x{number}", "<b>", None, 0, False))
    meter.end(NOW_S - 1, Latency(NOW_S - 1, "y", "<b>", 0, 10**15, True))
    services = FakeServices.empty()
    services.insight.meter = meter
    chart = await make(name, services)
    begun = time.perf_counter()
    chart.draw()
    chart.canvas().repaint()
    assert time.perf_counter() - begun < 0.3
    (left, right), (low, high) = chart.plot.getPlotItem().vb.viewRange()
    assert np.isfinite([left, right, low, high]).all()
    chart.read_at(right - 2)
    chart.describe()
