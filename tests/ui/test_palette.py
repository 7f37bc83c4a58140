from __future__ import annotations

import dataclasses
import itertools
import re

import pytest

from app.ui.palette import DARK, LIGHT, contrast

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize("role", ["text", "muted", "accent", "ok", "warning", "error", "link"])
@pytest.mark.parametrize("ground", ["window", "base", "raised"])
def test_everything_read_has_contrast(colors, role, ground):
    assert contrast(getattr(colors, role), getattr(colors, ground)) >= 4.5


@THEMES
def test_text_on_a_selection_and_on_the_accent(colors):
    assert contrast(colors.text, colors.selected) >= 4.5
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    for role in ("muted", "ok", "warning", "error"):
        assert contrast(getattr(colors, role), colors.selected) >= 4.5, role


@THEMES
@pytest.mark.parametrize("number", range(8))
def test_series_stand_out_from_the_ground(colors, number):
    assert contrast(colors.series[number], colors.base) >= 3


@THEMES
def test_series_differ(colors):
    assert len(colors.series) == 8
    for one, other in itertools.combinations(colors.series, 2):
        assert sum(abs(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) for i in (1, 3, 5)) > 60, (one, other)


@THEMES
def test_every_color_is_written_in_full(colors):
    for field in dataclasses.fields(colors):
        value = getattr(colors, field.name)
        for color in value if isinstance(value, tuple) else (value,):
            assert isinstance(color, bool) or re.fullmatch(r"#[0-9a-f]{6}", color), field.name
