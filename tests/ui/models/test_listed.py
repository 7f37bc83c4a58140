from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.ui.models.listed import LISTED_ROLE, Listed, ListedModel

ROWS = tuple(Listed(key, key.upper(), f"note {key}", str(at)) for at, key in enumerate("abcd", start=1))


@pytest.fixture
def model(qapp):
    made = ListedModel()
    made.set_rows(ROWS)
    return made


@pytest.mark.parametrize(
    ("row", "to", "keys"),
    [(0, 3, "bcda"), (3, 0, "dabc"), (1, 2, "acbd"), (2, 1, "acbd"), (1, 1, "abcd"), (0, 4, "abcd"), (-1, 0, "abcd")],
)
def test_an_item_is_put_elsewhere(model, row, to, keys):
    assert model.move(row, to) == (keys != "abcd")
    assert "".join(model.keys) == keys


def test_it_changes_in_place_while_the_keys_stay(model, qtbot):
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_rows((Listed("a", "other"), *ROWS[1:]))
    with qtbot.waitSignal(model.modelReset):
        model.set_rows(ROWS[1:])
    assert model.place("b") == 0
    assert model.place("a") == -1
    assert model.listed(9) is None


def test_it_is_read_aloud_whole(model):
    model.set_rows((Listed("x", "Name", "why", "3", ticked=False, tick_words="may stand in"),))
    index = model.index(0)
    assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == "3. Name, why, may stand in: no"
    assert model.data(index) == "Name"
    assert model.data(index, LISTED_ROLE).key == "x"
    model.set_rows((Listed("x", "<b>n</b>"),))
    assert "<b>" not in model.data(index, Qt.ItemDataRole.ToolTipRole)
