from __future__ import annotations

import pytest

from app.domain.settings import AuthMode
from app.store.config import values
from app.store.config.values import BadValueError


@pytest.mark.parametrize(
    ("key", "given", "value"),
    [
        ("port", "8086", 8086),
        ("port", 1, 1),
        ("record_bodies", "True", True),
        ("auth", "open", AuthMode.OPEN),
        ("log_level", "WARNING", "warning"),
        ("provider", "", ""),
    ],
)
def test_values_become_their_type(key, given, value):
    assert values.setting(key, given) == value


@pytest.mark.parametrize(
    ("key", "given"),
    [("port", 0), ("port", 65_536), ("port", "1e3"), ("port", None), ("port", float("nan")), ("history_days", -1)],
)
def test_numbers_have_bounds(key, given):
    with pytest.raises(BadValueError, match="whole number from"):
        values.setting(key, given)


def test_limits_take_fractions_where_they_are_seconds():
    assert values.limit("connect_s", "2.5") == 2.5
    assert values.limit("max_in_flight", 4) == 4
    for key, given in (("max_in_flight", 2.5), ("connect_s", 0), ("connect_s", float("inf"))):
        with pytest.raises(BadValueError):
            values.limit(key, given)


@pytest.mark.parametrize(
    "given", ["1_0", "\u0661\u0662", "\uff11", "1e1", "0x8", "inf", "nan", "", "+", "1.", "9" * 5_000]
)
def test_a_number_in_quotes_is_plain_digits(given):
    for key in ("max_in_flight", "connect_s"):
        with pytest.raises(BadValueError, match="number from"):
            values.limit(key, given)
    assert values.limit("max_in_flight", " 10 ") == 10


def test_lists_hold_text_only():
    assert values.texts(["a", "b"]) == ("a", "b")
    for given in ("a", ["a", 1], {"a": 1}, None):
        with pytest.raises(BadValueError):
            values.texts(given)


@pytest.mark.parametrize("storage", ["memory", "redis://localhost:6379", "rediss://cache.example.org:6380/0"])
def test_rates_are_counted_in_memory_or_in_a_shared_store(storage):
    assert values.limit("rate_storage", storage) == storage


@pytest.mark.parametrize(
    "storage",
    ["", "Memory", "memcached://a:1", "redis://:secret@host", "redis://", "redis://h/a", "async+redis://h", 1],
)
def test_what_no_storage_of_rates_is_called(storage):
    with pytest.raises(BadValueError):
        values.limit("rate_storage", storage)
