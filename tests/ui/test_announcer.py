from __future__ import annotations

import pytest

from app.domain.status import Notice, Severity
from app.ui.announcer import Announcer

PORT = Notice("port", Severity.ERROR, "Port 8082 is taken")
NEWS = Notice("news", Severity.WARNING, "No key yet")


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def announcer(clock):
    return Announcer(lambda: clock[0])


def test_an_error_is_told_once_in_ten_minutes(announcer, clock):
    assert announcer.news((NEWS, PORT), seen=False) == [PORT]
    for minute in range(1, 10):
        clock[0] = minute * 60.0
        again = Notice("port", Severity.ERROR, f"Port 8082 is taken, try {minute}")
        assert announcer.news((again,), seen=False) == []
    clock[0] = 601.0
    assert announcer.news((PORT,), seen=False) == [PORT]


def test_what_is_seen_is_not_told(announcer):
    assert announcer.news((PORT,), seen=True) == []
    assert announcer.news((PORT,), seen=False) == []


def test_a_flood_of_failures_is_one_message_a_minute(announcer, clock):
    told = 0
    for number in range(1000):
        clock[0] = number * 0.12
        told += announcer.may_complain()
    assert told == 2
