from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.ui.widgets.calm import CalmCombo, CalmSpin


def wheel(widget):
    at = QPointF(5, 5)
    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_scrolling_the_page_changes_no_setting(show):
    page = QWidget()
    layout = QVBoxLayout(page)
    spin, combo, other = CalmSpin(), CalmCombo(), CalmSpin()
    combo.addItems(["a", "b"])
    for widget in (other, spin, combo):
        layout.addWidget(widget)
    spin.setValue(5)
    show(page)
    other.setFocus()
    wheel(spin)
    wheel(combo)
    assert (spin.value(), combo.currentIndex()) == (5, 0)
    page.activateWindow()
    spin.setFocus()
    QApplication.processEvents()
    assert spin.hasFocus()
    wheel(spin)
    assert spin.value() == 4
    combo.setFocus()
    wheel(combo)
    assert combo.currentIndex() == 1
