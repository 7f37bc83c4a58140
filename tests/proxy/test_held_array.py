from __future__ import annotations

import json

import pytest

from app.proxy.held_array import HeldArray

ELEMENTS = [{"a": 'x"]}\\'}, {"b": [1, {"c": "\\\\"}]}, {"d": "{["}]
ARRAY = ("[" + ",\r\n".join(json.dumps(one) for one in ELEMENTS) + "\n]\n").encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_no_byte_is_changed_and_only_whole_elements_go(size):
    held, sent = HeldArray(), b""
    for start in range(0, len(ARRAY), size):
        sent += held.take(ARRAY[start : start + size])
        if sent:
            closed = sent if sent.rstrip().endswith(b"]") else sent + b"]"
            assert json.loads(closed) == ELEMENTS[: len(json.loads(closed))]
    assert sent + held.rest() == ARRAY


@pytest.mark.parametrize("cut", range(1, len(ARRAY) - 2))
def test_an_error_can_be_told_after_any_byte(cut):
    held = HeldArray()
    sent = held.take(ARRAY[:cut])
    *whole, last = json.loads(sent + held.appended(b'[{"error": 1}]'))
    assert last == {"error": 1}
    assert whole == ELEMENTS[: len(whole)]


def test_a_huge_element_goes_on_in_halves():
    held = HeldArray()
    assert held.take(b'[{"a":1}') == b'[{"a":1}'
    half = b',{"b":"' + b"x" * 300_000
    assert held.take(half) == half
    assert held.overflowed
    assert held.take(b'"}') == b'"}'
    assert not held.overflowed
