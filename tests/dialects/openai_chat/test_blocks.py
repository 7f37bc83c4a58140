from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.base import NO_NAMES, NameMap
from app.dialects.fold import Fold
from app.dialects.openai_chat.blocks import Blocks, Call, is_json
from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop, MessageStop, StopReason
from app.domain.request import Text, Thinking, ToolCall

TEXT, THINKING = BlockKind.TEXT, BlockKind.THINKING


class Stream:
    """Blocks with the list that they write to."""

    def __init__(self, names: NameMap = NO_NAMES) -> None:
        self.blocks = Blocks(names, lambda: "S")
        self.events: list = []

    def say(self, kind, text):
        self.blocks.say(kind, text, self.events)

    def call(self, number, *fragments):
        call = Call(number, f"id{number}")
        call.take_name("f")
        self.blocks.begin(call)
        for fragment in fragments:
            self.more(call, fragment)
        return call

    def more(self, call, fragment):
        self.blocks.fragment(call, fragment, self.events)

    def parts(self):
        self.blocks.finish(self.events)
        fold = Fold()
        for event in [*self.events, MessageStop(StopReason.END_TURN)]:
            fold.add(event)
        return fold.reply().parts


def test_a_block_streams_while_it_is_the_first():
    stream = Stream()
    stream.say(TEXT, "a")
    stream.say(TEXT, "b")
    assert stream.events == [BlockStart(0, TEXT), BlockDelta(0, "a"), BlockDelta(0, "b")]
    assert stream.blocks.text_index == 0
    stream.say(THINKING, "c")
    assert stream.events[3:] == [BlockStop(0), BlockStart(1, THINKING), BlockDelta(1, "c")]
    assert stream.blocks.text_index == -1
    assert stream.parts() == (Text("ab"), Thinking("c", "S"))
    assert stream.events[-2:] == [BlockSignature(1, "S"), BlockStop(1)]


def test_fragments_pass_as_they_come_while_no_other_block_waits():
    stream = Stream()
    stream.call(0, '{"x"', "", ":1}")
    assert [event.text for event in stream.events[1:]] == ['{"x"', ":1}"]


def test_later_calls_wait_until_the_first_is_complete():
    stream = Stream()
    first = stream.call(0, '{"x":')
    second = stream.call(1, '{"y":')
    stream.call(2, "{}")
    assert len(stream.events) == 2
    stream.more(second, "2}")
    assert len(stream.events) == 2
    stream.more(first, "1}")
    assert [event.index for event in stream.events if isinstance(event, BlockStop)] == [0, 1]
    assert stream.parts() == (
        ToolCall("id0", "f", '{"x":1}'),
        ToolCall("id1", "f", '{"y":2}'),
        ToolCall("id2", "f", "{}"),
    )


def test_what_is_said_behind_an_unfinished_call_waits_too():
    stream = Stream()
    call = stream.call(0, '{"x":')
    stream.say(TEXT, "a")
    stream.say(TEXT, "b")
    assert stream.blocks.text_index == -1
    stream.more(call, "1}")
    stream.say(TEXT, "c")
    assert stream.blocks.text_index == 1
    assert stream.parts() == (ToolCall("id0", "f", '{"x":1}'), Text("abc"))


def test_a_call_without_arguments_has_empty_ones():
    stream = Stream()
    stream.call(0)
    stream.call(1)
    assert stream.parts() == (ToolCall("id0", "f", "{}"), ToolCall("id1", "f", "{}"))
    assert stream.blocks.calls == stream.blocks.count == 2


def test_names_go_back_to_the_clients():
    stream = Stream(NameMap({"f": "long name"}))
    stream.call(0, "{}")
    assert stream.parts() == (ToolCall("id0", "long name", "{}"),)


def test_a_cut_call_is_seen():
    stream = Stream()
    assert not stream.blocks.cut()
    call = stream.call(0)
    assert not stream.blocks.cut()
    stream.more(call, '{"x":')
    assert stream.blocks.cut()
    stream.more(call, "1}")
    assert not stream.blocks.cut()


@pytest.mark.parametrize(
    ("fragments", "complete"),
    [
        (["{", "}"], True),
        (['{"a":"}'], False),
        (['{"a":"}', '"}  '], True),
        (['{"a":1}', "  "], True),
        (["[1]"], True),
        (["12"], True),
        (["tru"], False),
        (["{}", "{}"], False),
        ([" "], False),
        (["[" * 100_000], False),
    ],
)
def test_when_arguments_are_complete(fragments, complete):
    call = Call(0, "a")
    for fragment in fragments:
        call.fragments.append(fragment)
        call.complete()
    assert call.complete() is complete


def test_json_with_half_an_emoji_is_still_whole():
    assert is_json('{"a":"\\ud83d"}')


@given(st.lists(st.tuples(st.integers(min_value=0, max_value=2), st.integers(min_value=0, max_value=12)), max_size=12))
def test_however_calls_are_interleaved_each_gets_its_own(plan):
    whole = ['{"path":"a}b"}', '{"x":{"y":[1]}}', "{}"]
    edges = [
        sorted({0, len(text), *(cut % len(text) for number, cut in plan if number == index)})
        for index, text in enumerate(whole)
    ]
    fragments = [[text[a:b] for a, b in pairwise(cuts)] for text, cuts in zip(whole, edges, strict=True)]
    stream = Stream()
    calls = [stream.call(number) for number in range(3)]
    for turn in range(max(map(len, fragments))):
        for call, mine in zip(calls, fragments, strict=True):
            if turn < len(mine):
                stream.more(call, mine[turn])
    assert [part.arguments for part in stream.parts()] == whole
