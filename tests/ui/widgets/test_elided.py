from __future__ import annotations

from PySide6.QtCore import Qt

from app.ui.widgets.elided import Elided

TEXT = "Anthropic › claude-opus-4-8 → claude-sonnet-4-8"


def test_it_gives_way_and_comes_back(show):
    label = show(Elided(strong=True), 600, 30)
    label.show_text(TEXT)
    assert label.text() == TEXT
    assert label.toolTip() == ""
    label.resize(150, 30)
    assert "…" in label.text()
    assert label.toolTip() == TEXT
    label.resize(600, 30)
    assert label.text() == label.whole == TEXT
    assert label.minimumSizeHint().width() == 0


def test_foreign_text_stays_text(show):
    label = show(Elided(), 60, 30)
    label.show_text("<img src=x>" * 20)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert "<img" not in label.toolTip()
    assert label.accessibleName().startswith("<img")
