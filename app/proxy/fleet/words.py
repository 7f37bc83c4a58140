"""Times as the routing trace and the status say them."""

from __future__ import annotations

from datetime import datetime


def until(until_us: int, now_us: int) -> str:
    """The words "for 12 s" where it is soon, else "until 14:05" by the local clock, with the day if it is another."""
    left_s = (until_us - now_us) / 1e6
    if left_s < 60:
        return f"for {max(1, round(left_s))} s"
    end, now = (datetime.fromtimestamp(us / 1e6).astimezone() for us in (until_us, now_us))
    return f"until {end:%H:%M}" if end.date() == now.date() else f"until {end:%Y-%m-%d %H:%M}"
