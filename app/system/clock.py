"""The computer's clocks, and noticing that it slept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from app.domain.clock import Clock

RESUME_JUMP_S = 60.0
RESUME_CHECK_S = 15.0


class SystemClock:
    """The real clocks; implements `domain.clock.Clock`."""

    def now_us(self) -> int:
        """UTC microseconds since the Unix epoch."""
        return time.time_ns() // 1000

    def monotonic_ns(self) -> int:
        """Nanoseconds from an arbitrary start."""
        return time.monotonic_ns()


class ResumeDetector:
    """Tells, when asked at regular times, whether the computer slept since it was asked last.

    Linux's and macOS's monotonic clocks stand still in sleep, so the wall clock runs ahead of them; Windows' goes on,
    so there the question itself comes late.
    """

    def __init__(self, clock: Clock, *, every_s: float = RESUME_CHECK_S, jump_s: float = RESUME_JUMP_S) -> None:
        self._clock = clock
        self._every_s = every_s
        self._jump_s = jump_s
        self._wall_us = clock.now_us()
        self._monotonic_ns = clock.monotonic_ns()

    def slept_s(self) -> float:
        """About how many seconds the computer slept; 0.0 if it did not."""
        wall_us, monotonic_ns = self._clock.now_us(), self._clock.monotonic_ns()
        wall_s = (wall_us - self._wall_us) / 1e6
        monotonic_s = (monotonic_ns - self._monotonic_ns) / 1e9
        self._wall_us, self._monotonic_ns = wall_us, monotonic_ns
        asleep_s = max(wall_s - monotonic_s, monotonic_s - self._every_s)
        return asleep_s if asleep_s > self._jump_s else 0.0


async def watch_for_resume(
    clock: Clock, on_resume: Callable[[float], None], *, every_s: float = RESUME_CHECK_S
) -> None:
    """Call `on_resume` with the seconds slept each time the computer wakes; runs until cancelled."""
    detector = ResumeDetector(clock, every_s=every_s)
    while True:
        await asyncio.sleep(every_s)
        if asleep_s := detector.slept_s():
            on_resume(asleep_s)
