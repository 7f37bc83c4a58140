from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import anthropic
import pytest
from anthropic.types import TextBlock, ThinkingBlock, ToolUseBlock
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.stream_write import PING, StreamWriter
from app.dialects.base import Road
from app.dialects.signatures import unwrap, wrap
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockSignature,
    BlockStart,
    BlockStop,
    Event,
    MessageStart,
    MessageStop,
    Ping,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Search, SearchHit
from app.domain.usage import Usage
from tests.dialects.anthropic_messages.sdk import check_order, events_of, streamed

ROAD = Road("claude-asked", "gpt-sent", "openai", show_thinking=True, input_estimate_tokens=42)
USAGE = Usage(10, 70, 15, 5, 9, reasoning_tokens=4, web_searches=2)
STOP = MessageStop(StopReason.END_TURN, USAGE)


def block(index: int, kind: BlockKind, *texts: str, **start: Any) -> list[Event]:
    return [BlockStart(index, kind, **start), *(BlockDelta(index, text) for text in texts), BlockStop(index)]


def write(events: list[Event], road: Road = ROAD) -> bytes:
    return StreamWriter(road).write(events)


def answer(*blocks: list[Event], stop: MessageStop = STOP) -> list[Event]:
    return [MessageStart("chatcmpl-1", "up"), *(event for one in blocks for event in one), stop]


def test_the_sdk_accumulates_what_we_write() -> None:
    thinking = block(0, BlockKind.THINKING, "let me ", "see")
    thinking.insert(-1, BlockSignature(0, wrap("openai", "gpt-sent", b'{"id":"rs_1"}')))
    text = block(1, BlockKind.TEXT, "Sun", "ny \u2028 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"))
    tool = block(2, BlockKind.TOOL, '{"city":', '"Ulm"}', id="call_1", name="get_weather")
    stream = write(answer(thinking, text, tool, stop=MessageStop(StopReason.TOOL_USE, USAGE)))
    check_order(events_of(stream))
    message = streamed(stream)
    first, second, third = message.content
    assert isinstance(first, ThinkingBlock)
    assert (first.thinking, unwrap(first.signature).data) == ("let me see", b'{"id":"rs_1"}')
    assert isinstance(second, TextBlock)
    assert second.text == "Sunny \u2028 😀"
    assert isinstance(third, ToolUseBlock)
    assert (third.id, third.name, third.input) == ("call_1", "get_weather", {"city": "Ulm"})
    assert (message.model, message.stop_reason, message.id) == ("claude-asked", "tool_use", "msg_chatcmpl-1")
    usage = message.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (10, 70, 20)
    assert usage.output_tokens == 9
    assert usage.output_tokens_details is not None
    assert usage.output_tokens_details.thinking_tokens == 4
    assert usage.server_tool_use is not None
    assert usage.server_tool_use.web_search_requests == 2


def test_counts_known_at_the_start_are_sent_there_else_the_estimate() -> None:
    known = events_of(write([MessageStart("x", "m", USAGE)]))[0]["message"]["usage"]
    assert known["cache_creation"] == {"ephemeral_5m_input_tokens": 15, "ephemeral_1h_input_tokens": 5}
    guessed = events_of(write([MessageStart("x", "m")]))[0]["message"]["usage"]
    assert (guessed["input_tokens"], guessed["output_tokens"]) == (42, 0)


def test_without_any_usage_the_output_is_estimated_from_the_text() -> None:
    usage = streamed(write(answer(block(0, BlockKind.TEXT, "x" * 36), stop=MessageStop(StopReason.END_TURN)))).usage
    assert (usage.input_tokens, usage.output_tokens) == (42, 10)


def test_the_last_usage_seen_stands_in_for_a_missing_one() -> None:
    events = [*answer()[:-1], UsageSeen(USAGE), MessageStop(StopReason.END_TURN)]
    assert streamed(write(events)).usage.output_tokens == 9


def test_no_block_is_opened_for_nothing() -> None:
    events = events_of(write(answer()))
    assert [event["type"] for event in events] == ["message_start", "ping", "message_delta", "message_stop"]


def test_a_tool_that_comes_first_has_index_0() -> None:
    events = events_of(write(answer(block(0, BlockKind.TOOL, "{}", id="c", name="t"))))
    assert next(event["index"] for event in events if event["type"] == "content_block_start") == 0


def test_a_tools_input_is_never_in_its_start() -> None:
    events = events_of(write(answer(block(0, BlockKind.TOOL, '{"a":1}', id="c", name="t"))))
    assert next(event for event in events if event["type"] == "content_block_start")["content_block"]["input"] == {}


def test_thinking_is_hidden_from_a_client_that_did_not_ask_and_leaves_no_gap() -> None:
    blocks = (
        block(0, BlockKind.THINKING, "secret"),
        block(1, BlockKind.TEXT, "hi"),
        block(2, BlockKind.THINKING, "more"),
    )
    stream = write(answer(*blocks), replace(ROAD, show_thinking=False))
    check_order(events_of(stream))
    assert b"secret" not in stream
    assert [one.type for one in streamed(stream).content] == ["text"]


def test_thinking_without_its_text_keeps_its_signature() -> None:
    stream = write(answer(block(0, BlockKind.THINKING, "secret")), replace(ROAD, omit_thinking_text=True))
    only = streamed(stream).content[0]
    assert isinstance(only, ThinkingBlock)
    assert only.thinking == ""
    assert unwrap(only.signature) is not None


def test_every_thinking_block_is_signed_before_it_stops() -> None:
    events = events_of(write(answer(block(0, BlockKind.THINKING, "hm"))))
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert deltas[0] == {"type": "thinking_delta", "thinking": "hm"}
    assert unwrap(deltas[-1]["signature"]).fits("openai", "gpt-sent")


def test_a_search_is_shown_as_the_vendors_own() -> None:
    search = Search("", "weather ulm", (SearchHit("https://e.x/w", "W"),))
    stream = write(
        answer([BlockStart(0, BlockKind.SEARCH, search=search), BlockStop(0)], block(1, BlockKind.TEXT, "ok"))
    )
    check_order(events_of(stream))
    use, result, text = streamed(stream).content
    assert use.type == "server_tool_use"
    assert use.input == {"query": "weather ulm"}
    assert result.type == "web_search_tool_result"
    assert result.tool_use_id == use.id
    assert isinstance(result.content, list)
    assert result.content[0].url == "https://e.x/w"
    assert text.type == "text"


def test_foreign_blocks_are_skipped_and_redacted_ones_sealed() -> None:
    foreign = [BlockStart(0, BlockKind.FOREIGN, json=b"{}"), BlockStop(0)]
    redacted = [BlockStart(1, BlockKind.REDACTED, json=b"opaque"), BlockStop(1)]
    stream = write(answer(foreign, redacted))
    check_order(events_of(stream))
    (only,) = streamed(stream).content
    assert only.type == "redacted_thinking"
    envelope = unwrap(only.data)
    assert envelope is not None
    assert json.loads(envelope.data) == {"redacted": "opaque"}


def test_a_refusal_says_why() -> None:
    message = streamed(write(answer(stop=MessageStop(StopReason.REFUSAL, USAGE, refusal="no"))))
    assert message.stop_reason == "refusal"
    assert message.stop_details is not None
    assert message.stop_details.explanation == "no"


@pytest.mark.parametrize("reason", list(StopReason))
def test_every_stop_reason_is_one_the_sdk_knows(reason: StopReason) -> None:
    message = streamed(write(answer(stop=MessageStop(reason, USAGE, stop_sequence="END"))))
    assert (message.stop_reason, message.stop_sequence) == (reason.value, "END")


def test_an_error_ends_the_stream_and_nothing_follows() -> None:
    writer = StreamWriter(ROAD)
    stream = writer.write(
        [*answer(block(0, BlockKind.TEXT, "a"))[:3], StreamError(PatchbayError(ErrorKind.OVERLOADED, "busy"))]
    )
    assert events_of(stream)[-1] == {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    assert writer.write(answer()) == writer.fail(PatchbayError(ErrorKind.INTERNAL, "x")) == writer.keep_alive(99) == b""
    with pytest.raises(anthropic.APIStatusError, match="busy"):
        streamed(stream)


def test_nothing_follows_the_end() -> None:
    writer = StreamWriter(ROAD)
    writer.write(answer())
    assert writer.write([Ping(), *block(0, BlockKind.TEXT, "late")]) == b""
    assert writer.keep_alive(100) == b""


# --- silence -------------------------------------------------------------------------------------------------------


def test_a_short_silence_gets_a_ping() -> None:
    writer = StreamWriter(ROAD)
    writer.write([MessageStart("x", "m")])
    assert writer.keep_alive(15) == writer.write([Ping()]) == PING


@pytest.mark.parametrize(
    ("kind", "delta"),
    [
        (BlockKind.TEXT, {"type": "text_delta", "text": ""}),
        (BlockKind.THINKING, {"type": "thinking_delta", "thinking": ""}),
        (BlockKind.TOOL, {"type": "input_json_delta", "partial_json": ""}),
    ],
)
def test_a_long_silence_in_a_block_gets_an_empty_delta(kind: BlockKind, delta: dict[str, str]) -> None:
    writer = StreamWriter(ROAD)
    writer.write([MessageStart("x", "m"), BlockStart(0, kind, id="c", name="t")])
    assert events_of(writer.keep_alive(60)) == [{"type": "content_block_delta", "index": 0, "delta": delta}]


def test_a_long_silence_between_blocks_opens_thinking_that_is_sealed_later() -> None:
    writer = StreamWriter(ROAD)
    stream = writer.write([MessageStart("x", "m")]) + writer.keep_alive(60) + writer.keep_alive(75)
    stream += writer.write([*block(0, BlockKind.TEXT, "hi"), STOP])
    check_order(events_of(stream))
    first, second = streamed(stream).content
    assert isinstance(first, ThinkingBlock)
    assert first.thinking == ""
    assert unwrap(first.signature) is not None
    assert isinstance(second, TextBlock)


def test_real_thinking_goes_on_in_the_block_that_broke_the_silence() -> None:
    writer = StreamWriter(ROAD)
    stream = writer.write([MessageStart("x", "m")]) + writer.keep_alive(60)
    stream += writer.write([*block(0, BlockKind.THINKING, "aha"), *block(1, BlockKind.TEXT, "hi"), STOP])
    check_order(events_of(stream))
    assert [one.type for one in streamed(stream).content] == ["thinking", "text"]
    assert streamed(stream).content[0].thinking == "aha"


def test_a_silence_that_ends_with_the_answer_leaves_no_block_open() -> None:
    writer = StreamWriter(ROAD)
    stream = writer.write([MessageStart("x", "m")]) + writer.keep_alive(60) + writer.write([STOP])
    check_order(events_of(stream))


def test_no_text_block_is_ever_opened_to_break_a_silence() -> None:
    writer = StreamWriter(replace(ROAD, show_thinking=False))
    writer.write([MessageStart("x", "m")])
    assert writer.keep_alive(200) == PING


def test_a_silence_before_the_answer_begins_it() -> None:
    writer = StreamWriter(ROAD)
    stream = writer.keep_alive(15) + writer.keep_alive(30) + writer.write(answer(block(0, BlockKind.TEXT, "hi")))
    check_order(events_of(stream))
    message = streamed(stream)
    assert message.id.startswith("msg_")
    assert message.usage.output_tokens == 9


KINDS = st.sampled_from([BlockKind.TEXT, BlockKind.THINKING, BlockKind.TOOL, BlockKind.FOREIGN, BlockKind.SEARCH])


@given(st.lists(st.tuples(KINDS, st.lists(st.text(max_size=5), max_size=3)), max_size=5), st.booleans(), st.data())
def test_any_answer_with_any_silences_is_in_order(
    blocks: list[tuple[BlockKind, list[str]]], shown: bool, data: st.DataObject
) -> None:
    events: list[Event] = []
    for index, (kind, texts) in enumerate(blocks):
        search = Search("s", "q") if kind is BlockKind.SEARCH else None
        said = [json.dumps(texts)] if kind is BlockKind.TOOL else texts if search is None else []
        events += block(index, kind, *said, id=f"c{index}", name="t", search=search)
    writer = StreamWriter(replace(ROAD, show_thinking=shown))
    stream = b""
    for event in [MessageStart("x", "m"), *events, STOP]:
        for silent_s in data.draw(st.lists(st.sampled_from([15.0, 60.0, 90.0]), max_size=2)):
            stream += writer.keep_alive(silent_s)
        stream += writer.write([event])
    written = events_of(stream)
    check_order(written)
    text = "".join(one["delta"].get("text", "") for one in written if one["type"] == "content_block_delta")
    assert text == "".join("".join(texts) for kind, texts in blocks if kind is BlockKind.TEXT)
