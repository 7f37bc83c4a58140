from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QListView

from app.domain.settings import Theme
from app.ui import theme
from app.ui.models.columns import COLUMNS
from app.ui.models.exchanges import ExchangeModel
from app.ui.widgets.cell import CELL_ROLE, Cell, CellDelegate
from app.ui.widgets.dot import dot
from app.ui.widgets.padded import PaddedDelegate
from app.ui.widgets.table import Table
from tests.fakes import sample


class Cells(QAbstractListModel):
    def __init__(self, cells):
        super().__init__()
        self.cells = cells

    def rowCount(self, parent=QModelIndex()):  # noqa: B008
        return len(self.cells)

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        if role == CELL_ROLE:
            return self.cells[index.row()]
        return "by the style" if role == Qt.ItemDataRole.DisplayRole else None


@pytest.fixture
def listing(show):
    view = QListView()
    model = Cells([Cell("left", "error"), Cell("1,234", right=True), Cell("m", mark=dot(2)), Cell("<b>W</b>"), None])
    model.setParent(view)
    view.setModel(model)
    view.setItemDelegate(CellDelegate(view))
    return show(view, 300, 200)


def columns(view, row, color):
    """The first and last column of pixels of that color in a row."""
    place = view.visualRect(view.model().index(row))
    picture = view.viewport().grab().toImage()
    found = [
        x
        for x in range(place.left(), place.right())
        if any(picture.pixelColor(x, y).name() == color for y in range(place.top(), place.bottom()))
    ]
    return (found[0], found[-1]) if found else None


def test_words_stand_left_and_figures_right_in_the_color_of_their_role(listing):
    assert columns(listing, 0, theme.color("error").name())[0] < 20
    assert columns(listing, 1, theme.color("text").name())[1] > 270
    assert columns(listing, 2, theme.series(2).name())[0] < 20
    assert columns(listing, 4, theme.color("text").name()) is not None


def test_foreign_text_is_drawn_as_it_is(listing):
    literal = columns(listing, 3, theme.color("text").name())
    listing.model().cells[3] = Cell("W")
    listing.viewport().update()
    assert literal[1] > columns(listing, 3, theme.color("text").name())[1] + 20


def test_colors_and_marks_follow_the_theme(listing, themes):
    themes.use(Theme.DARK)
    QApplication.processEvents()
    assert columns(listing, 0, theme.color("error").name()) is not None
    assert columns(listing, 2, theme.series(2).name()) is not None


def test_text_that_is_too_long_is_cut_in_its_middle(listing):
    listing.model().cells[0] = Cell("x" * 400, "error")
    listing.viewport().update()
    listing.grab()
    shown = [made[0].text() for made in listing.itemDelegate()._texts.values()]
    assert any("…" in text and text.startswith("x") and text.endswith("x") for text in shown)


def test_a_window_full_of_cells_takes_a_fraction_of_the_styles_own_time(show):
    table = Table("History", [column.width for column in COLUMNS])
    model = ExchangeModel(lambda: sample.NOW_US, lambda: None)
    model.setParent(table)
    table.setModel(model)
    table.set_up(4)
    model.set_rows(sample.rows(100), complete=True)
    show(table, 1200, 700)
    by_hand = best_s(table)
    table.setItemDelegate(PaddedDelegate(table))
    assert by_hand < 0.6 * best_s(table)


def best_s(table):
    """The shortest of some paints: how busy the machine is must not decide."""
    took = []
    for _ in range(6):
        start = time.thread_time()
        table.viewport().repaint()
        took.append(time.thread_time() - start)
    return min(took)
