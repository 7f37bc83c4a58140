"""Times are said so that a person can use them."""

from __future__ import annotations

from datetime import datetime

from app.proxy.fleet.words import until


def us(*when):
    return int(datetime(*when).astimezone().timestamp() * 1e6)


def test_soon_is_told_in_seconds():
    assert until(us(2026, 11, 21, 12, 0, 12), us(2026, 11, 21, 12, 0, 0)) == "for 12 s"
    assert until(us(2026, 11, 21, 12, 0, 0), us(2026, 11, 21, 12, 0, 0)) == "for 1 s"


def test_later_is_told_by_the_clock_and_another_day_by_its_date():
    assert until(us(2026, 11, 21, 14, 5), us(2026, 11, 21, 12, 0)) == "until 14:05"
    assert until(us(2026, 11, 23, 0, 5), us(2026, 11, 21, 23, 50)) == "until 23 Nov 00:05"
