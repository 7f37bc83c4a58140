from __future__ import annotations

import gzip
import json
import zlib

import pytest

from app.control.conversation import loose
from app.domain.exchange import StoredSide


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, "{} x", b'{"a": 1} trailing'])
def test_what_is_no_json_is_none_and_never_an_error(body):
    assert loose.parse(body) is None


def test_a_large_body_reads_the_same_as_a_small_one():
    value = {"messages": [{"role": "user", "content": f"漢 {number} \u2028"} for number in range(20_000)]}
    body = json.dumps(value, ensure_ascii=False).encode()
    assert len(body) > 512 * 1024
    assert loose.parse(body) == value


def test_each_reader_gives_its_type_or_its_empty_value():
    assert loose.mapping([1]) == {}
    assert loose.mapping({"a": 1}) == {"a": 1}
    assert loose.items("abc") == ()
    assert loose.items([1, 2]) == (1, 2)
    assert list(loose.objects([{"a": 1}, 2, None])) == [{"a": 1}]
    assert loose.text(None) == ""
    assert loose.text("x") == "x"


def test_json_inside_a_string_is_opened_and_other_strings_stay():
    assert loose.pretty('{"b":1,"a":"é"}') == '{\n  "b": 1,\n  "a": "é"\n}'
    assert loose.pretty("plain words") == "plain words"
    assert loose.pretty("12") == "12"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b"hello")), ("deflate", zlib.compress(b"hello")), ("gzip", b"hello"), ("br", b"hello")],
)
def test_a_coded_body_is_read_where_the_coding_is_known(coding, packed):
    side = StoredSide(headers=(("Content-Encoding", coding),), body=packed)
    assert loose.plain_body(side) == b"hello"


def test_a_stream_is_its_events_and_what_is_not_json_is_passed_over():
    body = b': hi\r\nevent: a\r\ndata: {"x":\r\ndata: 1}\r\n\r\ndata: [DONE]\n\nevent:b\rdata:{"y":2}'
    assert list(loose.stream(body)) == [("a", {"x": 1}), ("b", {"y": 2})]
