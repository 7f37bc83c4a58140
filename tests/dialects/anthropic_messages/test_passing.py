from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.passing import pass_request
from app.dialects.signatures import wrap

OURS = wrap("openai", "gpt", b"{}")
REAL = "ErUBCkYIBxgCIkD"


def body(messages: Any, indent: int | None = None) -> bytes:
    return json.dumps({"model": "m", "messages": messages, "x": "é"}, ensure_ascii=False, indent=indent).encode()


def thinking(signature: str) -> dict[str, str]:
    return {"type": "thinking", "thinking": "hm", "signature": signature}


TEXT = {"type": "text", "text": "hi"}


@pytest.mark.parametrize(
    "untouched",
    [
        body([{"role": "assistant", "content": [thinking(REAL), TEXT]}]),
        body([{"role": "assistant", "content": [thinking(""), TEXT]}]),
        body([{"role": "user", "content": OURS}]),
        body([{"role": "user", "content": [{"type": "text", "text": OURS}]}]),
        b'{"pxy1.": ["pxy1."',
        b"",
    ],
)
def test_the_same_object_where_nothing_is_ours(untouched: bytes) -> None:
    assert pass_request(untouched) is untouched


def test_our_blocks_are_cut_out_and_nothing_else_changes() -> None:
    ours = {"type": "redacted_thinking", "data": OURS}
    given_body = body([{"role": "assistant", "content": [thinking(OURS), TEXT, ours, thinking(REAL), ours]}])
    assert pass_request(given_body) == body([{"role": "assistant", "content": [TEXT, thinking(REAL)]}])


def test_a_message_of_nothing_else_goes_whole() -> None:
    user = {"role": "user", "content": "q"}
    given_body = body([user, {"role": "assistant", "content": [thinking(OURS)]}, user])
    assert pass_request(given_body) == body([user, user])
    assert pass_request(body([{"role": "assistant", "content": [thinking(OURS)]}, user])) == body([user])


BLOCKS = st.sampled_from([thinking(OURS), thinking(REAL), TEXT, {"type": "redacted_thinking", "data": OURS}])


@given(st.lists(st.lists(BLOCKS, max_size=4), max_size=4), st.sampled_from([None, 2]))
def test_what_is_left_is_what_was_not_ours(contents: list[list[dict[str, str]]], indent: int | None) -> None:
    left = json.loads(pass_request(body([{"role": "assistant", "content": one} for one in contents], indent)))
    kept = [[block for block in one if OURS not in block.values()] for one in contents]
    assert [one["content"] for one in left["messages"]] == [
        after for before, after in zip(contents, kept, strict=True) if after or not before
    ]
    assert left["x"] == "é"
