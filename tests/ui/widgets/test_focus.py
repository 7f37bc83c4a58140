"""Whoever walks with Tab must see where they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit, QListWidget, QTabWidget, QVBoxLayout, QWidget

from app.domain.settings import Theme
from app.ui.models.listed import Listed
from app.ui.models.providers import ProviderModel
from app.ui.models.ways import Kind, Stop, Way
from app.ui.widgets.padded import PaddedDelegate
from app.ui.widgets.provider_list import ProviderList
from app.ui.widgets.reorder_list import ReorderList
from app.ui.widgets.way_view import WayView

CLEARLY = 24


def _reorder():
    made = ReorderList("Things")
    made.rows.set_rows((Listed("a", "A"),))
    made.select(0)
    return made


def _ways():
    made = WayView("Ways")
    stop = Stop("A", "m", 0, 1, "circle", "ok", "ok")
    made.ways.set_ways((Way(Kind.HEADING, "", "Heading"), Way(Kind.TIER, "big", "Big", "", (stop,))))
    return made


def _presets():
    made = QListWidget()
    made.setItemDelegate(PaddedDelegate(made))
    made.addItem("Anthropic")
    made.setCurrentRow(0)
    return made


def _tabs():
    made = QTabWidget()
    made.setDocumentMode(True)
    made.addTab(QWidget(), "Order")
    return made


def _changed(before: QImage, after: QImage) -> int:
    """How many pixels are clearly of another color than before."""
    spots = ((x, y) for x in range(after.width()) for y in range(after.height()))
    return sum(_far(before.pixelColor(x, y), after.pixelColor(x, y)) for x, y in spots)


def _far(one, other):
    pairs = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    return any(abs(a - b) >= CLEARLY for a, b in pairs)


def _seen(widget: QWidget, show, qtbot) -> bool:
    """Whether it changes when the focus comes from elsewhere."""
    holder, elsewhere = QWidget(), QLineEdit()
    column = QVBoxLayout(holder)
    column.addWidget(elsewhere)
    column.addWidget(widget)
    show(holder, 300, 240)
    elsewhere.setFocus()
    without = widget.grab().toImage()
    qtbot.keyClick(elsewhere, Qt.Key.Key_Tab)
    return _changed(without, widget.grab().toImage()) > 100


@pytest.mark.parametrize("wanted", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("make", [_reorder, _ways, _presets, _tabs])
def test_the_focus_is_seen(themes, show, qtbot, make, wanted):
    themes.use(wanted)
    assert _seen(make(), show, qtbot)


def test_so_it_is_in_the_list_of_providers(themes, show, qtbot, services):
    themes.use(Theme.LIGHT)
    listing, model = ProviderList(), ProviderModel()
    model.setParent(listing)
    model.set_providers(services.status.current.providers)
    listing.setModel(model)
    listing.setCurrentIndex(model.index(0))
    assert _seen(listing, show, qtbot)
