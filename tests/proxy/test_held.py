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


@pytest.mark.parametrize("blank", [b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n", b"\r\n\n"])
@given(sizes=st.lists(st.integers(1, 20), max_size=30))
def test_only_whole_events_go_on_and_no_byte_is_lost(blank, sizes):
    whole = EVENTS.replace(b"\n\n", blank)
    out, held = run(whole + b"data: half", sizes)
    assert b"".join(out) == whole
    for piece in out:
        assert not piece or piece.endswith(blank)
    assert held.rest() == b"data: half"
    assert held.rest() == b""


def test_an_event_at_the_end_of_a_chunk_is_not_copied():
    chunk = b"data: 1\n\n"
    assert Held().take(chunk) is chunk


def test_a_blank_line_cut_in_two():
    held = Held()
    assert held.take(b"data: 1\n") == b""
    assert held.take(b"\ndata: 2") == b"data: 1\n\n"
    assert held.rest() == b"data: 2"


@pytest.mark.parametrize("blank", [b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n"])
def test_a_blank_line_cut_into_bytes(blank):
    out, held = run(b"data: 1" + blank + b"x", [1] * 30)
    assert b"".join(out) == b"data: 1" + blank
    assert held.rest() == b"x"


def test_a_giant_event_is_let_go():
    held = Held()
    piece = b"x" * 100_000
    out = [held.take(b"data: "), *(held.take(piece) for _ in range(4))]
    assert sum(map(len, out)) + len(held.rest()) == 400_006
    assert held.overflowed
    held.take(b"end\n\n")
    assert not held.overflowed
