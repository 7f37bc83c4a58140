from __future__ import annotations

from app.domain.measure import WINDOW_S, Flight, Latency, Meter


def flight(name):
    return Flight(name, "P", "m", 0.0)


def test_a_second_sums_what_happened_in_it():
    meter = Meter()
    meter.begin(10.1, flight("a"))
    meter.begin(10.2, flight("b"))
    meter.tokens(10.3, 5, 7)
    meter.tokens(10.9, 0, 3)
    meter.end(10.95, Latency(10.95, "a", "P", 12, 850, ok=False))
    [second] = meter.seconds
    assert (second.input_tokens, second.output_tokens) == (5, 10)
    assert (second.started, second.ended, second.failed, second.in_flight) == (2, 1, 1, 2)
    assert list(meter.flights) == ["b"]


def test_a_new_second_begins_with_what_is_still_running():
    meter = Meter()
    meter.begin(1.0, flight("a"))
    meter.tokens(5.0, 0, 1)
    assert [one.in_flight for one in meter.seconds] == [1, 1]


def test_every_change_has_a_new_revision_and_the_past_is_bounded():
    meter = Meter()
    before = meter.revision
    for second in range(WINDOW_S + 50):
        meter.tokens(float(second), 1, 1)
    assert meter.revision > before
    assert len(meter.seconds) == WINDOW_S


def test_an_end_that_never_began_is_harmless():
    meter = Meter()
    meter.end(1.0, Latency(1.0, "ghost", "P", None, 1, ok=True))
    assert meter.flights == {}


def test_a_flight_that_goes_elsewhere_says_so():
    meter = Meter()
    meter.begin(1.0, flight("a"))
    before = meter.revision
    meter.redirect("a", "Other", "its-model")
    assert (meter.flights["a"].provider, meter.flights["a"].model) == ("Other", "its-model")
    assert meter.revision > before
    meter.redirect("ghost", "Other", "its-model")
    assert list(meter.flights) == ["a"]
