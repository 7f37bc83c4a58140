from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.blocks_order import Blocks
from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop, Event

TEXT = BlockStart(0, BlockKind.TEXT)
ACTIONS = st.lists(st.tuples(st.sampled_from(["start", "text", "stop"]), st.integers(0, 3)), max_size=30)


def test_the_first_block_speaks_at_once_and_the_next_waits() -> None:
    blocks, events = Blocks(), list[Event]()
    blocks.start(4, TEXT, events)
    blocks.text(4, "a", events)
    blocks.start(7, TEXT, events)
    blocks.text(7, "b", events)
    assert events == [BlockStart(0, BlockKind.TEXT), BlockDelta(0, "a")]
    blocks.stop(7, events)
    blocks.stop(4, events)
    assert events[2:] == [BlockStop(0), BlockStart(1, BlockKind.TEXT), BlockDelta(1, "b"), BlockStop(1)]


def test_a_signature_stands_right_before_the_stop() -> None:
    blocks, events = Blocks(), list[Event]()
    blocks.start(0, BlockStart(0, BlockKind.THINKING), events)
    blocks.sign(0, "S")
    blocks.text(0, "hm", events)
    blocks.sign(0, "=")
    blocks.stop(0, events)
    assert events[-3:] == [BlockDelta(0, "hm"), BlockSignature(0, "S="), BlockStop(0)]


def test_what_was_not_said_is_said_at_the_end() -> None:
    blocks, events = Blocks(), list[Event]()
    blocks.start(0, BlockStart(0, BlockKind.TOOL), events, otherwise="{}")
    blocks.text(0, "", events)
    blocks.stop(0, events)
    assert events[-2:] == [BlockDelta(0, "{}"), BlockStop(0)]


def test_an_index_that_comes_again_ends_the_block_before() -> None:
    blocks, events = Blocks(), list[Event]()
    blocks.start(0, TEXT, events)
    blocks.start(0, TEXT, events)
    assert [type(event) for event in events] == [BlockStart, BlockStop, BlockStart]


def test_text_of_no_block_is_told() -> None:
    blocks = Blocks()
    assert not blocks.text(3, "x", [])
    blocks.stop(3, [])
    blocks.sign(3, "x")


@given(ACTIONS)
def test_whatever_comes_the_order_is_strict_and_no_text_is_lost(actions: list[tuple[str, int]]) -> None:
    blocks, events = Blocks(), list[Event]()
    said = 0
    for action, key in actions:
        if action == "start":
            blocks.start(key, TEXT, events)
        elif action == "text":
            said += blocks.text(key, "x", events)
        else:
            blocks.stop(key, events)
    blocks.stop_all(events)
    open_index, following = None, 0
    for event in events:
        if isinstance(event, BlockStart):
            assert (open_index, event.index) == (None, following)
            open_index, following = following, following + 1
        else:
            assert event.index == open_index  # type: ignore[union-attr]
            open_index = None if isinstance(event, BlockStop) else open_index
    assert open_index is None
    assert sum(isinstance(event, BlockDelta) for event in events) == said
