"""Where ticks stand and what they say: pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from app.ui.formats import NBSP

Ticks = list[tuple[float, str]]

TIME_STEPS_S = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600)
DURATIONS_MS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 120_000, 600_000, 3_600_000)
_MANTISSAS = (1, 2, 3, 4, 5, 6, 8, 10)


def nice_top(largest: float, least: float = 1.0) -> float:
    """The end of an axis that begins at zero: `largest` rounded up to a round number, at least `least`."""
    if not math.isfinite(largest) or largest <= least:
        return least
    largest = min(largest, 1e300)
    magnitude: float = 10.0 ** math.floor(math.log10(largest))
    return next(step * magnitude for step in _MANTISSAS if step * magnitude >= largest * (1 - 1e-9))


def steady_top(largest: float, before: float, least: float = 1.0) -> float:
    """The same, but an axis that is a little too long stays as it is, so that the picture does not breathe."""
    top = nice_top(largest, least)
    return before if top <= before and top > before / 2.5 else top


def value_ticks(top: float, write: Callable[[float], str], *, whole: bool = False) -> Ticks:
    """Zero, the end, and the middle where it is a round number too."""
    middle = top / 2
    values = [0.0, top] if whole and middle != int(middle) else [0.0, middle, top]
    return [(value, write(value)) for value in values]


def time_ticks(left_s: float, right_s: float, origin_us: int, width_px: float) -> Ticks:
    """Local times of day at round moments; x is seconds since `origin_us` (wall clock)."""
    room = max(1.0, width_px / 80)
    step = next((step for step in TIME_STEPS_S if (right_s - left_s) / step <= room), TIME_STEPS_S[-1])
    origin_s = origin_us / 1_000_000
    offset = datetime.fromtimestamp(origin_s + right_s).astimezone().utcoffset()
    local_s = origin_s + (offset.total_seconds() if offset else 0.0)
    form = "%H:%M:%S" if step < 60 else "%H:%M"
    first = math.ceil((left_s + local_s) / step) * step - local_s
    count = int((right_s - first) / step + 1) if right_s >= first else 0
    every = (first + number * step for number in range(count))
    return [(x, f"{datetime.fromtimestamp(round(origin_s + x)).astimezone():{form}}") for x in every]


def duration_range(low_ms: float, high_ms: float) -> tuple[float, float]:
    """The round durations around both ends."""
    low = max((mark for mark in DURATIONS_MS if mark <= low_ms), default=DURATIONS_MS[0])
    high = min((mark for mark in DURATIONS_MS if mark >= high_ms), default=DURATIONS_MS[-1])
    return float(low), float(high)


def duration_ticks(low_ms: float, high_ms: float) -> Ticks:
    """Round durations for a logarithmic axis; y is log10 of milliseconds."""
    return [(math.log10(mark), _short_duration(mark)) for mark in DURATIONS_MS if low_ms <= mark <= high_ms]


def _short_duration(mark_ms: int) -> str:
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        if mark_ms >= size:
            return f"{mark_ms // size}{NBSP}{unit}"
    return f"{mark_ms}{NBSP}ms"
