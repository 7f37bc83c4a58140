"""The vendor's own client, fed from memory: what it makes of the bytes we write is the judge of them."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
from anthropic.types import Message

REQUEST: dict[str, Any] = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "q"}]}


def client(content: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> anthropic.Anthropic:
    """A client whose every request gets that answer."""
    answer = httpx2.Response(status, headers={"content-type": kind} | (headers or {}), content=content)
    transport = httpx2.MockTransport(lambda _: answer)
    return anthropic.Anthropic(
        api_key="none", base_url="http://127.0.0.1", max_retries=0, http_client=httpx2.Client(transport=transport)
    )


def streamed(stream: bytes) -> Message:
    """The message that the client's accumulator makes of a stream."""
    with client(stream, "text/event-stream") as one, one.messages.stream(**REQUEST) as events:
        return events.get_final_message()


def whole(body: bytes) -> Message:
    """The message that the client makes of a body."""
    with client(body, "application/json") as one:
        message = one.messages.create(**REQUEST)
        assert isinstance(message, Message)
        return message


def events_of(stream: bytes) -> list[dict[str, Any]]:
    """The events of a stream that we wrote; each must have its `event:` line, and be whole."""
    assert stream.endswith(b"\n\n") or not stream
    found = []
    for block in stream.split(b"\n\n")[:-1]:
        name, data = block.split(b"\n")
        found.append(json.loads(data.removeprefix(b"data: ")))
        assert name == b"event: " + found[-1]["type"].encode()
    return found


def check_order(events: list[dict[str, Any]]) -> None:
    """The order that clients rely on: one start, blocks 0, 1, 2 … one at a time, one delta with the stop, one stop."""
    kinds = [event["type"] for event in events if event["type"] != "ping"]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]
    assert [kinds.count(kind) for kind in ("message_start", "message_delta", "message_stop")] == [1, 1, 1]
    open_index, following = None, 0
    for event in events:
        if event["type"] == "content_block_start":
            assert (open_index, event["index"]) == (None, following)
            open_index, following = following, following + 1
        elif event["type"] in ("content_block_delta", "content_block_stop"):
            assert event["index"] == open_index
            open_index = None if event["type"] == "content_block_stop" else open_index
    assert open_index is None
