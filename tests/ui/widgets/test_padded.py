from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListWidget, QTableView

from app.domain.provider import Tier
from app.ui.models.tier_models import TierModel
from app.ui.widgets.padded import PaddedDelegate, TickDelegate


def test_a_click_anywhere_in_the_cell_ticks_it(show, qtbot):
    table = QTableView()
    model = TierModel({Tier.BIG: ("opus",)}, ("haiku",))
    table.setModel(model)
    table.setItemDelegate(TickDelegate(table))
    show(table)
    cell = table.visualRect(model.index(1, 3))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell.topLeft() + cell.center() / 50)
    assert model.lists()[2] == ("haiku",)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    assert model.lists()[2] == ()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(model.index(1, 0)).center())
    assert model.lists() == (("opus",), (), (), ("haiku",))


def test_space_ticks_the_current_cell(show, qtbot):
    table = QTableView()
    model = TierModel({}, ("haiku",))
    table.setModel(model)
    table.setItemDelegate(TickDelegate(table))
    show(table)
    table.setCurrentIndex(model.index(0, 2))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert model.lists()[1] == ("haiku",)


def test_text_has_room_beside_it(show):
    listing = QListWidget()
    listing.addItem("W")
    listing.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its frame would be found before the text
    show(listing)
    plain = listing.viewport().grab().toImage()
    listing.setItemDelegate(PaddedDelegate(listing, left=40))
    QApplication.processEvents()
    padded = listing.viewport().grab().toImage()
    first = lambda image: next(x for x in range(120) if image.pixelColor(x, 9).lightness() < 128)
    assert first(padded) - first(plain) > 30
