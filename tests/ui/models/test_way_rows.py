from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from app.ui.models.way_rows import WAY_ROLE, WayModel, spoken
from app.ui.models.ways import Kind, Stop, Way

STOP = Stop("Ollama", "qwen", 2, 1, "circle", "ok", "ok", lit=True)
REST = Stop("OpenAI", "gpt", 1, 2, "timer-sand", "warning", "resting", "rests until 14:05", skipped=True)
RULE = Way(Kind.RULE, "0", "Long", "over 5", (STOP, REST), "then the rest")
HEAD = Way(Kind.HEADING, "rules", "Rules", "the first that fits")


def test_everything_is_said():
    assert spoken(RULE) == (
        "Long: over 5. 1. Ollama, qwen, ok, goes here now. "
        "2. OpenAI, gpt, resting (rests until 14:05), passed over. then the rest"
    )
    assert "switched off" in spoken(replace(RULE, on=False))


def test_rows_change_in_place_while_their_shape_stays(qtbot):
    model = WayModel()
    model.set_ways((HEAD, RULE))
    assert model.place(Kind.RULE, "0") == 1
    assert model.data(model.index(1), WAY_ROLE) is RULE
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_ways((HEAD, replace(RULE, stops=(replace(STOP, word="failing"), REST))))
    with qtbot.waitSignal(model.modelReset):
        model.set_ways((HEAD, replace(RULE, stops=(STOP,))))
    assert model.way(7) is None


def test_headings_are_only_read():
    model = WayModel()
    model.set_ways((HEAD, RULE))
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable
    assert model.data(model.index(0), Qt.ItemDataRole.ToolTipRole) is None
    assert model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole) == spoken(RULE)


def test_a_tooltip_is_no_markup():
    model = WayModel()
    model.set_ways((replace(RULE, title="<b>x</b>"),))
    assert "<b>" not in model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)
