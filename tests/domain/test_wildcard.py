from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.timed
def test_many_stars_in_a_row_take_no_time():
    begun = time.perf_counter()
    assert not fits("a" * 256, ("*" * 200 + "b",))
    assert time.perf_counter() - begun < 0.1


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("-" * 256, "*-*-*-*-mini"), ("a" * 240, "*" + "a*" * 60 + "b"), ("ab" * 128, "*a*b*a*b*c")],
)
def test_no_pattern_takes_longer_than_its_name_is_long(name, pattern):
    begun = time.thread_time()
    for _ in range(100):
        assert not fits(name, (pattern,))
    assert time.thread_time() - begun < 0.1


@given(st.text("ab", max_size=8), st.text("ab*", max_size=8))
def test_it_means_what_a_regular_expression_would(name, pattern):
    wanted = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None
    assert fits(name, (pattern,)) == wanted
