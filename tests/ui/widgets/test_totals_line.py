from __future__ import annotations

from PySide6.QtCore import Qt

from app.domain.exchange import Totals
from app.ui.widgets.totals_line import TotalsLine

SUMS = Totals(1_204, 7, 1_830_000, 413_000, 20_000, 1_000, 18_270_000_000, 3)


def test_sums_are_words_with_units_and_exact_on_hover(show):
    line = show(TotalsLine())
    line.show_totals(SUMS, narrowed=False)
    text = line.text.text().replace("\u00a0", " ")
    assert text == "1,204 exchanges  ·  7 failed  ·  1.85 M tokens in  ·  413 k out  ·  ≥ $18.27"
    assert "413,000 tokens out" in line.text.toolTip()
    assert "3 requests have no known price" in line.text.toolTip()
    line.show_totals(Totals(1), narrowed=True)
    assert line.text.text().startswith("1 exchange match  ·  0 tokens in")


def test_what_has_arrived_is_counted_until_the_top_is_seen(show, qtbot):
    line = show(TotalsLine())
    assert not line.new.isVisible()
    line.add_new(3)
    line.add_new(9)
    assert line.new.text() == "12 new"
    with qtbot.waitSignal(line.top_wanted):
        qtbot.mouseClick(line.new, Qt.MouseButton.LeftButton)
    line.forget_new()
    assert not line.new.isVisible()
    line.add_new(1)
    assert line.new.text() == "1 new"


def test_a_problem_is_said_in_one_line_and_taken_back(show):
    line = show(TotalsLine())
    line.fail("the disk\nis full")
    assert line.problem.text() == "the disk is full"
    line.fail("")
    assert not line.problem.isVisible()
