from __future__ import annotations

import datetime as dt

from app.domain.rest_words import partly_words, rest_words

NOW_US = int(dt.datetime(2026, 5, 3, 13, 40).timestamp()) * 1_000_000  # noqa: DTZ001 (the local clock is what is told)
LATER_US = NOW_US + 25 * 60_000_000
DAYS_US = NOW_US + 3 * 86_400_000_000


def test_when_it_ends_and_why():
    assert rest_words(LATER_US, "rate limited", NOW_US) == "rests until 14:05 (rate limited)"
    assert rest_words(DAYS_US, "", NOW_US) == "rests until 6 May 13:40"


def test_some_of_the_keys():
    assert partly_words(1, 2, LATER_US, "quota used up", NOW_US) == "1 of 2 keys rests until 14:05 (quota used up)"
    assert partly_words(2, 3, LATER_US, "", NOW_US) == "2 of 3 keys rest until 14:05"
