from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics

from app.domain.exchange import State
from app.domain.usage import Usage, UsageSource
from app.ui.models.columns import COLUMNS, as_tsv, models, state_word, status_words
from app.ui.style import GRID, font
from app.ui.widgets.cell import GAP, MARK
from tests.fakes import sample

ROW = sample.rows(9)[3]


def column(name: str):
    return next(one for one in COLUMNS if one.key == name)


def test_only_a_different_sent_model_is_named():
    assert models(replace(ROW, requested_model="a", sent_model="b")) == "a → b"
    assert models(replace(ROW, requested_model="a", sent_model="a")) == "a"
    assert models(replace(ROW, requested_model="a", sent_model="")) == "a"


def test_every_state_has_a_word_and_a_story():
    for state in State:
        row = replace(ROW, state=state, client_status=502, error="No route")
        assert state_word(row)
        assert len(status_words(row)) > 8
    assert state_word(replace(ROW, state=State.FAILED, client_status=502)) == "failed 502"
    assert status_words(replace(ROW, state=State.FAILED, client_status=502, error="No")) == "Failed (502): No"


def test_an_answer_that_broke_off_is_not_called_by_the_status_it_began_with():
    cut = replace(ROW, state=State.FAILED, client_status=200, error="Cut")
    assert state_word(cut) == "failed"
    assert status_words(cut) == "Failed: Cut"


def test_an_estimate_bears_its_sign_and_says_why():
    row = replace(ROW, usage=Usage(12_345, 0, 0, 0, 100, source=UsageSource.ESTIMATED))
    assert column("input").text(row, 0) == "≈\u00a012.3\u00a0k"
    assert "Estimated" in column("input").exact(row)
    assert "12,345 tokens in" in column("input").exact(row)


def test_no_counts_are_a_dash_and_not_a_zero():
    row = replace(ROW, usage=Usage(source=UsageSource.NONE), first_token_ms=None, duration_ms=None)
    for name in ("input", "output", "first_token", "total"):
        assert column(name).text(row, 0) == "–"
        assert column(name).copied(row) == ""


def test_times_are_seconds_whose_points_stand_below_each_other():
    row = replace(ROW, first_token_ms=820, duration_ms=125_400)
    assert (column("first_token").text(row, 0), column("total").text(row, 0)) == ("0.82", "125.40")
    assert column("total").exact(row) == "125,400\u00a0ms in all"
    assert column("total").copied(row) == "125.4"
    assert column("first_token").copied(row) == "0.82"


def test_a_time_too_short_to_show_is_no_zero():
    assert column("total").text(replace(ROW, duration_ms=4), 0) == "<\u00a00.01"
    assert column("total").text(replace(ROW, duration_ms=5), 0) == "0.01"
    assert column("total").copied(replace(ROW, duration_ms=4)) == "0.004"


def test_rows_are_copied_exactly_and_in_one_line_each():
    row = replace(ROW, provider="a\tb\nc", requested_model="m", sent_model="m")
    head, line = as_tsv([row], header=True).split("\n")
    assert head.split("\t") == [one.title for one in COLUMNS]
    cells = dict(zip((one.key for one in COLUMNS), line.split("\t"), strict=True))
    assert cells["provider"] == "a b c"
    assert cells["input"] == str(row.usage.prompt_tokens)
    assert cells["cost"] == f"{row.cost.total_nusd / 1e9:.9f}".rstrip("0")


@pytest.mark.parametrize(
    ("key", "text", "mark"),
    [
        ("status", "interrupted", True),
        ("status", "failed 503", True),
        ("cost", "≈\u00a0$0.00038", False),
        ("cost", "$1,234.56", False),
        ("input", "≈\u00a0123\u00a0k", False),
        ("output", "≈\u00a012.3\u00a0k", False),
        ("total", "1,234.56", False),
    ],
)
def test_states_and_figures_fit_their_columns_uncut(qapp, key, text, mark):
    room = column(key).width - 2 * GRID - (MARK + GAP if mark else 0)
    assert QFontMetrics(font()).horizontalAdvance(text) <= room
