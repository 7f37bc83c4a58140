from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.domain.settings import Theme
from app.ui import theme
from app.ui.models.listed import Listed
from app.ui.widgets.reorder_list import ITEM_HEIGHT, ReorderList

ROWS = tuple(
    Listed(key, key.upper(), f"note {key}", str(at), color=at, icon="circle", role="ok", ticked=True)
    for at, key in enumerate("abcd")
)


@pytest.fixture
def listing(show):
    made = ReorderList("Things", tick_right=True)
    made.rows.set_rows(ROWS)
    show(made, 320, 260)
    made.select(0)
    made.setFocus()
    return made


def middle(listing, row):
    return listing.visualRect(listing.rows.index(row)).center()


def drag(listing, qtbot, row, to_y):
    port = listing.viewport()
    start = middle(listing, row)
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    step = 1 if to_y > start.y() else -1
    for y in range(start.y(), to_y, step * 12):
        qtbot.mouseMove(port, QPoint(start.x(), y))
    qtbot.mouseMove(port, QPoint(start.x(), to_y))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(start.x(), to_y))


@pytest.mark.parametrize(
    ("row", "to_y", "keys", "moved"),
    [
        (0, 3 * ITEM_HEIGHT - 4, "bcad", (0, 2)),
        (3, 2, "dabc", (3, 0)),
        (0, 10 * ITEM_HEIGHT, "bcda", (0, 3)),
        (2, -50, "cabd", (2, 0)),
    ],
)
def test_dragging_puts_in_order(listing, qtbot, row, to_y, keys, moved):
    with qtbot.waitSignal(listing.moved) as caught:
        drag(listing, qtbot, row, to_y)
    assert tuple(caught.args) == moved
    assert "".join(listing.rows.keys) == keys
    assert listing.row == moved[1]


def test_a_click_or_a_drag_to_where_it_was_moves_nothing(listing, qtbot):
    with qtbot.assertNotEmitted(listing.moved):
        qtbot.mouseClick(listing.viewport(), Qt.MouseButton.LeftButton, pos=middle(listing, 2))
        drag(listing, qtbot, 1, middle(listing, 1).y() + 14)
    assert listing.row == 1
    assert "".join(listing.rows.keys) == "abcd"


def test_escape_lets_go(listing, qtbot):
    port, start = listing.viewport(), middle(listing, 0)
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(port, start + QPoint(0, 100))
    assert listing._target >= 0
    with qtbot.assertNotEmitted(listing.moved):
        qtbot.keyClick(listing, Qt.Key.Key_Escape)
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 100))
    assert "".join(listing.rows.keys) == "abcd"


def test_news_during_a_drag_let_go(listing, qtbot):
    port, start = listing.viewport(), middle(listing, 0)
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(port, start + QPoint(0, 100))
    listing.rows.set_rows(ROWS[1:])
    with qtbot.assertNotEmitted(listing.moved):
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 100))


def test_alt_and_the_arrows_put_in_order(listing, qtbot):
    alt = Qt.KeyboardModifier.AltModifier
    with qtbot.waitSignal(listing.moved) as caught:
        qtbot.keyClick(listing, Qt.Key.Key_Down, alt)
    assert caught.args == [0, 1]
    qtbot.keyClick(listing, Qt.Key.Key_Down, alt)
    qtbot.keyClick(listing, Qt.Key.Key_Up, alt)
    assert "".join(listing.rows.keys) == "bacd"
    assert listing.row == 1
    qtbot.keyClick(listing, Qt.Key.Key_Up, alt)
    with qtbot.assertNotEmitted(listing.moved):
        qtbot.keyClick(listing, Qt.Key.Key_Up, alt)


def test_ticks_by_mouse_and_space(listing, qtbot):
    place = listing.tick_place(listing.visualRect(listing.rows.index(2))).center()
    with qtbot.waitSignal(listing.ticked) as caught:
        qtbot.mouseClick(listing.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == [2, False]
    with qtbot.waitSignal(listing.ticked) as caught:
        qtbot.keyClick(listing, Qt.Key.Key_Space)
    assert caught.args == [2, False]


def test_return_opens_and_delete_asks(listing, qtbot):
    with qtbot.waitSignal(listing.opened) as caught:
        qtbot.keyClick(listing, Qt.Key.Key_Return)
    assert caught.args == [0]
    with qtbot.waitSignal(listing.remove_wanted) as caught:
        qtbot.keyClick(listing, Qt.Key.Key_Delete)
    assert caught.args == [0]


def test_the_selection_follows_its_item(listing):
    listing.select(2)
    listing.rows.set_rows((ROWS[2], ROWS[0]))
    assert listing.row == 0
    listing.rows.set_rows((ROWS[1], ROWS[3]))
    assert listing.row == 0


def test_a_list_that_stays_as_it_is(show, qtbot):
    fixed = ReorderList("Fixed", movable=False, note_lines=2)
    fixed.rows.set_rows(ROWS)
    show(fixed, 300, 260)
    fixed.select(0)
    qtbot.keyClick(fixed, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    drag(fixed, qtbot, 0, 120)
    assert "".join(fixed.rows.keys) == "abcd"
    assert fixed.visualRect(fixed.rows.index(0)).height() > ITEM_HEIGHT


def test_it_is_drawn_in_both_themes(listing, themes):
    for wanted in (Theme.LIGHT, Theme.DARK):
        themes.use(wanted)
        QApplication.processEvents()
        picture = listing.viewport().grab().toImage()
        inks = {picture.pixelColor(x, y).name() for x in range(120) for y in range(180)}
        assert {theme.color("ok").name(), theme.color("text").name(), theme.series(1).name()} <= inks
