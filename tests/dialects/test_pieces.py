from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.pieces import WHOLE_BYTES, elements, split, texts

NAMES = ("system", "tools", "messages")


def body(messages: list[Any], **more: Any) -> bytes:
    return json.dumps({"model": "m", "messages": messages, "stream": True, **more}, ensure_ascii=False).encode()


def turns(count: int) -> list[Any]:
    return [{"role": ("user", "assistant")[index % 2], "content": f"turn {index}, said"} for index in range(count)]


def test_a_conversation_with_one_more_turn_shares_every_piece_but_the_new_one() -> None:
    before, after = split(body(turns(9)), *NAMES), split(body(turns(10)), *NAMES)
    assert len(set(after) - set(before)) == 1


def test_tools_and_system_parts_are_pieces_of_their_own() -> None:
    tools = [{"name": "a", "input_schema": {}}, {"name": "b", "input_schema": {}}]
    system = [{"type": "text", "text": "s1"}, {"type": "text", "text": "s2"}]
    pieces = split(body(turns(2), tools=tools, system=system), *NAMES)
    assert json.dumps(tools[0]).encode() in pieces
    assert b", " + json.dumps(tools[1]).encode() in pieces
    assert json.dumps(system[0]).encode() in pieces


def test_a_system_text_is_a_piece() -> None:
    assert b'"be brief"' in split(body([], system="be brief"), *NAMES)


def test_a_cache_mark_that_moves_on_costs_one_block_of_a_long_message() -> None:
    blocks = [{"type": "text", "text": "x" * WHOLE_BYTES}, {"type": "text", "text": "last"}]
    marked = [blocks[0], blocks[1] | {"cache_control": {"type": "ephemeral"}}]
    before = split(body([{"role": "user", "content": marked}]), *NAMES)
    after = split(body([{"role": "user", "content": blocks}, {"role": "assistant", "content": "ok"}]), *NAMES)
    assert sum(map(len, set(after) - set(before))) < 200


@given(
    st.lists(
        st.dictionaries(st.text(), st.text() | st.lists(st.integers() | st.lists(st.text())), max_size=3), max_size=5
    ),
    st.sampled_from([None, 2]),
    st.text(),
)
def test_the_pieces_are_the_body(messages: list[Any], indent: int | None, system: str) -> None:
    whole = json.dumps({"system": system, "messages": messages}, indent=indent).encode()
    assert b"".join(split(whole, *NAMES)) == whole


@pytest.mark.parametrize("unreadable", [b"", b"{", b"[1,2]", b'{"messages":[', b"\xff\x00", b'{"a":1,"a":2}'])
def test_anything_unreadable_is_one_piece(unreadable: bytes) -> None:
    assert split(unreadable, *NAMES) == (unreadable,) * bool(unreadable) or split(unreadable, *NAMES) == (unreadable,)


@pytest.mark.parametrize("odd", [b'{"messages":7}', b'{"messages":null,"tools":{}}', b'{"messages":[ ]}'])
def test_members_of_another_kind_stay_where_they_are(odd: bytes) -> None:
    assert b"".join(split(odd, *NAMES)) == odd


def test_elements_may_be_arrays_and_hold_half_an_emoji() -> None:
    data = rb'  [ [1,2] , [ [3] ],"\ud800", {"a":[4]}]'
    found = [data[place] for place in elements(data, slice(2, len(data)))]
    assert found == [b"[1,2]", b"[ [3] ]", rb'"\ud800"', b'{"a":[4]}']


def test_what_was_said_called_and_answered_is_found() -> None:
    message = {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "let me see", "signature": "c2VjcmV0"},
            {"type": "text", "text": "I will look"},
            {
                "type": "tool_use",
                "id": "toolu_1",
                "name": "Bash",
                "input": {"command": "ls -la", "deep": [{"x": "inside"}]},
            },
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "a.txt"}]},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}},
            {"type": "document", "title": "T", "source": {"type": "text", "data": "plain words"}},
        ],
    }
    piece = b", " + json.dumps(message).encode()
    assert texts(piece) == ("let me see", "I will look", "ls -la", "inside", "a.txt", "plain words", "T")


def test_a_chat_message_is_read_as_well() -> None:
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"city":"Ulm"}'}}],
    }
    assert texts(json.dumps(message).encode()) == ('{"city":"Ulm"}',)


@pytest.mark.parametrize(
    "piece",
    [
        b'{"model":"m","messages":[',
        b'],"stream":true}',
        b"",
        b'{"name":"t","description":"what it does","input_schema":{"type":"object","description":"d"}}',
        b'{"type":"function","function":{"name":"t","parameters":{}}}',
        b'{"role":"user","content":"  "}',
        b"\xff",
    ],
)
def test_schemas_and_what_stands_between_are_silent(piece: bytes) -> None:
    assert texts(piece) == ()


def test_a_system_text_is_readable() -> None:
    assert texts(b'"be brief"') == ("be brief",)
