from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.loose_json import dicts, fitting, load, mended, number, text


class Two(msgspec.Struct):
    count: int | None = None
    name: str | None = None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"count": "3", "name": "n"}, Two(3, "n")),
        ({"count": [], "name": "n"}, Two(None, "n")),
        ({"count": 1.0, "other": 5}, Two(1)),
        ({"count": "\ud800", "name": 5}, Two()),
        ("text", None),
        ([], None),
    ],
)
def test_a_member_of_a_wrong_type_costs_only_itself(value, found):
    assert fitting(Two, value) == found


def test_values_are_taken_for_what_they_can_be():
    assert [text(one) for one in ("a", 5, True, None, [], "a\ud83d")] == ["a", "5", None, None, None, "a?"]
    assert [number(one) for one in ("7", 7.0, 7.5, "x", "9" * 50, None)] == [7, 7, None, None, None, None]
    assert list(dicts([{}, 1, {"a": 2}])) == [{}, {"a": 2}]
    assert list(dicts("x")) == []


def test_broken_bytes_are_kept_and_what_is_no_json_is_nothing():
    assert load(b'{"a":"\xff"}') == {"a": "\ufffd"}
    assert load(b"{") is None
    assert load(b"[" * 100_000) is None


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(min_value=0))
def test_a_text_cut_between_utf16_units_is_mended(said, cut):
    units = said.encode("utf-16-le")
    at = 2 * (cut % (len(units) // 2 + 1))
    first, second = (half.decode("utf-16-le", "surrogatepass") for half in (units[:at], units[at:]))
    start, held = mended("", first)
    end, rest = mended(held, second)
    assert (start + end, rest) == (said, "")


class Renamed(msgspec.Struct, rename="camel"):
    first_count: int | None = None
    last_name: str | None = None


def test_members_that_are_spelled_otherwise_on_the_wire_are_found():
    assert fitting(Renamed, {"firstCount": [], "lastName": "n"}) == Renamed(None, "n")
