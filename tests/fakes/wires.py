"""What goes over the wire in each dialect: a request, a stream, a whole answer, and how its errors look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.domain.provider import DialectName


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _event(value: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (value["type"].encode(), _dump(value))


@dataclass(frozen=True)
class Wire:
    """One dialect's traffic for tests."""

    name: DialectName
    path: str
    headers: tuple[str, ...]

    def request(self, model: str = "the-model", *, stream: bool = False, **more: Any) -> bytes:
        body = {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": "Say hi"}], **more}
        return _dump({**body, "stream": True} if stream else body)

    @property
    def is_anthropic(self) -> bool:
        return self.name is DialectName.ANTHROPIC_MESSAGES

    def events(self, *texts: str, ended: bool = True) -> list[bytes]:
        """A stream that says these texts; without its terminator where it has not `ended`."""
        return _anthropic(texts, ended=ended) if self.is_anthropic else _chat(texts, ended=ended)

    def whole(self, text: str = "Hello there") -> bytes:
        if self.is_anthropic:
            return _dump(
                {
                    "id": "msg_1",
                    "type": "message",
                    "role": "assistant",
                    "model": "the-model",
                    "content": [{"type": "text", "text": text}],
                    "stop_reason": "end_turn",
                    "stop_sequence": None,
                    "usage": {"input_tokens": 11, "output_tokens": 7},
                }
            )
        message = {"role": "assistant", "content": text}
        return _dump(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_700_000_000,
                "model": "the-model",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            }
        )

    def error(self, message: str = "no such thing", kind: str = "invalid_request_error") -> bytes:
        """An error body of an upstream."""
        error = {"type": kind, "message": message}
        return _dump({"type": "error", "error": error} if self.is_anthropic else {"error": error})

    def text_of(self, body: bytes) -> str:
        """The text in a stream that a client got."""
        texts = []
        for event in body.split(b"\n\n"):
            data = b"".join(line[6:] for line in event.split(b"\n") if line.startswith(b"data: "))
            if not data or data == b"[DONE]":
                continue
            value = json.loads(data)
            if value.get("type") == "content_block_delta":
                texts.append(value["delta"].get("text", ""))
            texts.extend(choice["delta"].get("content") or "" for choice in value.get("choices", ()))
        return "".join(texts)

    def ended_well(self, body: bytes) -> bool:
        """Whether a stream has its terminator."""
        return b"event: message_stop" in body if self.is_anthropic else b"data: [DONE]" in body

    def stream_error(self, body: bytes) -> dict[str, Any]:
        """The error that a stream ends with; AssertionError where it does not."""
        last = body.rstrip(b"\n").rsplit(b"\n\n", 1)[-1]
        if self.is_anthropic:
            assert last.startswith(b"event: error\n"), last
        data = last.split(b"data: ", 1)[1]
        error = json.loads(data)["error"]
        assert isinstance(error, dict)
        return error


def _anthropic(texts: tuple[str, ...], *, ended: bool) -> list[bytes]:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "the-model",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 1},
    }
    made = [
        _event({"type": "message_start", "message": message}),
        _event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    ]
    made += [
        _event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
        for text in texts
    ]
    if not ended:
        return made
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        *made,
        _event({"type": "content_block_stop", "index": 0}),
        _event({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 7}}),
        _event({"type": "message_stop"}),
    ]


def _chat(texts: tuple[str, ...], *, ended: bool) -> list[bytes]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "the-model"}

    def one(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return b"data: %s\n\n" % _dump({**base, "choices": [choice]})

    made = [one({"role": "assistant", "content": ""}), *(one({"content": text}) for text in texts)]
    if not ended:
        return made
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    last = b"data: %s\n\n" % _dump({**base, "choices": [], "usage": usage})
    return [*made, one({}, "stop"), last, b"data: [DONE]\n\n"]


ANTHROPIC = Wire(DialectName.ANTHROPIC_MESSAGES, "/v1/messages", ("anthropic-version: 2023-06-01",))
CHAT = Wire(DialectName.OPENAI_CHAT, "/v1/chat/completions", ())
WIRES = (ANTHROPIC, CHAT)
PAIRS = ((ANTHROPIC, ANTHROPIC), (CHAT, CHAT), (ANTHROPIC, CHAT), (CHAT, ANTHROPIC))
"""(the client's, the upstream's): both pass-throughs, both conversions."""


def pair_name(pair: tuple[Wire, Wire]) -> str:
    short = {ANTHROPIC.name: "anthropic", CHAT.name: "chat"}
    return f"{short[pair[0].name]}-to-{short[pair[1].name]}"
