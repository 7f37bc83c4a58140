from __future__ import annotations

import json
import time

from hypothesis import given
from hypothesis import strategies as st

from app.ui.pages.detail.indent import KEY, indented, looks_like_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def text(body):
    return "".join(piece.text for piece in indented(body))


@given(st.lists(values) | st.dictionaries(st.text(max_size=6), values), st.booleans())
def test_it_is_what_pythons_own_indenting_makes(value, ascii_only):
    body = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":")).encode("utf-8", "replace")
    assert text(body) == json.dumps(json.loads(body), ensure_ascii=ascii_only, indent=2)


def test_numbers_order_and_doubles_stay_as_they_were():
    body = b'{"b":1.000000000000000000001,"a":1e400,"b":"\\u00e4"}'
    assert text(body) == '{\n  "b": 1.000000000000000000001,\n  "a": 1e400,\n  "b": "\\u00e4"\n}'


def test_keys_have_their_own_style():
    pieces = list(indented(b'{"key" : "value", "other":["key"]}'))
    assert [piece.text for piece in pieces if piece.style == KEY] == ['"key"', '"other"']


def test_a_cut_body_is_shown_as_far_as_it_goes():
    assert text(b'{"a": [1, {"b": "un') == '{\n  "a": [\n    1,\n    {\n      "b": "un'
    assert text(b'{"a\\') == '{\n  "a\\'
    assert text(b"]]}") == "\n]\n]\n}"


@given(st.binary(max_size=200))
def test_no_bytes_are_lost_or_raise(body):
    shown = text(body)
    assert shown.replace("\ufffd", "").count("{") == body.count(b"{")


def test_the_first_page_of_32_mebibytes_is_no_work():
    body = json.dumps({"text": 'lorem "ipsum"\n' * 2_200_000, "keys": dict.fromkeys(map(str, range(9)), 1)}).encode()
    start = time.thread_time()
    first = next(indented(body))
    assert len(first.text) < 20_000
    assert time.thread_time() - start < 0.02


def test_long_strings_are_whole_and_no_character_is_cut():
    inside = '漢字 \\\\ \\" 😀' * 5_000
    body = f'["{inside}"]'.encode()
    assert text(body) == f'[\n  "{inside}"\n]'


def test_only_objects_and_arrays_look_like_json():
    assert looks_like_json(b' \n{"a":1}')
    assert looks_like_json(b"[1]")
    assert not looks_like_json(b"event: ping")
    assert not looks_like_json(b"")
