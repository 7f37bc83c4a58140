from __future__ import annotations

import pytest

from app.dialects.effort import snapped, wanted
from app.domain.request import Reasoning

ALL = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
THREE = ("low", "medium", "high")


@pytest.mark.parametrize(
    ("reasoning", "word"),
    [
        (Reasoning(), ""),
        (Reasoning(enabled=True, adaptive=True), ""),
        (Reasoning(enabled=True, effort="high"), "high"),
        (Reasoning(enabled=False, effort="high"), "none"),
        (Reasoning(enabled=True, budget_tokens=4095), "low"),
        (Reasoning(enabled=True, budget_tokens=4096), "medium"),
        (Reasoning(enabled=True, budget_tokens=16384), "high"),
        (Reasoning(enabled=True, effort="low", budget_tokens=99999), "low"),
    ],
)
def test_what_the_client_wants_in_one_word(reasoning, word):
    assert wanted(reasoning) == word


@pytest.mark.parametrize(
    ("word", "accepted", "expected"),
    [
        *((word, ALL, word) for word in ALL),
        ("max", (*THREE, "xhigh"), "xhigh"),
        ("max", THREE, "high"),
        ("xhigh", THREE, "high"),
        ("minimal", THREE, "low"),
        ("none", THREE, "low"),
        ("none", ("minimal", *THREE), "minimal"),
        ("none", ("high",), ""),
        ("medium", ("low", "high"), "low"),
        ("medium", ("high",), "high"),
        ("strange", THREE, ""),
        ("strange", ("strange",), "strange"),
        ("high", (), ""),
    ],
)
def test_the_nearest_accepted_word(word, accepted, expected):
    assert snapped(word, accepted) == expected
