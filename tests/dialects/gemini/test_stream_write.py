from __future__ import annotations

import json

import pytest

from app.dialects.base import EVENT_STREAM, Road
from app.dialects.fold import reply_events
from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    BlockStop,
    MessageStart,
    MessageStop,
    Reply,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import Usage

TEXT = [
    MessageStart("id1", "sent"),
    BlockStart(0, BlockKind.TEXT),
    BlockDelta(0, "a"),
    BlockDelta(0, ""),
    BlockDelta(0, "b"),
    BlockStop(0),
    MessageStop(StopReason.END_TURN, Usage(3, output_tokens=2)),
]
CUT = PatchbayError(ErrorKind.STREAM_CUT, "cut")


def writer(**road):
    return GEMINI.stream_writer(Road("asked", "sent", **road))


def chunks(stream):
    blocks = stream.split(b"\n\n")
    assert blocks.pop() == b""
    assert all(block.startswith(b"data: ") and b"\n" not in block for block in blocks)
    return [json.loads(block.removeprefix(b"data: ")) for block in blocks]


def parts(stream):
    return [part for chunk in chunks(stream) for part in chunk["candidates"][0]["content"]["parts"]]


def test_each_chunk_is_a_whole_response_with_what_is_new():
    first, second, last = chunks(writer().write(TEXT))
    same = {"modelVersion": "asked", "responseId": "id1"}
    assert first == {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "index": 0}]} | same
    assert second["candidates"][0]["content"]["parts"] == [{"text": "b"}]
    assert (last["candidates"][0]["finishReason"], last["usageMetadata"]["totalTokenCount"]) == ("STOP", 5)


def test_without_events_the_chunks_are_one_array():
    one = writer(event_stream=False)
    written = [one.write([event]) for event in TEXT]
    assert written[2].startswith(b"[{")
    assert written[4].startswith(b",\r\n{")
    assert written[-1].endswith(b"}]")
    assert json.loads(b"".join(written)) == chunks(writer().write(TEXT))


def test_the_media_type_follows_the_framing():
    assert writer().media_type == EVENT_STREAM
    assert writer(event_stream=False).media_type == "application/json"


def test_a_call_is_written_when_it_is_complete():
    call = [
        MessageStart("id1", "sent"),
        BlockStart(0, BlockKind.TOOL, id="c1", name="f"),
        BlockDelta(0, '{\n"a":'),
        BlockDelta(0, "\r\n1}"),
    ]
    one = writer()
    assert one.write(call) == b""
    assert parts(one.write([BlockStop(0)])) == [{"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}}]


def test_a_stream_says_what_the_whole_answer_says():
    reply = Reply(
        "id1",
        "sent",
        (Thinking("why", "s"), Text("a"), Thinking("more", "t"), ToolCall("c1", "f", '{"a":1}'), Thinking("last", "u")),
        StopReason.TOOL_USE,
        Usage(3, 4, output_tokens=2),
    )
    for show in (True, False):
        road = Road("asked", "sent", show_thinking=show)
        whole = json.loads(GEMINI.write_reply(reply, road))
        streamed = chunks(GEMINI.stream_writer(road).write(reply_events(reply)))
        found = [part for chunk in streamed for part in chunk["candidates"][0]["content"]["parts"]]
        assert found == whole["candidates"][0]["content"]["parts"]
        assert streamed[-1]["usageMetadata"] == whole["usageMetadata"]


def test_counts_on_the_way_count_where_the_end_tells_none():
    for seen in ([UsageSeen(Usage(7, output_tokens=1))], [MessageStart("id1", "sent", Usage(7, output_tokens=1))]):
        last = chunks(writer().write([*TEXT[:-1], *seen, MessageStop(StopReason.END_TURN)]))[-1]
        assert last["usageMetadata"]["promptTokenCount"] == 7
    last = chunks(writer(input_estimate_tokens=50).write([*TEXT[:-1], MessageStop(StopReason.END_TURN)]))[-1]
    assert last["usageMetadata"] == {"promptTokenCount": 50, "candidatesTokenCount": 1, "totalTokenCount": 51}


def test_a_stream_without_a_beginning_is_whole_all_the_same():
    found = chunks(writer().write(TEXT[1:]))
    assert len({chunk["responseId"] for chunk in found}) == 1
    assert found[0]["responseId"]
    assert chunks(writer().write(TEXT[-1:]))[0]["responseId"]


@pytest.mark.parametrize("events", [[], TEXT[:3]])
def test_an_error_ends_either_framing(events):
    sse = writer()
    assert chunks(sse.write(events) + sse.fail(CUT))[-1] == {
        "error": {"code": 502, "message": "cut", "status": "UNAVAILABLE"}
    }
    array = writer(event_stream=False)
    assert json.loads(array.write([*events, StreamError(CUT)]))[-1]["error"]["message"] == "cut"


def test_nothing_follows_the_end():
    for end in (TEXT, [*TEXT[:3], StreamError(CUT)]):
        one = writer()
        one.write(end)
        assert one.write(TEXT) + one.fail(CUT) + one.keep_alive(99) == b""


def test_an_empty_line_breaks_the_silence():
    assert writer().keep_alive(15) == b"\n"
    array = writer(event_stream=False)
    assert json.loads(array.keep_alive(15) + array.write(TEXT[:3]) + array.keep_alive(15) + array.write(TEXT[3:]))
