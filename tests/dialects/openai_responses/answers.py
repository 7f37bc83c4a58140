"""Streams of a Responses upstream in few words, and what our reader makes of them."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from app.dialects.base import Road
from app.dialects.fold import Fold
from app.dialects.openai_responses.stream_read import ResponsesStreamReader
from app.domain.events import (
    BlockDelta,
    BlockSignature,
    BlockStart,
    BlockStop,
    Event,
    MessageStart,
    MessageStop,
    Ping,
    Reply,
    StreamError,
    UsageSeen,
)

USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
    "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 7},
    "total_tokens": 112,
}
Wired = dict[str, Any]


def response(status: str, *output: Wired, **more: Any) -> Wired:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "up",
        "status": status,
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **more,
    }


def created() -> Wired:
    return {"type": "response.created", "response": response("in_progress")}


def completed(*output: Wired, **more: Any) -> Wired:
    return {"type": "response.completed", "response": response("completed", *output, **({"usage": USAGE} | more))}


def ended(how: str, **more: Any) -> Wired:
    return {"type": f"response.{how}", "response": response(how, **more)}


def added(index: int, item: Wired) -> Wired:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(index: int, item: Wired) -> Wired:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def delta(kind: str, index: int, text: str, **more: Any) -> Wired:
    """An event `response.<kind>.delta`."""
    return {"type": f"response.{kind}.delta", "output_index": index, "item_id": f"i{index}", "delta": text, **more}


def text(index: int, said: str, place: int = 0) -> Wired:
    return delta("output_text", index, said, content_index=place, logprobs=[])


def summary(index: int, said: str, place: int = 0) -> Wired:
    return delta("reasoning_summary_text", index, said, summary_index=place)


def arguments(index: int, said: str) -> Wired:
    return delta("function_call_arguments", index, said)


def message(*parts: Wired | str, **more: Any) -> Wired:
    given = [
        {"type": "output_text", "text": part, "annotations": []} if isinstance(part, str) else part for part in parts
    ]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": given, **more}


def cited(said: str, *urls: str) -> Wired:
    """A part of a message with citations."""
    cites = [
        {"type": "url_citation", "url": url, "title": url.upper(), "start_index": 0, "end_index": 1} for url in urls
    ]
    return {"type": "output_text", "text": said, "annotations": cites}


def reasoning(*texts: str, sealed: str | None = None, **more: Any) -> Wired:
    parts = [{"type": "summary_text", "text": one} for one in texts]
    return {"type": "reasoning", "id": "rs_1", "summary": parts, "encrypted_content": sealed, **more}


def call(number: int, given: str = "", **more: Any) -> Wired:
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": f"f{number}",
        "arguments": given,
        **more,
    }


def custom(number: int, given: str = "") -> Wired:
    return {
        "type": "custom_tool_call",
        "id": f"ctc_{number}",
        "call_id": f"call_{number}",
        "name": "patch",
        "input": given,
    }


def search(query: str, *pages: str, **more: Any) -> Wired:
    action = {"type": "search", "query": query, "sources": [{"type": "url", "url": page} for page in pages]}
    return {"type": "web_search_call", "id": "ws_9", "status": "completed", "action": action, **more}


def wire(*events: Wired | bytes) -> bytes:
    """A stream as OpenAI frames it."""
    numbers = count()
    return b"".join(
        one
        if isinstance(one, bytes)
        else b"event: %b\ndata: %b\n\n"
        % (one["type"].encode(), json.dumps({"sequence_number": next(numbers), **one}, ensure_ascii=False).encode())
        for one in events
    )


def road(**more: Any) -> Road:
    return Road("asked", "gpt-5.6", "openai", **({"show_thinking": True, "input_estimate_tokens": 33} | more))


def events(*sent: Wired | bytes, on: Road | None = None) -> list[Event]:
    """The events of a whole stream, with its end; in the strict order."""
    reader = ResponsesStreamReader(on or road())
    found = reader.feed(wire(*sent)) + reader.close()
    assert_strict(found)
    assert reader.finished is isinstance(found[-1], MessageStop)
    return found


def reply(*sent: Wired | bytes, on: Road | None = None) -> Reply:
    """The answer of a stream that ends well."""
    fold = Fold("openai_responses")
    for event in events(*sent, on=on):
        fold.add(event)
    return fold.reply()


def failure(*sent: Wired | bytes, on: Road | None = None) -> StreamError:
    last = events(*sent, on=on)[-1]
    assert isinstance(last, StreamError)
    return last


def assert_strict(found: list[Event]) -> None:
    """The order of `domain.events`: one open block, indices without gaps, one end."""
    open_index, following, started, over = -1, 0, False, False
    for event in found:
        assert not over
        match event:
            case MessageStart():
                assert not started
                started = True
            case BlockStart():
                assert (started, open_index, event.index) == (True, -1, following)
                open_index, following = event.index, following + 1
            case BlockStop():
                assert event.index == open_index
                open_index = -1
            case BlockDelta() | BlockSignature():
                assert event.index == open_index
            case MessageStop():
                assert (started, open_index) == (True, -1)
                over = True
            case StreamError():
                over = True
            case UsageSeen() | Ping():
                pass
    assert over
