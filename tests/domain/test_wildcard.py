from __future__ import annotations

import time

import pytest

from app.domain.wildcard import fits


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("claude-opus-4-8", "claude-opus-*"),
        ("Claude-Opus-4-8", "claude-opus-*"),
        ("z-ai/glm-5:free", "*glm*"),
        ("claude-sonnet-5[1m]", "*[1m]"),
        ("anything", "*"),
        ("", "*"),
        ("gpt.5", "GPT.5"),
        ("two\nlines", "two*lines"),
    ],
)
def test_what_fits(name, pattern):
    assert fits(name, ("never", pattern))


@pytest.mark.parametrize(
    ("name", "pattern"), [("gpt-5", "gpt.5"), ("opus", "opus-*"), ("my-opus", "opus*"), ("m", "[m]"), ("", "x")]
)
def test_what_does_not(name, pattern):
    assert not fits(name, (pattern,))


def test_nothing_fits_no_pattern():
    assert not fits("a", ())


def test_many_stars_in_a_row_take_no_time():
    begun = time.perf_counter()
    assert not fits("a" * 256, ("*" * 200 + "b",))
    assert time.perf_counter() - begun < 0.1
