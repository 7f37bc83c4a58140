"""The two clocks of the program, as an interface: wall time for people, monotonic time for durations."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Tells time; tests pass one that they move by hand."""

    def now_us(self) -> int:
        """Wall-clock time, UTC microseconds since the Unix epoch; may jump."""

    def monotonic_ns(self) -> int:
        """Nanoseconds from an arbitrary start; never goes back."""
