from __future__ import annotations

from PySide6.QtCore import QObject

from app.ui.ahead import BETWEEN_MS, FIRST_MS, Ahead


async def test_pieces_are_run_one_a_turn_and_never_twice(qapp):
    owner, done = QObject(), []

    def pieces():
        for number in range(2):
            yield lambda number=number: done.append(number)

    made = Ahead(pieces, owner)
    made.start()
    assert made._turn.interval() == FIRST_MS
    made._next()
    assert done == [0]
    assert made._turn.interval() == BETWEEN_MS
    made.stop()
    assert not made._turn.isActive()
    made.start()
    made._next()
    made.stop()
    made._next()
    assert done == [0, 1]
    assert not made._turn.isActive()
