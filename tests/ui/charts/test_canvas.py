from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPicture, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.ui.charts.canvas import Canvas


@pytest.fixture
def canvas(show):
    made = show(Canvas())
    made.frame(0, 100, 0, 10)
    return made


def test_the_ends_of_an_axis_have_room_for_their_labels(canvas):
    canvas.ticks("left", [(0, "0"), (5, "5"), (10, "10")])
    QApplication.processEvents()
    axis = canvas.getPlotItem().getAxis("left")
    picture = QPicture()
    painter = QPainter(picture)
    drawn = [text for _, _, text in axis.generateDrawSpecs(painter)[2]]
    painter.end()
    assert drawn == ["0", "5", "10"]


def test_a_low_plot_has_fewer_marks(canvas):
    every = [(float(number), str(number)) for number in range(5)]
    canvas.ticks("left", every)
    assert canvas._ticks["left"] == every
    canvas.resize(600, 26 + 50)
    canvas.ticks("left", every)
    assert [text for _, text in canvas._ticks["left"]] == ["0", "2", "4"]


def test_neither_mouse_nor_wheel_moves_the_plot(canvas, qtbot):
    before = canvas.getPlotItem().vb.viewRange()
    middle = canvas.viewport().rect().center()
    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(canvas.viewport(), middle * 0.5)
    qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle * 0.5)
    at, nothing = QPointF(middle), QPointF().toPoint()
    buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(at, at, nothing, QPointF(0, 120).toPoint(), buttons, modifiers, phase, False)
    QApplication.sendEvent(canvas.viewport(), wheel)
    assert canvas.getPlotItem().vb.viewRange() == before
    assert not wheel.isAccepted()


def test_a_click_tells_where(canvas, qtbot):
    heard = []
    canvas.clicked.connect(lambda x, y: heard.append((round(x), round(y))))
    place = canvas.mapFromScene(canvas.getPlotItem().vb.mapViewToScene(QPointF(50, 5)))
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard == [(50, 5)]


def test_it_is_reached_by_keyboard(canvas):
    assert canvas.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_words_stand_in_the_middle(canvas):
    canvas.say("No tokens in the last 5 min.")
    assert canvas._words.isVisible()
    assert abs(canvas._words.geometry().center().x() - (56 + canvas.width()) // 2) <= 2
    canvas.say("")
    assert not canvas._words.isVisible()
