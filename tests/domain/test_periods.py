from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.budget import Period
from app.domain.periods import EVER_US, moment, next_period, period_at, until

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_US = 3_600_000_000
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/Havana", "Africa/Cairo", "Pacific/Kiritimati", "UTC")]


def us(year, month, day, hour=0, minute=0, zone=BERLIN):
    return int(dt.datetime(year, month, day, hour, minute, tzinfo=zone).timestamp() * 1e6)


def test_periods_follow_the_local_calendar():
    now = us(2026, 11, 21, 12)  # a Saturday
    assert period_at(Period.DAY, now, BERLIN) == (us(2026, 11, 21), us(2026, 11, 22))
    assert period_at(Period.WEEK, now, BERLIN) == (us(2026, 11, 16), us(2026, 11, 23))
    assert period_at(Period.MONTH, now, BERLIN) == (us(2026, 11, 1), us(2026, 12, 1))
    assert period_at(Period.MONTH, us(2026, 12, 31, 23, 59), BERLIN) == (us(2026, 12, 1), us(2027, 1, 1))
    assert period_at(Period.TOTAL, now, BERLIN) == (0, EVER_US)


def test_days_on_which_clocks_change_have_23_and_25_hours():
    for day, hours in (((2026, 3, 29), 23), ((2026, 10, 25), 25)):
        begins, ends = period_at(Period.DAY, us(*day, 12), BERLIN)
        assert ends - begins == hours * HOUR_US


def test_a_day_without_a_midnight_begins_at_its_first_moment():
    cairo = ZoneInfo("Africa/Cairo")
    begins, ends = period_at(Period.DAY, us(2026, 4, 24, 12, zone=cairo), cairo)  # clocks go from 00:00 to 01:00
    before = period_at(Period.DAY, us(2026, 4, 23, 12, zone=cairo), cairo)
    assert before[1] == begins
    assert ends - begins == 23 * HOUR_US


@given(
    st.integers(us(2020, 1, 1), us(2040, 1, 1)),
    st.sampled_from([Period.DAY, Period.WEEK, Period.MONTH]),
    st.sampled_from(ZONES),
)
def test_every_moment_is_in_its_period_and_the_next_one_follows_at_once(now, period, zone):
    begins, ends = period_at(period, now, zone)
    assert begins <= now < ends
    assert period_at(period, ends, zone)[0] == ends
    assert period_at(period, begins, zone) == (begins, ends)


def test_after_a_journey_west_no_period_begins_before_the_last_one_ended():
    ended = us(2026, 11, 22)
    begins, ends = next_period(Period.DAY, ended, ended + HOUR_US, ZoneInfo("America/New_York"))
    assert begins == ended
    assert ends == us(2026, 11, 22, zone=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ((2026, 11, 21, 18), "today at 18:00"),
        ((2026, 11, 22), "tomorrow at 00:00"),
        ((2026, 12, 1), "Tuesday 1 December at 00:00"),
        ((2027, 1, 1), "Friday 1 January 2027 at 00:00"),
    ],
)
def test_moments_are_told_in_words(then, words):
    assert moment(us(*then), us(2026, 11, 21, 12), BERLIN) == words


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (us(2026, 11, 21, 23, 5), "23:05"),
        (us(2026, 11, 22, 7, 30), "07:30"),
        (us(2026, 11, 22, 9), "22 Nov 09:00"),
        (us(2027, 1, 4, 9), "4 Jan 2027"),
        (10**21, "an unknown time"),
    ],
)
def test_the_end_of_a_rest_is_told_by_the_clock_within_a_day(then, said):
    assert until(then, us(2026, 11, 21, 12), BERLIN) == said
