from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.proxy.held import Held

EVENTS = b"event: a\ndata: 1\n\ndata: two\n\n: c\n\ndata: 3\n\n"


def run(data, sizes):
    held, out, at = Held(), [], 0
    for size in sizes:
        out.append(held.take(data[at : at + size]))
        at += size
    out.append(held.take(data[at:]))
    return out, held


@pytest.mark.parametrize("blank", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@given(sizes=st.lists(st.integers(1, 20), max_size=30))
def test_only_whole_events_go_on_and_no_byte_is_lost(blank, sizes):
    data = EVENTS.replace(b"\n\n", blank) + b"data: half"
    out, held = run(data, sizes)
    assert b"".join(out) + held.rest() == data
    for piece in out:
        assert not piece or piece.endswith(blank)
    assert held.rest() == b""


def test_an_event_at_the_end_of_a_chunk_is_not_copied():
    chunk = b"data: 1\n\n"
    assert Held().take(chunk) is chunk


def test_a_blank_line_cut_in_two():
    held = Held()
    assert held.take(b"data: 1\n") == b""
    assert held.take(b"\ndata: 2") == b"data: 1\n\n"
    assert held.rest() == b"data: 2"


def test_a_giant_event_is_let_go():
    held = Held()
    piece = b"x" * 100_000
    out = [held.take(b"data: "), *(held.take(piece) for _ in range(4))]
    assert sum(map(len, out)) + len(held.rest()) == 400_006
    assert held.overflowed
    held.take(b"end\n\n")
    assert not held.overflowed
