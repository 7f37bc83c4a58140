from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.request import Reasoning
from app.vendors import profiles
from tests.dialects.gemini.turns import OLDER, body, written

PRO = "gemini-2.5-pro"
OFF = Reasoning(enabled=False, effort="high", show=True)


def config(wish: Reasoning, model: str, **more: Any) -> dict[str, Any] | None:
    found = body(reasoning=wish, model=model, **more).get("generationConfig", {})
    return dict(found["thinkingConfig"]) if "thinkingConfig" in found else None


def effort(word: str) -> Reasoning:
    return Reasoning(effort=word)


@pytest.mark.parametrize(
    ("wish", "model", "budget"),
    [
        (effort("minimal"), OLDER, 1024),
        (effort("low"), OLDER, 1024),
        (effort("medium"), OLDER, 8192),
        (effort("high"), OLDER, 24_576),
        (effort("max"), OLDER, 24_576),
        (effort("xhigh"), PRO, 32_768),
        (Reasoning(budget_tokens=5000), OLDER, 5000),
        (Reasoning(budget_tokens=100), PRO, 128),
        (Reasoning(budget_tokens=100_000), PRO, 32_768),
        (Reasoning(budget_tokens=100), "gemini-2.5-flash-lite", 512),
        (Reasoning(enabled=True), OLDER, -1),
        (Reasoning(enabled=True, adaptive=True), OLDER, -1),
        (OFF, OLDER, 0),
        (OFF, PRO, 128),
        (effort("none"), OLDER, 0),
    ],
)
def test_gemini_2_5_gets_a_budget(wish: Reasoning, model: str, budget: int):
    assert config(wish, model) == {"thinkingBudget": budget}


@pytest.mark.parametrize(
    ("wish", "model", "level"),
    [
        (effort("minimal"), "gemini-3-flash-preview", "MINIMAL"),
        (effort("minimal"), "gemini-3.8-flash", "LOW"),
        (effort("low"), "gemini-3.8-flash", "LOW"),
        (effort("medium"), "gemini-3.8-flash", "MEDIUM"),
        (effort("medium"), "gemini-3-pro-preview", "LOW"),
        (effort("high"), "gemini-3-pro-preview", "HIGH"),
        (effort("xhigh"), "gemini-3.8-flash", "HIGH"),
        (effort("max"), "gemini-3.8-flash", "HIGH"),
        (Reasoning(budget_tokens=2000), "gemini-3.8-flash", "LOW"),
        (Reasoning(budget_tokens=31_999), "gemini-3.8-flash", "HIGH"),
        (OFF, "gemini-3.8-flash", "LOW"),
        (OFF, "gemini-3.1-flash-lite", "MINIMAL"),
    ],
)
def test_gemini_3_gets_a_level(wish: Reasoning, model: str, level: str):
    assert config(wish, model) == {"thinkingLevel": level}


def test_xhigh_is_sent_where_the_provider_lists_it():
    profile = replace(profiles.GEMINI, effort=(*profiles.GEMINI.effort, "xhigh"))
    assert config(effort("max"), "gemini-3.8-flash", profile=profile) == {"thinkingLevel": "XHIGH"}


@pytest.mark.parametrize("model", [OLDER, "gemini-3.8-flash"])
def test_thoughts_are_asked_for_where_they_will_be_read(model: str):
    assert config(Reasoning(show=True), model) == {"includeThoughts": True}
    assert config(Reasoning(show=True, omit_text=True), model) is None
    assert config(Reasoning(), model) is None
    found = config(Reasoning(enabled=True, effort="high", show=True), model)
    assert found is not None
    assert found["includeThoughts"] is True
    assert len(found) == 2, "a level or a budget, never both"


@pytest.mark.parametrize("model", ["gemini-2.0-flash", "gemma-3-27b-it", "gemini-3-pro-image-preview"])
def test_models_that_do_not_think_are_not_asked_to(model: str):
    assert config(Reasoning(enabled=True, effort="high", show=True), model) is None
    assert written(reasoning=effort("high"), model=model).dropped == ("reasoning_effort",)
    assert written(reasoning=OFF, model=model).dropped == ()
    assert written(reasoning=Reasoning(show=True), model=model).dropped == ()


def test_a_provider_may_take_no_effort_at_all():
    profile = replace(profiles.GEMINI, effort=())
    assert config(effort("high"), OLDER, profile=profile) is None
    assert written(reasoning=effort("high"), profile=profile).dropped == ("reasoning_effort",)
    assert config(Reasoning(show=True), OLDER, profile=profile) == {"includeThoughts": True}
