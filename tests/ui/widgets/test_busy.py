from __future__ import annotations

from PySide6.QtCore import Qt

from app.ui.widgets.busy import Busy


def test_it_says_what_is_waited_for_and_lets_one_out(show, qtbot):
    busy = show(Busy())
    busy.stop()
    assert busy.isHidden()
    busy.start("Waiting for the system keyring…")
    assert busy._text.text() == "Waiting for the system keyring…"
    assert (busy._bar.minimum(), busy._bar.maximum()) == (0, 0)
    with qtbot.waitSignal(busy.cancelled):
        qtbot.mouseClick(busy._cancel, Qt.MouseButton.LeftButton)


def test_progress_has_an_end_and_nothing_moves_once_it_is_over(show):
    busy = show(Busy())
    busy.start("Writing…")
    busy.progress(300, 1_200, "300 of 1,200")
    assert (busy._bar.value(), busy._bar.maximum()) == (300, 1_200)
    busy.progress(0, 0, "0 of 0")
    assert busy._bar.maximum() == 1
    busy.stop()
    assert busy._bar.maximum() == 1
    assert busy.isHidden()
