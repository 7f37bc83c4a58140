from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.widgets.flow import Flow


def placed(show, width, *, apart=False):
    holder = QWidget()
    buttons = [QPushButton(f"Button {number}") for number in range(4)]
    flow = Flow(*buttons, apart=apart)
    holder.setLayout(flow)
    for button in buttons:
        button.setFixedSize(100, 24)
    show(holder, width, 200)
    return holder, flow, buttons


def test_all_stand_in_one_line_where_there_is_room(show):
    _, flow, buttons = placed(show, 500)
    assert [button.x() for button in buttons] == [0, 108, 216, 324]
    assert {button.y() for button in buttons} == {0}
    assert flow.sizeHint().toTuple() == (424, 24)


def test_what_has_no_room_goes_to_the_next_line(show):
    holder, flow, buttons = placed(show, 220)
    assert [button.pos().toTuple() for button in buttons] == [(0, 0), (108, 0), (0, 32), (108, 32)]
    assert holder.heightForWidth(220) == 56
    assert holder.heightForWidth(110) == 4 * 24 + 3 * 8
    assert flow.minimumSize().toTuple() == (100, 24)


def test_the_one_apart_stands_at_the_right_end(show):
    _, _, buttons = placed(show, 500, apart=True)
    assert buttons[3].x() == 400


def test_what_is_hidden_takes_no_room(show):
    holder, flow, buttons = placed(show, 500)
    buttons[1].hide()
    flow.activate()
    assert buttons[2].x() == 108
    assert flow.sizeHint().width() == 316
    assert flow.takeAt(9) is None
    assert flow.itemAt(9) is None
    assert holder.heightForWidth(500) == 24
