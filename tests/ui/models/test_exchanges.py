from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.domain.exchange import State
from app.domain.money import Cost
from app.domain.usage import Usage, UsageSource
from app.ui.models.columns import COLUMNS
from app.ui.models.exchanges import ROW_ROLE, ExchangeModel, key
from app.ui.widgets.cell import CELL_ROLE
from tests.fakes import sample

ROWS = sample.rows(60)
Display, ToolTip, Alignment = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.TextAlignmentRole,
)


def column(name: str) -> int:
    return next(place for place, one in enumerate(COLUMNS) if one.key == name)


@pytest.fixture
def model(qapp):
    made = ExchangeModel(lambda: sample.NOW_US, lambda: None)
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made.set_rows(ROWS, complete=True)
    yield made
    del tester


def test_rows_are_shown_in_their_order_with_every_column(model):
    assert (model.rowCount(), model.columnCount()) == (60, len(COLUMNS))
    assert model.data(model.index(3, column("provider")), Display) == ROWS[3].provider
    assert model.data(model.index(3, 0), ROW_ROLE) is ROWS[3]
    assert model.place(ROWS[7].id) == 7
    assert model.place("nobody") == -1


def test_figures_stand_right_and_their_headers_too(model):
    for place, one in enumerate(COLUMNS):
        right = Qt.AlignmentFlag.AlignRight if one.numeric else Qt.AlignmentFlag.AlignLeft
        assert model.data(model.index(0, place), Alignment) & right
        assert model.headerData(place, Qt.Orientation.Horizontal, Alignment) & right


def test_foreign_text_that_looks_like_html_stays_text(model):
    canary = '<img src="http://127.0.0.1:1/x">'
    row = replace(ROWS[5], requested_model=canary, sent_model=canary, provider=canary, client=canary, error=canary)
    model.set_rows([replace(row, state=State.FAILED)], complete=True)
    for place in range(len(COLUMNS)):
        tip = model.data(model.index(0, place), ToolTip)
        assert "<img" not in tip
    assert model.data(model.index(0, column("model")), Display) == canary


def test_more_is_asked_for_once_until_it_came(qapp):
    asked = []
    model = ExchangeModel(lambda: 0, lambda: asked.append(1))
    model.set_rows(ROWS[:20], complete=False)
    top = QModelIndex()
    assert model.canFetchMore(top)
    model.fetchMore(top)
    assert not model.canFetchMore(top)
    model.append(ROWS[20:40], complete=False)
    assert model.canFetchMore(top)
    model.append(ROWS[40:], complete=True)
    assert not model.canFetchMore(top)
    assert (len(asked), model.rowCount()) == (1, 60)


def test_a_page_that_overlaps_what_is_loaded_adds_no_row_twice(model):
    model.set_rows(ROWS[:30], complete=False)
    model.append(ROWS[20:50], complete=True)
    assert list(model.rows) == list(ROWS[:50])


def test_after_a_failure_scrolling_may_ask_again(qapp):
    model = ExchangeModel(lambda: 0, lambda: None)
    model.set_rows(ROWS[:20], complete=False)
    model.fetchMore(QModelIndex())
    model.more_failed()
    assert model.canFetchMore(QModelIndex())


def test_a_change_touches_only_its_row(model, qtbot):
    seen = []
    model.dataChanged.connect(lambda first, last, roles: seen.append((first.row(), last.row())))
    ended = replace(ROWS[0], state=State.DONE, client_status=200, duration_ms=900)
    assert model.oldest_running() == key(ROWS[0])
    assert model.merge((ended, *ROWS[1:10]), complete=False) == 0
    assert seen == [(0, 0)]
    assert model.oldest_running() is None


def test_merge_reports_how_many_are_new(model):
    model.set_rows(ROWS[5:], complete=True)
    assert model.merge(ROWS[:10], complete=False) == 5
    assert list(model.rows) == list(ROWS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(held=st.sets(st.integers(0, 29)), wanted=st.sets(st.integers(0, 29)), cut=st.integers(0, 30))
def test_merge_leaves_what_a_fresh_load_would_show(qapp, held, wanted, cut):
    model = ExchangeModel(lambda: 0, lambda: None)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows([ROWS[place] for place in sorted(held)], complete=True)
    fresh = [ROWS[place] for place in sorted(wanted) if place < cut]
    model.merge(fresh, complete=False)
    below = [ROWS[place] for place in sorted(held) if not fresh or key(ROWS[place]) < key(fresh[-1])]
    assert list(model.rows) == fresh + below
    del tester


def test_costs_are_never_a_zero_that_nobody_knows(model):
    place = column("cost")
    used = Usage(1000, 0, 0, 0, 100)
    told = [
        (replace(ROWS[3], cost=None, usage=used), "unpriced"),
        (replace(ROWS[3], cost=None, usage=Usage(source=UsageSource.NONE)), "–"),
        (replace(ROWS[3], cost=Cost(0, 0, 0, 0, 0, 0, "free"), usage=used), "$0.00"),
        (
            replace(
                ROWS[3], cost=Cost(0, 0, 0, 0, 0, 4_200_000, "x"), usage=replace(used, source=UsageSource.ESTIMATED)
            ),
            "≈\u00a0$0.0042",
        ),
    ]
    for row, text in told:
        model.set_rows([row], complete=True)
        assert model.data(model.index(0, place), Display) == text


def test_a_provider_that_is_gone_has_the_muted_mark(model):
    model.set_series({"Anthropic": 2})
    place = next(at for at, row in enumerate(ROWS) if row.provider == "Anthropic")
    icon = model.data(model.index(place, column("provider")), CELL_ROLE).mark
    gone = next(at for at, row in enumerate(ROWS) if row.provider != "Anthropic")
    other = model.data(model.index(gone, column("provider")), CELL_ROLE).mark
    assert icon.pixmap(16).toImage() != other.pixmap(16).toImage()


def test_a_time_beyond_the_calendar_ends_no_paint(model):
    model.set_rows([replace(ROWS[3], started_us=10**18)], complete=True)
    assert model.data(model.index(0, 0), Display) == "?"
    assert model.data(model.index(0, 0), ToolTip) is None
    assert model.data(model.index(0, column("provider")), Display) == ROWS[3].provider
