from __future__ import annotations

import pytest

from app.dialects.openai_chat.effort import snapped, wanted
from app.domain.provider import Profile
from app.domain.request import Reasoning
from app.vendors import profiles
from tests.dialects.openai_chat.turns import body, written

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


def test_the_field_is_the_upstreams_own():
    high = Reasoning(enabled=True, effort="high")
    assert body(reasoning=high, profile=profiles.OPENAI)["reasoning_effort"] == "high"
    assert body(reasoning=high, profile=profiles.OPENROUTER)["reasoning"] == {"effort": "high"}
    found = body(reasoning=high, profile=profiles.DEEPSEEK)
    assert found["thinking"] == {"type": "enabled"}
    assert "reasoning_effort" not in found
    off = Reasoning(enabled=False)
    assert body(reasoning=off, profile=profiles.DEEPSEEK)["thinking"] == {"type": "disabled"}
    assert "thinking" not in body(profile=profiles.DEEPSEEK)


def test_an_effort_that_cannot_be_sent_is_reported_and_a_missing_off_is_not():
    assert written(reasoning=Reasoning(enabled=True, effort="high")).dropped == ("reasoning_effort",)
    assert written(reasoning=Reasoning(enabled=False)).dropped == ()
    assert written(reasoning=Reasoning(enabled=True, adaptive=True), profile=Profile(effort=ALL)).dropped == ()
