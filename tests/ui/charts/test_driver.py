from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.ui.charts import driver as module
from app.ui.charts.driver import ChartDriver, really_visible


class FakeChart:
    """Counts its drawings; `state` is how it looks."""

    def __init__(self, widget, clock=None, cost_s=0.0):
        self.widget, self.state, self.drawn = widget, 0, 0
        self._clock, self._cost_s = clock, cost_s

    def canvas(self):
        return self.widget

    def looks(self):
        return self.state

    def draw(self):
        self.drawn += 1
        if self._clock:
            self._clock.now += self._cost_s


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(module, "PERIOD_MS", 8)


async def turns(driver, number=6):
    """So many of its turns."""
    await asyncio.sleep(0.008 * number + 0.02)


async def test_only_what_changed_is_drawn(show, quick):
    chart, driver = FakeChart(show(QWidget())), ChartDriver()
    driver.add(chart)
    await turns(driver)
    assert chart.drawn == 1
    await turns(driver)
    assert chart.drawn == 1
    chart.state += 1
    await turns(driver)
    assert chart.drawn == 2


async def test_a_busy_chart_is_drawn_at_most_once_a_period(show):
    chart, driver = FakeChart(show(QWidget())), ChartDriver()
    driver.add(chart)

    class Always:
        def __eq__(self, other):
            return False

        __hash__ = None

    chart.state = Always()
    await asyncio.sleep(1.0)
    assert 3 <= chart.drawn <= 5  # four a second, and one where the timer is coarse


async def test_one_chart_a_turn(show, quick):
    charts, driver = [FakeChart(show(QWidget())) for _ in range(4)], ChartDriver()
    drawn = []
    for number, chart in enumerate(charts):
        chart.draw = lambda number=number: drawn.append(number)
        driver.add(chart)
    for _ in range(8):
        for chart in charts:
            chart.state += 1
        before = len(drawn)
        driver._turn()
        assert len(drawn) <= before + 1
    assert set(drawn) == {0, 1, 2, 3}


async def test_a_hidden_chart_is_not_drawn_and_no_timer_runs(show, quick):
    chart, driver = FakeChart(show(QWidget())), ChartDriver()
    driver.add(chart)
    await turns(driver)
    chart.widget.hide()
    await turns(driver)
    assert driver.resting
    chart.state += 1
    await turns(driver)
    assert chart.drawn == 1
    chart.widget.show()
    await turns(driver)
    assert chart.drawn == 2
    assert not driver.resting


async def test_an_expensive_chart_takes_a_tenth_of_the_time(show, quick):
    clock = Clock()
    clock.now = 100.0
    chart = FakeChart(show(QWidget()), clock, cost_s=0.2)
    driver = ChartDriver(clock_s=clock)
    driver.add(chart)
    await turns(driver)
    assert chart.drawn == 1
    chart.state += 1
    clock.now += 1.0
    await turns(driver)
    assert chart.drawn == 1
    clock.now += 1.1
    await turns(driver)
    assert chart.drawn == 2


async def test_colors_are_redrawn_at_once(show, quick):
    chart, driver = FakeChart(show(QWidget())), ChartDriver()
    driver.add(chart)
    await turns(driver)
    driver.redraw(chart)
    await turns(driver)
    assert chart.drawn == 2
    driver.remove(chart)
    driver.redraw(chart)
    await turns(driver)
    assert chart.drawn == 2


async def test_a_dock_behind_another_tab_is_not_visible(show):
    window = QMainWindow()
    docks = [QDockWidget(name, window) for name in "ab"]
    for dock in docks:
        dock.setWidget(QWidget())
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.tabifyDockWidget(*docks)
    show(window)
    await asyncio.sleep(0.05)
    docks[0].raise_()
    await asyncio.sleep(0.05)
    assert really_visible(docks[0].widget())
    assert not really_visible(docks[1].widget())
