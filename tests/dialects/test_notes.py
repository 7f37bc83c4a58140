from __future__ import annotations

from app.dialects.notes import Notes


def test_a_field_is_reported_once_and_in_order():
    notes = Notes()
    for name in ("top_k", "stop", "top_k"):
        notes.drop(name)
    assert notes.dropped == ["top_k", "stop"]
