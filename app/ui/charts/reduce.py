"""From the meter to what a chart draws: sums over equal steps of time, as many as there are pixels to show them.

Times are monotonic seconds, as the meter's. A step in which no tokens could flow is a gap (NaN), not a zero. Steps
stand at whole multiples of their length, so that the past keeps its shape while the edge moves.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from app.domain.measure import Latency, Meter, Second

Floats = npt.NDArray[np.float64]
STEPS = 300
_MOST = 1e15
"""More than anybody counts, and little enough for the arithmetic of axes."""


@dataclass(frozen=True, slots=True)
class Series:
    """Equal steps of time with two values each."""

    edges_s: Floats
    """One more than there are values."""
    first: Floats
    second: Floats


def step_s(window_s: int) -> int:
    """How long a step is: 1 s for 5 min, 3 s for 15 min, 12 s for 1 h."""
    return max(1, window_s // STEPS)


def token_rates(meter: Meter, now_s: float, window_s: int) -> Series:
    """Output and input tokens a second; the second that still runs is left out."""
    edges, seconds = _edges(now_s, window_s), _since(meter.seconds, now_s - window_s - step_s(window_s))
    complete = [second for second in seconds if edges[0] <= second.at_s < int(now_s)]
    output = _sums(edges, complete, "output_tokens")
    given = _sums(edges, complete, "input_tokens")
    lengths = np.diff(edges)
    lengths[-1] = max(1.0, int(now_s) - edges[-2])
    # A count that was estimated too high is corrected downwards at its end; a rate below zero would mean nothing.
    output, given = np.maximum(output, 0) / lengths, np.maximum(given, 0) / lengths
    idle = (_most_in_flight(edges, seconds, len(meter.flights)) == 0) & (output == 0) & (given == 0)
    output[idle] = given[idle] = np.nan
    if int(now_s) == edges[-2]:  # no second of the last step is complete
        output[-1] = given[-1] = np.nan
    return Series(edges, output, given)


def token_sums(meter: Meter, now_s: float, window_s: int) -> tuple[int, int]:
    """Output and input tokens of the window, corrections taken into account."""
    seconds = _since(meter.seconds, now_s - window_s)
    return sum(one.output_tokens for one in seconds), sum(one.input_tokens for one in seconds)


def in_flight(meter: Meter, now_s: float, window_s: int) -> Series:
    """The most requests that ran at one moment of each step, and how many failed in it."""
    edges, seconds = _edges(now_s, window_s), _since(meter.seconds, now_s - window_s - step_s(window_s))
    most = _most_in_flight(edges, seconds, len(meter.flights))
    most[edges[1:] <= (meter.seconds[0].at_s if meter.seconds else edges[-1])] = np.nan  # nobody counted then
    return Series(edges, most, _sums(edges, seconds, "failed"))


@dataclass(frozen=True, slots=True)
class Points:
    """Ended exchanges, oldest first; x is their end."""

    at_s: Floats
    first_token_ms: Floats
    """NaN where no token came."""
    total_ms: Floats
    ok: npt.NDArray[np.bool_]
    exchange_ids: tuple[str, ...]
    providers: tuple[str, ...]


def latencies(meter: Meter, now_s: float, window_s: int, most: int = 1_000) -> Points:
    """Latencies of what ended in the window, at most the newest `most`."""
    since = now_s - window_s
    recent = (
        one for one in itertools.takewhile(lambda one: one.at_s >= since, reversed(meter.latencies)) if _real(one)
    )
    found: list[Latency] = list(itertools.islice(recent, most))[::-1]
    first = [np.nan if one.first_token_ms is None else _bounded(one.first_token_ms) for one in found]
    return Points(
        np.array([one.at_s for one in found], dtype=np.float64),
        np.array(first, dtype=np.float64),
        np.array([_bounded(one.duration_ms) for one in found], dtype=np.float64),
        np.array([one.ok for one in found], dtype=np.bool_),
        tuple(one.exchange_id for one in found),
        tuple(one.provider for one in found),
    )


def _real(one: Latency) -> bool:
    """Qt ends the process where it is to draw at no place, so nothing but numbers gets that far."""
    return math.isfinite(one.duration_ms) and math.isfinite(one.first_token_ms or 0)


def _bounded(value: float) -> float:
    """A time that an axis in logarithms can show."""
    return min(max(1, value), _MOST)


def _edges(now_s: float, window_s: int) -> Floats:
    step = step_s(window_s)
    last = (int(now_s) // step + 1) * step
    return np.arange(last - window_s - step, last + step, step, dtype=np.float64)


def _since(seconds: deque[Second], since_s: float) -> list[Second]:
    """The seconds from then on, oldest first."""
    return list(itertools.takewhile(lambda second: second.at_s >= since_s, reversed(seconds)))[::-1]


def _column(seconds: list[Second], name: str) -> Floats:
    found = np.array(list(map(attrgetter(name), seconds)), dtype=np.float64)
    return np.clip(np.where(np.isfinite(found), found, 0.0), -_MOST, _MOST)


def _sums(edges: Floats, seconds: list[Second], name: str) -> Floats:
    return np.histogram(_column(seconds, "at_s"), edges, weights=_column(seconds, name))[0]


def _most_in_flight(edges: Floats, seconds: list[Second], running: int) -> Floats:
    """What ran at the end of a known second ran on until the next one that is known."""
    if not seconds:
        return np.full(len(edges) - 1, float(running))
    at = _column(seconds, "at_s")
    change = _column(seconds, "started") - _column(seconds, "ended")
    at_end = running - np.concatenate((np.cumsum(change[::-1])[::-1][1:], [0.0]))
    before = np.searchsorted(at, edges[:-1]) - 1
    most: Floats = np.where(before >= 0, at_end[before], at_end[0] - change[0])
    inside = (at >= edges[0]) & (at < edges[-1])
    place = ((at[inside] - edges[0]) // (edges[1] - edges[0])).astype(np.intp)
    np.maximum.at(most, place, np.maximum(_column(seconds, "in_flight"), at_end)[inside])
    return np.maximum(most, 0)
