from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import State
from app.domain.money import Cost
from app.domain.redact import MASK, Redactor
from app.domain.usage import NO_USAGE, Usage, UsageSource
from app.store import columns
from tests.fakes.exchanges import end, start


@given(st.text(alphabet=st.characters(), max_size=600))
def test_any_text_can_be_stored(text):
    fit = columns.clean(text)
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("SELECT ?", (fit,)).fetchone() == (fit,)
    connection.close()
    assert len(fit) <= 512
    assert "\0" not in fit


@given(st.integers())
def test_any_number_can_be_stored(number):
    fit = columns.int64(number)
    assert fit == number or abs(fit) == 2**63 - 1
    assert (fit > 0) == (number > 0)


def test_names_are_masked_where_a_key_was_pasted():
    names = columns.names_of(start(requested_model="sk-ant-api03-abcdefghijklmnop", client="curl"))
    fit = columns.fit_names(names, Redactor())
    assert fit[names.index("sk-ant-api03-abcdefghijklmnop")] == MASK
    assert fit[0] == "curl"


def test_unknown_usage_is_null_and_comes_back_as_unknown():
    values = columns.usage_values(NO_USAGE)
    assert set(values) == {None, "none"}
    assert columns.usage_of(values) == NO_USAGE


@pytest.mark.parametrize("source", [UsageSource.REPORTED, UsageSource.ESTIMATED, UsageSource.INVALID])
def test_usage_comes_back(source):
    usage = Usage(1, 2, 3, 4, 5, 6, 7, source, 8)
    assert columns.usage_of(columns.usage_values(usage)) == usage


def test_an_unpriced_exchange_has_no_cost_and_a_free_one_has_zero():
    free = Cost(0, 0, 0, 0, 0, 0, "free")
    assert columns.cost_of_columns(columns.cost_values(None)) is None
    assert columns.cost_of_columns(columns.cost_values(free)) == free


def test_errors_are_cut_and_masked():
    error = "sk-ant-api03-abcdefghijklmnop " + "x" * 10_000
    values = dict(zip(columns.END, columns.end_values(1, end(error=error), NO_USAGE, None, Redactor()), strict=False))
    assert values["error"].startswith(f"{MASK} xxx")
    assert len(values["error"]) == 4_000


def test_a_row_has_a_place_for_every_column():
    values = dict.fromkeys(columns.ROW) | {"id": "a", "state": "done", "streaming": 1, "attempts": 2}
    row = columns.row_of([values[name] for name in columns.ROW])
    assert (row.id, row.state, row.streaming, row.attempts, row.cost, row.usage) == (
        "a",
        State.DONE,
        True,
        2,
        None,
        NO_USAGE,
    )
