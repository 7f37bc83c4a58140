from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.fold import Fold, reply_events
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    MessageStart,
    MessageStop,
    Ping,
    Reply,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Foreign, Image, Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage

_WORDS = st.text(max_size=8)
_PARTS = st.one_of(
    st.builds(Text, _WORDS),
    st.builds(Thinking, _WORDS, _WORDS),
    st.builds(Thinking, redacted=st.text("abc", min_size=1)),
    st.builds(ToolCall, _WORDS, _WORDS, st.just('{"a":1}'), signature=_WORDS),
    st.builds(Search, _WORDS, _WORDS, st.tuples(st.builds(SearchHit, _WORDS))),
    st.just(Foreign("dialect", "server_tool_use", b'{"type":"server_tool_use"}')),
)
_REPLIES = st.builds(
    Reply,
    _WORDS,
    _WORDS,
    st.lists(_PARTS, max_size=5).map(tuple),
    st.sampled_from(StopReason),
    st.builds(Usage, st.integers(min_value=0), output_tokens=st.integers(min_value=0)),
    st.one_of(st.none(), _WORDS),
    _WORDS,
)


def folded(events):
    fold = Fold("dialect")
    for event in events:
        fold.add(event)
    return fold


@given(_REPLIES)
def test_an_answer_told_as_events_is_the_same_answer(reply):
    assert folded(reply_events(reply)).reply() == reply


def test_a_call_without_arguments_is_told_with_empty_ones():
    reply = Reply("", "", (ToolCall("1", "f", ""),), StopReason.TOOL_USE)
    assert folded(reply_events(reply)).reply().parts == (ToolCall("1", "f", "{}"),)


def test_a_part_that_no_answer_holds_is_a_mistake():
    with pytest.raises(TypeError, match="Image"):
        list(reply_events(Reply("", "", (Image(url="u"),), StopReason.END_TURN)))


def test_a_stream_without_its_end_is_no_answer_but_can_be_looked_at():
    seen = Usage(output_tokens=3)
    fold = folded([MessageStart("1", "m"), BlockStart(0, BlockKind.TEXT), BlockDelta(0, "a"), Ping(), UsageSeen(seen)])
    with pytest.raises(PatchbayError) as raised:
        fold.reply()
    assert raised.value.kind is ErrorKind.STREAM_CUT
    assert (fold.partial().parts, fold.partial().usage) == ((Text("a"),), seen)
    assert folded([]).partial().usage == NO_USAGE


def test_a_failed_stream_says_why():
    error = PatchbayError(ErrorKind.OVERLOADED, "later")
    fold = folded([MessageStart("1", "m"), StreamError(error)])
    assert fold.error is error
    with pytest.raises(PatchbayError, match="later"):
        fold.reply()


def test_a_foreign_block_keeps_its_kind_where_it_tells_one():
    fold = folded([BlockStart(0, BlockKind.FOREIGN, json=b"broken"), MessageStop(StopReason.END_TURN)])
    assert fold.reply().parts == (Foreign("dialect", "", b"broken"),)
