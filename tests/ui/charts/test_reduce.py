from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.measure import Flight, Latency, Meter
from app.ui.charts import reduce
from tests.fakes import sample

NOW = 1_000.5


def flight(name="a", at=0.0):
    return Flight(name, "Anthropic", "m", at)


def ended(name="a", at=0.0, ok=True, first=100):
    return Latency(at, name, "Anthropic", first if ok else None, 900, ok)


def at(series, values, second):
    place = int((second - series.edges_s[0]) // (series.edges_s[1] - series.edges_s[0]))
    return values[place]


def test_rates_are_tokens_of_whole_seconds():
    meter = Meter()
    meter.begin(990.0, flight())
    meter.tokens(990.1, 500, 0)
    meter.tokens(991.2, 0, 30)
    meter.tokens(991.9, 0, 40)
    meter.tokens(1000.2, 0, 999)
    rates = reduce.token_rates(meter, NOW, 300)
    assert at(rates, rates.second, 990) == 500
    assert at(rates, rates.first, 991) == 70
    assert math.isnan(at(rates, rates.first, 1000))  # the second that runs is not complete
    assert np.nansum(rates.first) == 70


def test_a_gap_is_no_zero():
    meter = Meter()
    meter.begin(900.0, flight())
    meter.tokens(901.0, 0, 10)
    meter.end(905.0, ended(at=905.0))
    rates = reduce.token_rates(meter, NOW, 300)
    assert math.isnan(at(rates, rates.first, 899))
    assert at(rates, rates.first, 903) == 0  # it ran, and nothing came
    assert math.isnan(at(rates, rates.first, 950))


def test_steps_stay_put_while_the_edge_moves():
    meter = sample.meter(NOW)
    one, two = reduce.token_rates(meter, NOW, 900), reduce.token_rates(meter, NOW + 2, 900)
    shared = np.intersect1d(one.edges_s[:-2], two.edges_s[:-2])
    first = one.first[np.isin(one.edges_s[:-1], shared)]
    second = two.first[np.isin(two.edges_s[:-1], shared)]
    np.testing.assert_array_equal(first[:-1], second[:-1])


def test_a_correction_downwards_is_no_negative_rate():
    meter = Meter()
    meter.begin(990.0, flight())
    meter.tokens(991.0, 0, -50)
    meter.tokens(992.0, 0, 70)
    rates = reduce.token_rates(meter, NOW, 300)
    assert at(rates, rates.first, 991) == 0
    assert reduce.token_sums(meter, NOW, 300) == (20, 0)


def test_what_runs_on_is_counted_between_the_seconds_that_are_known():
    meter = Meter()
    meter.begin(900.0, flight("a"))
    meter.begin(900.5, flight("b"))
    meter.end(950.0, ended("a", 950.0, ok=False))
    counts = reduce.in_flight(meter, NOW, 300)
    assert at(counts, counts.first, 900) == 2
    assert at(counts, counts.first, 925) == 2
    assert at(counts, counts.first, 950) == 2
    assert at(counts, counts.first, 951) == 1
    assert at(counts, counts.first, 999) == 1
    assert at(counts, counts.second, 950) == 1
    assert math.isnan(at(counts, counts.first, 899))  # nobody counted then


def test_what_began_before_the_window_is_counted():
    meter = Meter()
    meter.begin(100.0, flight())
    counts = reduce.in_flight(meter, NOW, 300)
    assert counts.first.min() == 1


@given(
    st.lists(st.tuples(st.floats(0.1, 40), st.integers(0, 500), st.booleans()), max_size=60),
    st.sampled_from((300, 900, 3600)),
)
def test_sums_agree_with_the_meter_whatever_happened(steps, window):
    meter, now, running, number, events = Meter(), 5_000.0, [], 0, []
    for gap, tokens, begins in steps:
        now += gap
        if begins or not running:
            number += 1
            running.append(f"f{number}")
            meter.begin(now, flight(running[-1], now))
            events.append((now, 1))
        else:
            meter.end(now, ended(running.pop(0), now))
            events.append((now, -1))
        meter.tokens(now, 0, tokens)
    end = int(now) + 2.0
    rates = reduce.token_rates(meter, end, window)
    total = sum(second.output_tokens for second in meter.seconds if second.at_s >= rates.edges_s[0])
    lengths = np.diff(np.minimum(rates.edges_s, max(int(end), rates.edges_s[-2] + 1)))
    assert math.isclose(np.nansum(rates.first * lengths), total, abs_tol=0.01)
    counts = reduce.in_flight(meter, end, window)
    for place in range(len(counts.first)):
        if not math.isnan(counts.first[place]):
            begins, ends = counts.edges_s[place], counts.edges_s[place + 1]
            before = sum(change for moment, change in events if moment < begins)
            inside = [
                sum(change for moment, change in events if moment <= point)
                for point, _ in events
                if begins <= point < ends
            ]
            assert counts.first[place] == max([before, *inside])


def test_latencies_are_the_newest_of_the_window():
    meter = Meter()
    for number in range(50):
        meter.end(500.0 + number * 10, ended(f"e{number}", 500.0 + number * 10, ok=number % 2 == 0))
    points = reduce.latencies(meter, NOW, 300, most=5)
    assert points.exchange_ids == ("e45", "e46", "e47", "e48", "e49")
    assert list(points.ok) == [False, True, False, True, False]
    assert math.isnan(points.first_token_ms[0])
    assert len(reduce.latencies(meter, NOW, 300).at_s) == 29
    assert len(reduce.latencies(Meter(), NOW, 300).at_s) == 0


@pytest.mark.timed
def test_an_hour_of_every_second_is_quickly_reduced():
    import time

    meter = Meter()
    meter.begin(0.0, flight())
    for second in range(3600):
        meter.tokens(float(second), 1, 80)
    begun = time.perf_counter()
    rates = reduce.token_rates(meter, 3600.0, 3600)
    assert time.perf_counter() - begun < 0.1
    assert len(rates.first) <= 302
