from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.body import decode, members, read, with_model, without_lone_surrogates
from app.domain.errors import ErrorKind, PatchbayError


class Inner(msgspec.Struct):
    role: str


class Body(msgspec.Struct):
    model: str
    stream: bool = False
    messages: list[Inner] = []


BODY = msgspec.json.Decoder(Body)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def refused(body: bytes) -> PatchbayError:
    with pytest.raises(PatchbayError) as raised:
        read(BODY, body)
    assert raised.value.kind is ErrorKind.INVALID_REQUEST
    return raised.value


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        (b"", None, "empty"),
        (b"{", None, "byte 1"),
        (b'{"model":"m",}', None, "byte 13"),
        (b'{"model":"m"} x', None, "trailing characters"),
        (b'{"model":"m"', None, "byte 12"),
        (b'"model"', None, "Expected object"),
        (b'{"model":"\xff"}', None, "byte 10"),
        ('{"model":"m"}'.encode("utf-16"), None, "UTF-8"),
        ('{"model":"m"}'.encode("utf-16-le"), None, "not valid JSON"),
        ('{"model":"m"}'.encode("utf-32-le"), None, "not valid JSON"),
        (b'\xef\xbb\xbf{"model":"m"}', None, "byte 0"),
        (b'{"model":"m","x":NaN}', None, "byte 17"),
        (b'{"model":"m","x":Infinity}', None, "byte 17"),
        (b'{"model":"m","x":1e999}', None, "too large"),
        (b'{"model":"m","x":[-1e999]}', None, "too large"),
        (b'{"model":"m","x":' + b"9" * 5000 + b"}", None, "too large"),
        (b'{"model":7}', "model", "Expected str, got int"),
        (b'{"model":null}', "model", "Expected str"),
        (b'{"model":"m","stream":"yes"}', "stream", "Expected bool"),
        (b'{"stream":true}', "model", "field required"),
        (b'{"model":"m","messages":[{"role":"a"},{"role":1}]}', "messages.1.role", "Expected str"),
        (b'{"model":"m","messages":[{}]}', "messages.0.role", "field required"),
        (b'{"model":"a","model":"a"}', "model", "twice"),
        (b'{"model":"a","x":{},"model":"bcd"}', "model", "twice"),
        (b'{"model":"a","mod\\u0065l":"b"}', "model", "twice"),
        (b'{"model":"a","stream":true,"stream":false}', "stream", "twice"),
        (b'{"max_tokens":1,"model":"a","max_tokens":222}', "max_tokens", "twice"),
    ],
)
def test_a_body_that_cannot_be_trusted_is_refused_with_its_place(body: bytes, param: str | None, words: str) -> None:
    error = refused(body)
    assert error.param == param
    assert words in error.message
    assert error.message.startswith(f"{param}: ") or param is None


def test_numbers_inside_strings_are_texts() -> None:
    digits = "9" * 4000
    body = json.dumps({"model": "m", "x": f'{{"n": {digits}, "e": 1e999}}'}).encode()
    assert read(BODY, body).model == "m"


def test_numbers_that_fit_are_left_alone() -> None:
    body = b'{"model":"m","x":[1e300,0.000e999,-5.5e-999,' + b"9" * 300 + b"]}"
    assert read(BODY, body).model == "m"


@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
@pytest.mark.parametrize("depth", [98, 200, 1_000, 100_000, 2_000_000])
def test_deep_nesting_is_refused(brackets: tuple[bytes, bytes], depth: int) -> None:
    opening, closing = brackets
    levels = depth // opening.count(b"[") if opening == b"[" else depth // (opening.count(b"[") + 1)
    body = b'{"model":"m","x":' + opening * levels + b"1" + closing * levels + b"}"
    if depth < 100:
        assert read(BODY, body).model == "m"
    else:
        assert refused(body).param is None


def test_brackets_inside_strings_nest_nothing() -> None:
    body = json.dumps({"model": "m", "x": "[" * 5000, "y": '\\"[' * 5000, "z": "\\" * 7}).encode()
    assert read(BODY, body).model == "m"


def test_the_hundredth_level_is_the_last() -> None:
    inside = b"[" * 99 + b"]" * 99
    assert read(BODY, b'{"model":"m","x":' + inside + b"}").model == "m"
    assert "100 levels" in refused(b'{"model":"m","x":[' + inside + b"]}").message


def test_a_body_of_millions_of_values_is_refused_before_it_is_built() -> None:
    assert "values" in refused(b'{"model":"m","messages":[' + b"{}," * 600_000 + b"{}]}").message


def test_half_an_emoji_does_not_make_a_body_unreadable() -> None:
    body = rb'{"model":"m\ud83d","messages":[{"role":"a\ude00b"}],"x":"\\ud83d \ud83d\ude00"}'
    read_body = read(BODY, body)
    assert read_body.model == "m\ufffd"
    assert read_body.messages[0].role == "a\ufffdb"


def test_whole_pairs_and_escaped_backslashes_stay() -> None:
    data = rb'"\ud83d\ude00 \\ud83d \u00e9"'
    assert without_lone_surrogates(data) == data
    plain = b'"plain"'
    assert without_lone_surrogates(plain) is plain
    assert len(without_lone_surrogates(rb'"\uDC00\ud800"')) == len(rb'"\uDC00\ud800"')


def test_the_place_of_an_inner_value_is_told_from_the_outside() -> None:
    with pytest.raises(PatchbayError) as raised:
        decode(msgspec.json.Decoder(Inner), b'{"role":3}', "messages.4.content.0")
    assert raised.value.param == "messages.4.content.0.role"


@given(st.dictionaries(st.text(), VALUES, max_size=6), st.sampled_from([None, 1, 3]), st.booleans())
def test_members_finds_every_value(value: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    data = body.encode("utf-8", "surrogatepass")
    places = members(data)
    assert list(places) == list(value)
    assert {name: json.loads(data[place]) for name, place in places.items()} == value


def test_members_with_half_an_emoji() -> None:
    body = rb'{"a":"\ud800","model":"m"}'
    assert body[members(body)["model"]] == b'"m"'


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (b'{"model":"a"}', b'{"model":"new"}'),
        (b'{ "model" :\n"a" , "x":1}', b'{ "model" :\n"new" , "x":1}'),
        (b'{"x":{"model":"keep"},"model":"a\\"}b"}', b'{"x":{"model":"keep"},"model":"new"}'),
        (b'{"x":"\\"model\\":\\"keep\\"","model":"a"}', b'{"x":"\\"model\\":\\"keep\\"","model":"new"}'),
        (b'{"mod\\u0065l":"a","y":["model","model"]}', b'{"mod\\u0065l":"new","y":["model","model"]}'),
        ('{"é":"\u2028","model":"ü"}'.encode(), '{"é":"\u2028","model":"new"}'.encode()),
    ],
)
def test_only_the_model_at_the_top_is_replaced(body: bytes, changed: bytes) -> None:
    assert with_model(body, "new") == changed


def test_a_model_name_is_written_as_json() -> None:
    assert json.loads(with_model(b'{"model":"a"}', 'q"ü\\'))["model"] == 'q"ü\\'


def test_without_a_model_there_is_nothing_to_replace() -> None:
    with pytest.raises(PatchbayError) as raised:
        with_model(b'{"x":{"model":"a"}}', "new")
    assert raised.value.param == "model"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("stream", (b'"yes"', b"1", b"{}")),
        ("messages", (b'"x"', b"null", b"{}")),
        ("max_tokens", (b"-1", b"true", b"1.5", b"9223372036854775808", b'"5"', b"1e3")),
        ("temperature", (b'"hot"', b"[]")),
        ("tools", (b'"x"', b"5")),
    ],
)
def test_a_field_of_the_wrong_type_is_refused_by_name(field: str, values: tuple[bytes, ...]) -> None:
    for value in values:
        assert refused(b'{"model":"m","%s": %s }' % (field.encode(), value)).param == field


def test_null_is_a_field_that_is_not_given() -> None:
    body = b'{"model":"m","max_tokens":null,"tools":null,"temperature":null}'
    assert read(BODY, body).model == "m"


@pytest.mark.parametrize("messages", [b"[5]", b"[ null]", b"[[]]"])
def test_messages_are_objects(messages: bytes) -> None:
    assert (refused(b'{"model":"m","messages":%s}' % messages).param or "").startswith("messages")


def test_more_messages_than_anybody_has_are_refused() -> None:
    many = b"[" + b",".join([b'{"role":"user","content":"x"}'] * 100_001) + b"]"
    assert refused(b'{"model":"m","messages":%s}' % many).param == "messages"
