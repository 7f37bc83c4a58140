from __future__ import annotations

from app.domain.provider import Profile
from app.domain.request import Reasoning
from app.vendors import profiles
from tests.dialects.openai_chat.turns import body, written

ALL = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


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
