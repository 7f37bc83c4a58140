from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QToolButton

from app.ui.charts import CHARTS, WINDOWS_S
from app.ui.charts.dock import ChartDocks, span_menu
from app.ui.charts.span import Span
from tests.ui.conftest import until


@pytest.fixture
def window(services, tasks, show):
    made = QMainWindow()
    made.charts = ChartDocks(services, tasks, made)
    for dock in made.charts.docks:
        made.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        dock.hide()
    return show(made, 1000, 700)


async def test_a_chart_is_made_when_its_dock_is_first_seen(window):
    docks = window.charts.docks
    assert [dock.chart for dock in docks] == [None] * len(CHARTS)
    docks[1].show()
    await until(lambda: docks[1].chart is not None)
    assert docks[0].chart is None
    await until(lambda: window.charts.driver.draws > 0)
    docks[0].show()
    await until(lambda: docks[0].chart is not None)


async def test_all_docks_share_one_window_of_time(window):
    for dock in window.charts.docks:
        dock.show()
    await until(lambda: all(dock.chart is not None for dock in window.charts.docks))
    window.charts.span.use(3600)
    assert {dock.chart.window_name for dock in window.charts.docks} == {"1 h"}


async def test_the_window_of_time_is_chosen_in_the_title(window, qtbot):
    window.charts.docks[0].show()
    button = window.charts.docks[0].titleBarWidget().findChild(QToolButton)
    assert (button.text(), button.accessibleName()) == ("5 min ▾", "Chart window, 5 min")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    menu.actions()[1].trigger()
    menu.close()
    assert button.text() == "15 min ▾"
    assert window.charts.span.window_s == 900


async def test_hidden_docks_cost_nothing(window):
    docks = window.charts.docks
    docks[0].show()
    await until(lambda: docks[0].chart is not None and window.charts.driver.draws > 0)
    docks[0].hide()
    await until(lambda: window.charts.driver.resting)


async def test_a_clicked_point_is_passed_on(window):
    heard = []
    window.charts.open_exchange.connect(heard.append)
    window.charts.docks[1].show()
    await until(lambda: window.charts.docks[1].chart is not None)
    window.charts.docks[1].chart.open_exchange.emit("abc")
    assert heard == ["abc"]


def test_the_choice_of_a_window_follows_itself(qapp):
    span = Span()
    one, two = span_menu(span, None), span_menu(span, None)
    assert [action.isChecked() for action in one.actions()] == [True, False, False]
    one.actions()[2].trigger()
    assert span.window_s == WINDOWS_S[2]
    assert [action.isChecked() for action in two.actions()] == [False, False, True]
    span.use(17)
    assert span.window_s == WINDOWS_S[2]


def test_every_button_of_a_dock_is_named(window):
    for dock in window.charts.docks:
        for button in dock.titleBarWidget().findChildren(QToolButton):
            assert button.accessibleName()


def test_the_window_does_not_import_numpy_or_pyqtgraph():
    code = "import app.ui.main_window, app.ui.pages, sys; app.ui.pages.load(); "
    code += "sys.exit('numpy' in sys.modules or 'pyqtgraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
