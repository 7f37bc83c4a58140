from __future__ import annotations

from PySide6.QtCore import Qt

from app.ui.widgets.figures import FigureTable, Strip, ValueRows


def test_a_strip_shows_each_value_with_its_exact_one_on_hover(show):
    strip = show(Strip("In (tokens)", "Cost"))
    strip.show_value("Cost", "$0.038", "$0.03812")
    figure = strip.figures["Cost"]
    assert figure.value.text() == "$0.038"
    assert figure.toolTip() == "$0.03812"
    assert figure.value.accessibleName() == "Cost: $0.038"


def test_rows_hold_foreign_text_as_text(show):
    rows = show(ValueRows())
    value = rows.add("Address")
    value.setText("<b>x</b>")
    assert value.textFormat() is Qt.TextFormat.PlainText
    assert value.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert value.accessibleName() == "Address"


def test_a_table_shows_and_hides_lines_and_aligns_figures(show):
    table = show(FigureTable("", "Tokens", "Problem", words=frozenset({0, 2})))
    table.show_rows([("Input", "340", "a"), ("Total", "340", "b")], total=True, muted=frozenset({0}))
    name, tokens, problem = table._cells[0]
    assert tokens.alignment() & Qt.AlignmentFlag.AlignRight
    assert not problem.alignment() & Qt.AlignmentFlag.AlignRight
    assert table._cells[1][0].font().bold()
    table.show_rows([("Total", "1", "")], total=True)
    assert [cells[0].isVisible() for cells in table._cells] == [True, False]
    assert name.text() == "Total"
