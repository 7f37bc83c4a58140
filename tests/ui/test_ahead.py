from __future__ import annotations

from PySide6.QtCore import QObject

from app.ui import ahead
from app.ui.ahead import BETWEEN_MS, FIRST_MS, LATE_MS, Ahead


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def monotonic(self):
        return self.now_s


def test_steps_are_taken_one_a_turn_and_never_twice(qapp):
    owner, done = QObject(), []

    def work():
        for number in range(2):
            done.append(number)
            yield

    made = Ahead(work(), owner)
    made.start()
    assert done == []
    assert made._turn.interval() == FIRST_MS
    made._next()
    assert done == [0]
    assert made._turn.interval() == BETWEEN_MS
    made.stop()
    assert not made._turn.isActive()
    made.start()
    made._next()
    assert done == [0, 1]
    made.stop()
    made._next()
    made._next()
    assert done == [0, 1]
    assert not made._turn.isActive()


def test_a_busy_loop_is_left_alone(qapp, monkeypatch):
    clock, owner, done = Clock(), QObject(), []
    monkeypatch.setattr(ahead, "time", clock)

    def work():
        while True:
            done.append(clock.now_s)
            yield

    made = Ahead(work(), owner)
    made.start()
    clock.now_s += (FIRST_MS + LATE_MS + 1) / 1_000
    made._next()
    assert done == []
    assert made._turn.isActive()
    assert made._turn.interval() == FIRST_MS
    clock.now_s += FIRST_MS / 1_000
    made._next()
    assert len(done) == 1
    made.stop()
