from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects import signatures
from app.dialects.openai_chat.reasoning import Details, ThinkTags, call_extras, detail_text, replayed
from app.domain.events import BlockKind
from app.domain.request import Thinking

TEXT, THINKING = BlockKind.TEXT, BlockKind.THINKING


def collected(*pieces):
    details = Details()
    for piece in pieces:
        details.add([piece])
    return json.loads(details.take())


def test_pieces_of_one_detail_become_one():
    found = collected(
        {"type": "reasoning.text", "index": 0, "text": "a", "format": "f"},
        {"type": "reasoning.text", "index": 0, "text": "b", "format": None, "signature": "S"},
        {"type": "reasoning.text", "index": 1, "text": "c"},
        {"type": "reasoning.encrypted", "index": 1, "data": "x", "id": "1"},
        {"type": "reasoning.encrypted", "index": 1, "data": "y", "id": "2"},
    )
    assert found == [
        {"type": "reasoning.text", "index": 0, "text": "ab", "format": "f", "signature": "S"},
        {"type": "reasoning.text", "index": 1, "text": "c"},
        {"type": "reasoning.encrypted", "index": 1, "data": "x", "id": "1"},
        {"type": "reasoning.encrypted", "index": 1, "data": "y", "id": "2"},
    ]


def test_details_are_taken_once():
    details = Details()
    assert not details
    details.add([{"type": "x"}])
    details.add_call("a", {"google": {}})
    assert details
    assert len(json.loads(details.take())) == 2
    assert (bool(details), details.take()) == (False, b"{}")


def test_only_ones_own_details_are_replayed():
    own = signatures.wrap("k", "m", b'[{"a":1},{"b":2}]')
    thoughts = [Thinking("", own), Thinking("", "other"), Thinking("", signatures.wrap("k", "n", b'[{"c":3}]'))]
    thoughts += [Thinking("", signatures.wrap("k", "m", data)) for data in (b"{}", b"[]", b"3")]
    assert [bytes(one) for one in replayed(thoughts, "k", "m")] == [b'{"a":1}', b'{"b":2}']


def test_extras_of_calls():
    details = Details()
    details.add([{"type": "reasoning.text", "text": "x"}])
    details.add_call("a", {"google": {"thought_signature": "T"}})
    thought = Thinking("", signatures.wrap("k", "m", details.take()))
    assert call_extras(replayed([thought], "k", "m")) == {"a": {"google": {"thought_signature": "T"}}}


def test_extras_in_an_envelope_that_someone_else_filled():
    data = b'[1, "x", {"extra_content": {}}, {"id": 1, "extra_content": 2}]'
    assert call_extras(replayed([Thinking("", signatures.wrap("k", "m", data))], "k", "m")) == {}


def test_the_text_of_details():
    assert detail_text([{"text": "a"}, {"summary": "b"}, {"data": "c"}, {"text": 5}]) == "ab"
    assert detail_text(None) == ""


def split(*texts):
    tags = ThinkTags()
    found = [piece for text in texts for piece in tags.split(text)] + tags.rest()
    return ["".join(text for kind, text in found if kind is wanted) for wanted in (THINKING, TEXT)]


@pytest.mark.parametrize(
    ("said", "thought", "answer"),
    [
        ("<think>a</think>b", "a", "b"),
        (" \n<think>a</think>\n\n b", "a", "b"),
        ("<think>a<b></thin></think>c</think>", "a<b></thin>", "c</think>"),
        ("<think>never closed</thi", "never closed</thi", ""),
        ("<think></think>b", "", "b"),
        ("a<think>b</think>", "", "a<think>b</think>"),
        ("<thinking>a", "", "<thinking>a"),
        ("  ", "", "  "),
        ("", "", ""),
    ],
)
@given(sizes=st.lists(st.integers(min_value=1, max_value=9), max_size=20))
def test_tags_are_split_wherever_the_text_is_cut(said, thought, answer, sizes):
    pieces, rest = [], said
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert split(*pieces, rest) == [thought, answer]
