"""Long work in a thread that lets the loop's thread run every few milliseconds.

Python hands over between threads every 5 ms, and the loop, which lets go of the interpreter at each of its calls into
the system, has to queue for it several times a turn: a busy thread makes 40 ms of what should be five.
"""

from __future__ import annotations

import time

WORK_S = 0.002
REST_S = 0.0005


class Breath:
    """Call it often from the work; once in two milliseconds it steps aside."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def __call__(self) -> None:
        """Step aside if it is time."""
        now = time.perf_counter()
        if now - self._last > WORK_S:
            time.sleep(REST_S)
            self._last = time.perf_counter()
