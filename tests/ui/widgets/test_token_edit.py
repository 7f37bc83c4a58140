from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ui.widgets.token_edit import MOST_TOKENS, TokenEdit


@pytest.fixture
def edit(show):
    return show(TokenEdit("Tokens", nothing="any"))


@pytest.mark.parametrize(
    ("text", "tokens", "shown"),
    [
        ("60k", 60_000, "60,000"),
        ("60 K", 60_000, "60,000"),
        ("1.5M", 1_500_000, "1,500,000"),
        ("60,000", 60_000, "60,000"),
        ("512", 512, "512"),
        ("", 0, ""),
        ("0", 0, ""),
    ],
)
async def test_what_people_write_is_understood_and_written_out(edit, qtbot, text, tokens, shown):
    qtbot.keyClicks(edit, text)
    assert (edit.value(), edit.problem) == (tokens, "")
    edit.editingFinished.emit()
    assert edit.text() == shown


@pytest.mark.parametrize("text", ["claude-opus-4-8", "60kk", "-5", "1.5", "k", "9999999999"])
async def test_what_is_no_number_stays_as_it_was_typed_and_is_said(edit, qtbot, text):
    qtbot.keyClicks(edit, text)
    edit.editingFinished.emit()
    assert edit.text() == text
    assert edit.value() == 0
    assert edit.problem


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tokens=st.integers(0, MOST_TOKENS))
def test_every_number_comes_back(edit, tokens):
    edit.setValue(tokens)
    assert edit.value() == tokens
