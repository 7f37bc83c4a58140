"""Chat streams for tests: chunks in few words, and what our reader makes of them."""

from __future__ import annotations

import json
from typing import Any

from app.dialects.base import Road
from app.dialects.fold import Fold
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.events import Event, MessageStop, Reply, StreamError
from app.domain.provider import Profile

USAGE = {"prompt_tokens": 20, "completion_tokens": 7, "total_tokens": 27}
DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One chunk with one choice."""
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": finish}
    return {
        "id": "chatcmpl-9",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "up",
        "choices": [choice],
        **more,
    }


def text(said: str) -> dict[str, Any]:
    return chunk({"content": said})


def call(index: int | None, own: str | None = None, name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    """One chunk with one piece of a tool call; what is None is left out."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    piece = {key: value for key, value in (("index", index), ("id", own)) if value is not None}
    return chunk({"tool_calls": [{**piece, "function": function}]})


def end(finish: str = "stop") -> dict[str, Any]:
    return chunk({}, finish, usage=USAGE)


def wire(*chunks: dict[str, Any] | bytes) -> bytes:
    return b"".join(
        one if isinstance(one, bytes) else b"data: " + json.dumps(one, ensure_ascii=False).encode() + b"\n\n"
        for one in chunks
    )


def road(**more: Any) -> Road:
    """A road whose profile may be given by its members: `kind`, `reasoning_in`, ..."""
    names = set(Profile.__dataclass_fields__) & set(more)
    profile = Profile(**{name: more.pop(name) for name in names})
    return Road("asked", "sent", profile.kind, profile, show_thinking=True, created_s=1_790_000_000, **more)


def events(*chunks: dict[str, Any] | bytes, on: Road | None = None) -> list[Event]:
    """The events of a whole stream, with its end."""
    reader = OPENAI_CHAT.stream_reader(on or road())
    return reader.feed(wire(*chunks)) + reader.close()


def reply(*chunks: dict[str, Any] | bytes, on: Road | None = None) -> Reply:
    """The answer of a stream that ends well."""
    fold = Fold()
    for event in events(*chunks, on=on):
        fold.add(event)
    return fold.reply()


def stop(*chunks: dict[str, Any] | bytes, on: Road | None = None) -> MessageStop:
    last = events(*chunks, on=on)[-1]
    assert isinstance(last, MessageStop)
    return last


def failure(*chunks: dict[str, Any] | bytes, on: Road | None = None) -> StreamError:
    last = events(*chunks, on=on)[-1]
    assert isinstance(last, StreamError)
    return last
