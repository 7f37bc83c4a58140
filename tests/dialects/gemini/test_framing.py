from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.gemini.framing import Framing, JsonArray
from app.domain.errors import ErrorKind, PatchbayError

VALUES = st.dictionaries(
    st.text(alphabet='ab"\\{}[],: \n', max_size=3),
    st.recursive(
        st.one_of(st.text(alphabet='ab"\\{}[],:é', max_size=6), st.integers()),
        lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    ),
    max_size=3,
)


def fed(stream: bytes, size: int) -> tuple[list[bytes], Framing]:
    framing = Framing()
    found = [one for at in range(0, len(stream), size) for one in framing.feed(stream[at : at + size])]
    return found + framing.close(), framing


@given(st.lists(VALUES, max_size=3), st.sampled_from([None, 1]), st.booleans(), st.integers(1, 30))
def test_an_array_is_split_wherever_it_is_cut(values: list[object], indent: int | None, mark: bool, size: int):
    parts = [json.dumps(one, indent=indent, ensure_ascii=False) for one in values]
    stream = (b"\xef\xbb\xbf" if mark else b"") + ("\r\n [" + "\n,\r\n".join(parts) + "\n]").encode()
    found, framing = fed(stream + b" ignored", size)
    assert [json.loads(one) for one in found] == values
    assert framing.ended


def test_objects_without_an_array_are_split_too():
    assert fed(b'{"a":1}\n{"b":{}}', 1)[0] == [b'{"a":1}', b'{"b":{}}']
    assert not fed(b'{"a":1}', 3)[1].ended


@pytest.mark.parametrize("size", [1, 2, 100])
def test_anything_else_is_server_sent_events(size: int):
    assert fed(b"\n\n: hi\n\nevent: x\ndata: [1]\n\ndata: {}", size)[0] == [b"[1]", b"{}"]
    assert fed(b"\xef\xbb\xbfdata: {}\n\n", size)[0] == [b"{}"]
    assert fed(b" \n", size)[0] == []


@pytest.mark.parametrize("stream", [b"[7]", b'["a"]', b"[}", b"[{}x"])
def test_what_is_no_object_is_an_error(stream: bytes):
    with pytest.raises(PatchbayError) as raised:
        fed(stream, 1)
    assert raised.value.kind is ErrorKind.BAD_REPLY


def test_an_object_has_a_largest_size():
    array = JsonArray(max_object_bytes=50)
    assert array.feed(b'[{"a":"' + b"x" * 40 + b'"}') != []
    with pytest.raises(PatchbayError):
        array.feed(b',{"a":"' + b"x" * 100)


def test_a_large_object_in_small_pieces_is_looked_at_once():
    tracemalloc.start()
    framing = Framing()
    framing.feed(b'[{"a":"')
    for _ in range(20_000):
        assert framing.feed(b"x" * 100) == []
    (found,) = framing.feed(b'"}')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 2_000_008
    assert peak < 12_000_000
