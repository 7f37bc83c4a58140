from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.domain.settings import Theme
from app.ui import theme
from app.ui.models.ways import Kind, Stop, Way
from app.ui.widgets.way_view import HEADING, WayView, height_of

STOP = Stop("Ollama", "qwen3-coder:30b", 2, 1, "circle", "ok", "ok", lit=True)
REST = Stop("OpenAI", "gpt", 1, 2, "timer-sand", "warning", "resting", "rests until 14:05: limited", skipped=True)
WAYS = (
    Way(Kind.HEADING, "rules", "Rules", "the first that fits counts"),
    Way(Kind.RULE, "0", "Long", "over 5 tokens and much else that is long", (STOP, REST), "then the rest"),
    Way(Kind.RULE, "1", "Off", "never", (replace(REST, lit=False),), on=False),
    Way(Kind.TIER, "big", "Big", "Opus", (STOP,)),
)


@pytest.fixture
def view(show):
    made = WayView("Where requests go")
    made.ways.set_ways(WAYS)
    show(made, 620, 420)
    made.setFocus()
    return made


def test_a_line_is_as_high_as_its_targets(view):
    assert height_of(WAYS[0]) == HEADING
    assert height_of(WAYS[1]) > height_of(WAYS[2]) > height_of(WAYS[3])
    assert [view.visualRect(view.ways.index(row)).height() for row in range(4)] == [height_of(way) for way in WAYS]


def test_the_keyboard_walks_over_headings_and_opens(view, qtbot):
    view.setCurrentIndex(view.ways.index(1))
    with qtbot.waitSignal(view.chosen) as caught:
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert caught.args == [Kind.RULE, "1"]
    with qtbot.waitSignal(view.opened) as caught:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert caught.args == [Kind.RULE, "1"]


def test_the_selection_stays_with_its_way(view):
    view.setCurrentIndex(view.ways.index(2))
    view.ways.set_ways(WAYS[:1] + WAYS[2:])
    assert view.ways.way(view.currentIndex().row()).title == "Off"


def test_cords_bear_the_color_of_where_they_lead(view, themes):
    for wanted in (Theme.LIGHT, Theme.DARK):
        themes.use(wanted)
        QApplication.processEvents()
        picture = view.viewport().grab().toImage()
        left = view.visualRect(view.ways.index(3))
        inks = {picture.pixelColor(x, left.top() + 18).name() for x in range(190, 240)}
        assert theme.series(2).name() in inks
        inks = {picture.pixelColor(x, y).name() for x in range(620) for y in range(240)}
        assert {theme.color(role).name() for role in ("text", "muted", "warning", "ok")} <= inks


def test_painting_many_ways_does_not_hold_the_loop(view):
    view.ways.set_ways(tuple(replace(WAYS[1], key=str(at), stops=(STOP, REST) * 2) for at in range(200)))
    QApplication.processEvents()
    costs = []
    for _ in range(8):
        begun = time.thread_time()
        view.viewport().repaint()
        costs.append(time.thread_time() - begun)
    assert min(costs) < 0.008
