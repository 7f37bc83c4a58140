from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.domain.provider import CredentialState
from app.domain.status import AccountStatus
from app.ui.models.accounts import NAME, PRIORITY, SOURCE, STATE, WEIGHT, AccountModel
from app.ui.widgets.cell import CELL_ROLE

NOW_US = 1_777_816_800_000_000
OWN = AccountStatus("", CredentialState.READY, "system keyring")
WORK = AccountStatus("work", CredentialState.REJECTED, "environment variable WORK", 2, 3)


@pytest.fixture
def model(qapp):
    made = AccountModel(lambda: NOW_US)
    made.set_accounts((OWN, WORK))
    return made


def text(model, row, column, role=Qt.ItemDataRole.DisplayRole):
    return model.index(row, column).data(role)


def test_a_row_tells_name_state_source_and_figures(model):
    assert [text(model, 0, column) for column in range(5)] == ["Own key", "ready", "system keyring", "0", "1"]
    assert [text(model, 1, column) for column in (NAME, STATE, PRIORITY, WEIGHT)] == ["work", "key rejected", "2", "3"]
    assert text(model, 1, STATE, CELL_ROLE).role == "error"
    assert text(model, 1, WEIGHT, CELL_ROLE).right
    assert text(model, 1, SOURCE, Qt.ItemDataRole.AccessibleTextRole) == "Key: environment variable WORK"
    assert model.headerData(WEIGHT, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole).startswith("The share")


def test_one_that_rests_says_until_when_and_why(model):
    until_us = NOW_US + 600_000_000
    model.set_accounts((OWN, replace(OWN, name="work", resting_until_us=until_us, resting_why="<b>rate</b> limited")))
    assert text(model, 1, STATE).startswith("rests until ")
    tip = text(model, 1, STATE, Qt.ItemDataRole.ToolTipRole)
    assert "limited" in tip
    assert "<b>" not in tip
    model.set_accounts((OWN, replace(OWN, name="work", resting_until_us=NOW_US - 1)))
    assert text(model, 1, STATE) == "ready"


def test_one_without_weight_is_switched_off(model):
    model.set_accounts((OWN, replace(OWN, name="work", weight=0), replace(WORK, weight=0)))
    assert text(model, 1, STATE) == "switched off"
    assert text(model, 2, STATE) == "key rejected"


@pytest.mark.parametrize("state", list(CredentialState))
def test_every_state_has_words(model, state):
    model.set_accounts((replace(OWN, state=state),))
    assert text(model, 0, STATE)


def test_rows_are_brought_up_to_date_in_place(model, qtbot):
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.set_accounts((OWN, replace(WORK, weight=5)))
    assert changed.args[0].row() == 1
    with qtbot.waitSignal(model.modelReset):
        model.set_accounts((OWN,))
    assert (model.place("work"), model.place(""), model.account(1)) == (-1, 0, None)
