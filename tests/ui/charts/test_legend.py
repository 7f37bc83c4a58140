from __future__ import annotations

from PySide6.QtCore import Qt

from app.ui.charts.legend import Legend, LegendEntry, Series, Shape

ROWS = tuple(Series(shape, shape.title(), shape, role="accent", widest="888") for shape in Shape)


def test_a_click_switches_a_series(show, qtbot):
    legend = show(Legend(ROWS), height=30)
    heard = []
    legend.switched.connect(lambda: heard.append(legend.on_keys()))
    entry = legend.findChildren(LegendEntry)[0]
    qtbot.mouseClick(entry, Qt.MouseButton.LeftButton)
    assert not legend.on(Shape.AREA)
    assert legend.on(Shape.DOT)
    assert heard == [("dot", "ring", "cross", "line")]
    qtbot.keyClick(entry, Qt.Key.Key_Space)
    assert legend.on(Shape.AREA)


def test_values_and_the_moment_are_shown(show):
    legend = show(Legend(ROWS), height=30)
    legend.read({"area": "83.1"}, "14:05:09")
    values = {entry.series.key: entry.value for entry in legend.findChildren(LegendEntry)}
    assert values["area"] == "83.1"
    assert values["dot"] == ""
    assert legend._moment.text() == "14:05:09"


def test_the_row_does_not_jump_while_values_change(show):
    legend = show(Legend(ROWS), height=30)
    entry = legend.findChildren(LegendEntry)[0]
    widths = set()
    for value in ("", "0", "83", "888"):
        entry.set_value(value)
        widths.add(entry.sizeHint().width())
    assert len(widths) == 1


def test_new_series_keep_what_was_hidden(show):
    legend = show(Legend(ROWS[:2]), height=30)
    legend.findChildren(LegendEntry)[0].click()
    legend.set_series(ROWS[:3])
    assert legend.on_keys() == ("dot", "ring")


def test_every_entry_is_named_and_reached_by_tab(show):
    for entry in show(Legend(ROWS), height=30).findChildren(LegendEntry):
        assert entry.accessibleName().startswith("Show ")
        assert entry.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_what_has_no_room_is_counted_and_named(show):
    many = tuple(Series(f"k{number}", f"Provider number {number}", Shape.AREA, number=number) for number in range(9))
    legend = show(Legend(many), width=400, height=30)
    seen = [entry for entry in legend.findChildren(LegendEntry) if entry.isVisible()]
    assert 1 <= len(seen) < 9
    assert legend._rest.text() == f"+{9 - len(seen)}"
    assert "Provider number 8" in legend._rest.toolTip()
    assert seen[-1].geometry().right() < legend._rest.geometry().left() < legend.width()
    legend.read({}, "14:05:09")
    assert legend._moment.geometry().right() <= legend.width()
    assert legend.on("k8")
    legend.resize(3000, 30)
    assert legend._rest.isHidden()
