from __future__ import annotations

import dataclasses
import itertools
import math
import operator
import re

import pytest

from app.ui.palette import DARK, LIGHT, _linear, contrast

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
@pytest.mark.parametrize("ground", ["window", "base", "raised"])
def test_edges_of_controls_can_be_seen(colors, ground):
    assert contrast(colors.outline, getattr(colors, ground)) >= 3


@THEMES
@pytest.mark.parametrize("number", range(8))
def test_series_stand_out_from_the_ground(colors, number):
    assert contrast(colors.series[number], colors.base) >= 3


# What eyes without one kind of cone see of linear red, green, blue: Machado, Oliveira and Fernandes 2009, severity 1.
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanope": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranope": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanope": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def seen(color, eyes):
    """CIE L*a*b* of a color as these eyes see it."""
    linear = [_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    rgb = [min(1.0, max(0.0, sum(map(operator.mul, row, linear)))) for row in eyes]
    mixes = ((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8730))
    x, y, z = (sum(map(operator.mul, mix, rgb)) for mix in mixes)
    x, y, z = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@THEMES
@pytest.mark.parametrize("eyes", EYES.values(), ids=EYES)
def test_series_differ_for_all_kinds_of_eyes(colors, eyes):
    assert len(colors.series) == 8
    for one, other in itertools.combinations(colors.series, 2):
        assert math.dist(seen(one, eyes), seen(other, eyes)) > 11, (one, other)


@THEMES
def test_every_color_is_written_in_full(colors):
    for field in dataclasses.fields(colors):
        value = getattr(colors, field.name)
        for color in value if isinstance(value, tuple) else (value,):
            assert isinstance(color, bool) or re.fullmatch(r"#[0-9a-f]{6}", color), field.name
