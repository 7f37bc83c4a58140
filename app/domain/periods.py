"""When a budget's period begins and ends: days, weeks and months of the local calendar, however long they are."""

from __future__ import annotations

import datetime as dt

from app.domain.budget import Period

EVER_US = 2**62
"""The end of a period that never ends."""


def period_at(period: Period, now_us: int, zone: dt.tzinfo | None = None) -> tuple[int, int]:
    """The period that holds a moment: (begins, ends) in UTC microseconds, the end not included.

    `zone` is the local one by default. A day has 23 or 25 hours when clocks change; where a midnight is left out, it
    is the moment that stands for it.
    """
    if period is Period.TOTAL:
        return 0, EVER_US
    today = dt.datetime.fromtimestamp(now_us // 1_000_000, zone).date()
    if period is Period.DAY:
        first, following = today, today + dt.timedelta(days=1)
    elif period is Period.WEEK:
        first = today - dt.timedelta(days=today.weekday())
        following = first + dt.timedelta(days=7)
    else:
        first = today.replace(day=1)
        following = (first + dt.timedelta(days=32)).replace(day=1)
    return _midnight_us(first, zone), _midnight_us(following, zone)


def next_period(period: Period, ended_us: int, now_us: int, zone: dt.tzinfo | None = None) -> tuple[int, int]:
    """The period of now, after one that ended: it never begins before that end, whatever became of the time zone."""
    begins_us, ends_us = period_at(period, now_us, zone)
    return max(begins_us, ended_us), ends_us


def moment(us: int, now_us: int, zone: dt.tzinfo | None = None) -> str:
    """A moment to come in words, local time: "today at 18:00", "tomorrow at 00:00", "Tuesday 1 December at 00:00"."""
    then = dt.datetime.fromtimestamp(us // 1_000_000, zone)
    now = dt.datetime.fromtimestamp(now_us // 1_000_000, zone)
    days = (then.date() - now.date()).days
    if days in (0, 1):
        day = ("today", "tomorrow")[days]
    else:
        day = f"{then:%A} {then.day} {then:%B}" + (f" {then.year}" if then.year != now.year else "")
    return f"{day} at {then:%H:%M}"


def until(us: int, now_us: int, zone: dt.tzinfo | None = None) -> str:
    """The end of a rest, local time: "14:05" within a day, else "4 May 14:05"; the year where it is another."""
    try:
        then, now = (dt.datetime.fromtimestamp(one // 1_000_000, zone) for one in (us, now_us))
    except (ValueError, OverflowError, OSError):  # what a provider says may be any number
        return "an unknown time"
    if then - now < dt.timedelta(hours=20) or then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b} {then:%H:%M}" if then.year == now.year else f"{then.day} {then:%b} {then.year}"


def _midnight_us(day: dt.date, zone: dt.tzinfo | None) -> int:
    return int(dt.datetime.combine(day, dt.time.min, tzinfo=zone).timestamp()) * 1_000_000
