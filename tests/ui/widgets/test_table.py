from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QApplication, QTableView

from app.ui.models.columns import COLUMNS
from app.ui.models.exchanges import ExchangeModel
from app.ui.style import GRID, MARGIN, ROW_HEIGHT
from app.ui.widgets.table import Table
from tests.fakes import sample

ROWS = sample.rows(300)
MODEL = next(place for place, column in enumerate(COLUMNS) if column.key == "model")


@pytest.fixture
def table(show):
    made = Table("History", [column.width for column in COLUMNS])
    model = ExchangeModel(lambda: sample.NOW_US, lambda: None)
    model.setParent(made)
    made.setModel(model)
    made.set_up(MODEL)
    model.set_rows(ROWS[20:], complete=True)
    return show(made, 1200, 600)


def top_row(table):
    return table.model().row(table.rowAt(1)).id


def test_new_rows_are_seen_where_one_looks_at_the_top(table):
    table.model().merge(ROWS[:40], complete=False)
    QApplication.processEvents()
    assert table.verticalScrollBar().value() == 0
    assert top_row(table) == ROWS[0].id


def test_what_is_read_stays_where_it_is(table):
    table.verticalScrollBar().setValue(50 * ROW_HEIGHT + 7)
    before = top_row(table)
    table.model().merge(ROWS[:40], complete=False)
    QApplication.processEvents()
    assert top_row(table) == before
    assert table.verticalScrollBar().value() == 70 * ROW_HEIGHT + 7


def test_a_selected_row_stays_in_its_place_and_selected(table):
    table.setCurrentIndex(table.model().index(4, 0))
    y = table.visualRect(table.currentIndex()).y()
    table.model().merge(ROWS[:40], complete=False)
    QApplication.processEvents()
    assert table.model().row(table.currentIndex().row()).id == ROWS[24].id
    assert table.visualRect(table.currentIndex()).y() == y
    assert table.selected_rows() == [24]


def test_older_rows_at_the_end_move_nothing(table):
    table.model().set_rows(ROWS[:100], complete=False)
    table.verticalScrollBar().setValue(30 * ROW_HEIGHT)
    table.model().append(ROWS[100:200], complete=False)
    QApplication.processEvents()
    assert table.verticalScrollBar().value() == 30 * ROW_HEIGHT


def test_keys_open_and_copy_whole_rows(table, qtbot):
    table.setCurrentIndex(table.model().index(1, 2))
    with qtbot.waitSignal(table.opened):
        qtbot.keyClick(table, Qt.Key.Key_Return)
    with qtbot.waitSignal(table.copy_wanted):
        qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(table.current_changed):
        qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == 2


def test_widths_are_remembered_and_foreign_states_do_no_harm(table):
    table.setColumnWidth(0, 211)
    state = table.save()
    table.setColumnWidth(0, 60)
    table.restore(state)
    assert table.columnWidth(0) == 211
    other = QTableView()
    other.setModel(table.model())
    for foreign in (b"", b"rubbish", bytes(QByteArray(b"\x00" * 40).data())):
        table.restore(foreign)
        assert table.columnWidth(0) == 211


def test_a_hidden_column_comes_back_with_the_saved_widths(table):
    table.set_hidden(2, hidden=True)
    state = table.save()
    table.restore(state)
    assert not table.isColumnHidden(2)


def test_the_elastic_column_takes_what_is_left_over(table):
    before = table.columnWidth(MODEL)
    table.resize(1400, 600)
    QApplication.processEvents()
    assert table.columnWidth(MODEL) == before + 200
    table.resize(500, 600)
    QApplication.processEvents()
    assert table.columnWidth(MODEL) == COLUMNS[MODEL].width


def test_the_header_is_painted_in_our_colors_in_every_alignment(table):
    header = table.horizontalHeader()
    picture = header.viewport().grab().toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(1100) for y in range(4, ROW_HEIGHT - 4)}
    assert len(inks) > 5
    assert header.left(0) > header.left(1)


def test_tooltips_are_plain(table):
    index = table.model().index(0, 0)
    place = table.visualRect(index).center()
    QApplication.sendEvent(table.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, table.mapToGlobal(place)))
    assert not GuiQt.mightBeRichText(index.data(Qt.ItemDataRole.ToolTipRole))


def test_home_and_end_go_to_the_first_and_last_row_and_never_sideways(table, qtbot):
    table.resize(400, 600)
    QApplication.processEvents()
    assert table.horizontalScrollBar().maximum() > 0
    table.setCurrentIndex(table.model().index(4, 0))
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == table.model().rowCount() - 1
    assert table.horizontalScrollBar().value() == 0
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert (table.currentIndex().row(), table.verticalScrollBar().value()) == (0, 0)
    table.scrollTo(table.model().index(4, len(COLUMNS) - 1))
    assert table.horizontalScrollBar().value() == 0


def test_the_last_column_in_sight_keeps_away_from_the_edge(table):
    last = len(COLUMNS) - 1
    room = lambda column: table.itemDelegate().room_after(table.model().index(0, column))
    assert (room(last), room(last - 1)) == (MARGIN, GRID)
    table.set_hidden(last, hidden=True)
    assert (room(last), room(last - 1)) == (GRID, MARGIN)
