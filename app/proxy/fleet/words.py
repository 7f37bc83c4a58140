"""Times as the routing trace and what a client is told say them."""

from __future__ import annotations

from app.domain import periods


def until(until_us: int, now_us: int) -> str:
    """The words "for 12 s" where it is soon, else "until 14:05" as everywhere else."""
    left_s = (until_us - now_us) / 1e6
    return f"for {max(1, round(left_s))} s" if left_s < 60 else f"until {periods.until(until_us, now_us)}"
