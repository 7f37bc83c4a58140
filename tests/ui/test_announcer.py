from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.status import Notice, Severity
from app.ui.announcer import MESSAGES_S, MOST_MESSAGES, REST, Announcer

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


def test_what_its_sayer_tells_itself_is_not_told(announcer):
    assert announcer.news((Notice("budget-b", Severity.ERROR, "used up", quiet=True),), seen=False) == []


def test_what_is_seen_is_not_told(announcer):
    assert announcer.news((PORT,), seen=True) == []
    assert announcer.news((PORT,), seen=False) == []


def test_a_flood_of_failures_is_one_message_a_minute(announcer, clock):
    told = 0
    for number in range(1000):
        clock[0] = number * 0.12
        told += announcer.may_complain()
    assert told == 2


def test_a_flood_of_different_errors_is_a_few_messages_with_a_count(announcer, clock):
    told, at = [], []
    for number in range(1000):
        clock[0] = number * 0.01
        news = announcer.news((Notice(f"provider-{number}", Severity.ERROR, f"Provider {number} fails"),), seen=False)
        told += news
        at += [clock[0]] * len(news)
    assert len(told) <= MOST_MESSAGES
    clock[0] = 30.0
    told += announcer.news((), seen=False)
    single = sum(one.id != REST for one in told)
    counted = sum(int(one.text.split(" ")[0].replace(",", "")) for one in told if one.id == REST)
    assert single + counted == 1000


def test_many_errors_at_once_are_a_few_messages_with_a_count(announcer, clock):
    many = tuple(Notice(f"provider-{number}", Severity.ERROR, "It fails") for number in range(1000))
    told = announcer.news(many, seen=False)
    assert [one.id for one in told] == [*(f"provider-{number}" for number in range(4)), REST]
    assert told[-1].text.startswith("996 more errors")
    assert announcer.news(many, seen=False) == []
    assert not announcer.may_complain()


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 12), st.booleans()), max_size=60))
def test_never_more_than_five_messages_in_ten_seconds(steps):
    now, number, told = [0.0], 0, []
    announcer = Announcer(lambda: now[0])
    for later, count, complaint in steps:
        now[0] += later
        some = tuple(Notice(f"n{number + one}", Severity.ERROR, "x") for one in range(count))
        number += count
        told += [now[0]] * len(announcer.news(some, seen=False))
        if complaint:
            told += [now[0]] * announcer.may_complain()
    assert all(sum(at <= one < at + MESSAGES_S for one in told) <= MOST_MESSAGES for at in told)
