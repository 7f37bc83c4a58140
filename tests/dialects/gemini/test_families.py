from __future__ import annotations

import pytest

from app.dialects.gemini.families import Family, family_of

FOUR = ("minimal", "low", "medium", "high")
THREE = ("low", "medium", "high")


@pytest.mark.parametrize(
    ("model", "levels"),
    [
        ("gemini-3-pro-preview", ("low", "high")),
        ("gemini-3.1-pro-preview", THREE),
        ("gemini-3-flash-preview", FOUR),
        ("gemini-3.5-flash", FOUR),
        ("gemini-3.7-flash", THREE),
        ("models/gemini-3.8-flash", THREE),
        ("google/Gemini-3.1-Flash-Lite", FOUR),
        ("gemini-4-ultra", THREE),
        ("gemini-flash-latest", THREE),
        ("gemini-3-pro-image-preview", ()),
    ],
)
def test_the_third_generation_thinks_by_level(model: str, levels: tuple[str, ...]):
    assert family_of(model) == Family(levels=levels, fetches=True, third=True)


@pytest.mark.parametrize(
    ("model", "budgets", "off"),
    [
        ("gemini-2.5-pro", (128, 32_768), False),
        ("gemini-2.5-flash-preview-09-2025", (1, 24_576), True),
        ("gemini-2.5-flash-lite", (512, 24_576), True),
    ],
)
def test_the_one_before_it_by_budget(model: str, budgets: tuple[int, int], off: bool):
    assert family_of(model) == Family(budgets=budgets, may_not_think=off, fetches=True)


@pytest.mark.parametrize("model", ["gemini-2.0-flash", "gemini-1.5-pro", "gemini-pro", "gemma-3-27b-it", "tuned", ""])
def test_all_others_do_not_think(model: str):
    assert family_of(model) == Family()
    assert not family_of(model).thinks
    assert not family_of("gemini-2.5-flash-image").thinks
