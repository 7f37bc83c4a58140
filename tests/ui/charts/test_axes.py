from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.charts import axes

NOON_US = int(datetime(2026, 5, 3, 12, 0, 0).astimezone().timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (0.5, 1), (1, 1), (1.01, 2), (7, 8), (9, 10), (61, 80), (100, 100), (12_345, 20_000)]
)
def test_an_axis_ends_at_a_round_number(largest, top):
    assert axes.nice_top(largest) == pytest.approx(top)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_value_breaks_an_axis(largest):
    top = axes.nice_top(largest)
    assert math.isfinite(top)
    assert top >= 1
    if math.isfinite(largest):
        assert top >= min(largest, 1e300) * 0.999999


def test_an_axis_does_not_breathe():
    top = axes.steady_top(95, 1)
    assert top == 100
    assert axes.steady_top(70, top) == 100
    assert axes.steady_top(30, top) == 30
    assert axes.steady_top(101, top) == 200


def test_values_are_marked_at_the_ends_and_in_the_middle():
    assert axes.value_ticks(4, str) == [(0.0, "0.0"), (2.0, "2.0"), (4, "4")]
    assert [place for place, _ in axes.value_ticks(5, str, whole=True)] == [0.0, 5]


def test_times_are_marked_at_round_moments():
    ticks = axes.time_ticks(-300, 0, NOON_US + 7_000_000, 400)
    assert [text for _, text in ticks] == ["11:56", "11:57", "11:58", "11:59", "12:00"]
    assert ticks[-1][0] == pytest.approx(-7)


def test_a_narrow_axis_has_fewer_marks():
    assert len(axes.time_ticks(-3600, 0, NOON_US, 200)) <= 3


def test_marks_stay_where_they_are_while_the_edge_moves():
    before = {text: place for place, text in axes.time_ticks(-300, 0, NOON_US, 400)}
    after = {text: place for place, text in axes.time_ticks(-298, 2, NOON_US, 400)}
    for text in before.keys() & after.keys():
        assert before[text] == pytest.approx(after[text])


@given(
    left=st.floats(-1e6, 1e6),
    length=st.floats(1, 1e5),
    width=st.floats(0, 5000),
    origin=st.integers(10**15, 3 * 10**15),
)
def test_time_marks_are_inside_and_few(left, length, width, origin):
    ticks = axes.time_ticks(left, left + length, origin, width)
    assert len(ticks) <= max(length / 21600 + 1, width / 80 + 1)
    for place, _ in ticks:
        assert left - 1e-3 <= place <= left + length + 1e-3


def test_durations_are_marked_on_a_log_axis():
    low, high = axes.duration_range(250, 40_000)
    assert (low, high) == (100, 120_000)
    words = [text.replace("\u00a0", " ") for _, text in axes.duration_ticks(low, high)]
    assert words == ["100 ms", "300 ms", "1 s", "3 s", "10 s", "30 s", "2 m"]
    assert axes.duration_range(0.1, 1e12) == (1, 3_600_000)
