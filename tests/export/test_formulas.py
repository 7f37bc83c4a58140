from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.export.formulas import defuse


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\tplain",
        "\rplain",
        "\nplain",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        '"=1',
        ";=1",
        ", =1",
        "\x01=1",
        "\u202e=1",
        "﹦1",
    ],
)
def test_a_cell_that_a_spreadsheet_could_run_begins_with_an_apostrophe(cell):
    assert defuse(cell) == "'" + cell


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_every_dangerous_line_is_marked_and_the_others_are_not(end):
    assert defuse(f"safe{end}=cmd{end}safe") == f"safe{end}'=cmd{end}safe"


@pytest.mark.parametrize("cell", ["", "plain", "claude-opus-4-8", "a=b", "1-2", "me@example.org", "ünï 日本", "x\ny"])
def test_ordinary_text_is_left_alone(cell):
    assert defuse(cell) == cell


def test_what_no_spreadsheet_can_hold_goes():
    assert defuse("a\0b\ud800c") == "ab\ufffdc"


DANGEROUS = st.text(alphabet="=+-@＝＋\t\r\n \u00a0\u200b\ufeff\";,'aé\0", max_size=12)


@given(st.one_of(st.text(), DANGEROUS))
def test_no_line_of_a_defused_cell_starts_a_formula(cell):
    for line in re.split("[\r\n]", defuse(cell)):
        bare = re.sub('^[\\s\u200b\ufeff";,\0]+', "", line)
        assert not bare.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
        assert not line.startswith("\t")


@given(st.text())
def test_defusing_only_adds_apostrophes(cell):
    assert defuse(cell).replace("'", "") == re.sub("[\ud800-\udfff]", "\ufffd", cell.replace("\0", "")).replace("'", "")
