from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton

from app.domain.exchange import State
from app.ui.pages.detail.panel import TABS, DetailPanel
from tests.fakes import sample
from tests.fakes.conversations import agent_detail
from tests.ui.conftest import until

ROW = sample.rows(9)[4]


@pytest.fixture
def panel(show, services, tasks):
    return show(DetailPanel(services, tasks), 620, 700)


def button(panel, name):
    return next(one for one in panel.findChildren(QToolButton) if one.accessibleName() == name)


async def test_the_head_says_what_happened_with_figures_and_units(panel):
    panel.show_detail(agent_detail(ROW))
    assert panel.state.text() == "Done"
    assert panel.target.whole == "Anthropic › claude-opus-4-8 → claude-sonnet-4-8"
    shown = {name: figure.value.text().replace("\u00a0", " ") for name, figure in panel.figures.figures.items()}
    assert shown["In (tokens)"] == "52.4 k"
    assert shown["Cost"] == "$0.038"
    assert panel.figures.figures["Cost"].toolTip().startswith("$0.0378225")
    assert not panel.error.isVisible()


async def test_a_failure_is_told_in_words(panel):
    row = replace(ROW, state=State.FAILED, client_status=529, error="<b>Overloaded</b>\nlater")
    panel.show_detail(replace(agent_detail(row), row=row))
    assert panel.error.isVisible()
    assert panel.error.text() == "Failed (529): <b>Overloaded</b> later"
    assert panel.state.text() == "Failed 529"


async def test_only_the_tab_in_front_does_any_work(panel):
    panel.show_detail(agent_detail(ROW))
    first, second = panel.tabs.widget(0), panel.tabs.widget(1)
    await until(first.text.edit.toPlainText)
    assert second._detail is None
    panel.tabs.setCurrentIndex(1)
    await until(second.text.edit.toPlainText)
    assert panel.tabs.count() == len(TABS)


async def test_every_tab_shows_every_exchange(panel):
    for state in State:
        row = replace(ROW, state=state, cost=None, first_token_ms=None, duration_ms=None)
        panel.show_detail(replace(agent_detail(row), row=row, timeline=(), attempts=()))
        for place in range(panel.tabs.count()):
            panel.tabs.setCurrentIndex(place)
    await until(lambda: not panel._tasks.running(panel.tabs.widget(0)))


async def test_id_and_command_go_to_the_clipboard(panel, services, qtbot):
    row = services.insight.rows[4]
    panel.show_detail(agent_detail(row))
    qtbot.mouseClick(button(panel, "Copy the id"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == row.id
    qtbot.mouseClick(button(panel, "Copy as a curl command, without the key"), Qt.MouseButton.LeftButton)
    await until(lambda: QGuiApplication.clipboard().text().startswith("curl "))
    assert "http://127.0.0.1:8082/v1/messages" in QGuiApplication.clipboard().text()


async def test_escape_and_the_cross_close(panel, qtbot):
    panel.show_detail(agent_detail(ROW))
    with qtbot.waitSignal(panel.closed):
        qtbot.mouseClick(button(panel, "Close"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.closed):
        qtbot.keyClick(panel.tabs, Qt.Key.Key_Escape)


async def test_forgetting_leaves_no_body_behind(panel):
    panel.show_detail(agent_detail(ROW))
    for place in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(place)
    panel.forget()
    assert panel.exchange_id == ""
    views = [panel.tabs.widget(place).text for place in range(3)]
    await until(lambda: not any(view.edit.toPlainText() for view in views))
