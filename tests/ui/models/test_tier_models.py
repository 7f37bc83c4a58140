from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.domain.provider import Tier
from app.ui.models.tier_models import TierModel

TICK, UNTICK = Qt.CheckState.Checked, Qt.CheckState.Unchecked
ROLE = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def model(qapp):
    made = TierModel({Tier.BIG: ("opus", "gpt"), Tier.SMALL: ("haiku",)}, ("old",))
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def row(model, name):
    return next(place for place in range(model.rowCount()) if model.name(place) == name)


def test_untouched_lists_come_back_as_they_were(model):
    assert model.lists() == (("opus", "gpt"), (), ("haiku",), ("old",))


def test_ticks_keep_the_order_they_were_set_in(model):
    model.add(["sonnet", "opus", ""])
    assert model.rowCount() == 5
    for name in ("sonnet", "gpt"):
        assert model.setData(model.index(row(model, name), 2), TICK, ROLE)
    assert model.setData(model.index(row(model, "opus"), 1), UNTICK, ROLE)
    assert model.lists() == (("gpt",), ("sonnet", "gpt"), ("haiku",), ("opus", "old"))


def test_a_listed_model_without_a_tick_is_not_kept_but_an_entered_one_is(model):
    model.add(["from-the-provider"])
    model.add(["by-hand"], own=True)
    assert model.lists()[3] == ("old", "by-hand")


def test_removing_takes_a_model_out_of_every_list(model):
    model.remove("opus")
    model.remove("old")
    assert model.lists() == (("gpt",), (), ("haiku",), ())


def test_only_tiers_can_be_ticked(model):
    index = model.index(0, 0)
    assert not model.flags(index) & Qt.ItemFlag.ItemIsUserCheckable
    assert not model.setData(index, TICK, ROLE)
    assert model.data(model.index(0, 1), Qt.ItemDataRole.AccessibleTextRole) == "opus as big model"
    titles = [model.headerData(section, Qt.Orientation.Horizontal) for section in range(4)]
    assert titles == ["Model", "Big", "Middle", "Small"]
