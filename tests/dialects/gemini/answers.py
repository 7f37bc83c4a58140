"""Gemini answers for tests: pieces in few words, and what our reader makes of them."""

from __future__ import annotations

import json
from typing import Any

from app.dialects import signatures
from app.dialects.base import Road
from app.dialects.fold import Fold
from app.dialects.gemini.stream_read import GeminiStreamReader
from app.domain.events import Event, MessageStop, Reply, StreamError
from app.vendors import profiles

MODEL = "gemini-3.8-flash"
USAGE = {"promptTokenCount": 20, "candidatesTokenCount": 7, "totalTokenCount": 27}
Part = dict[str, Any]


def piece(*parts: Part, finish: str = "", **more: Any) -> dict[str, Any]:
    """One piece of a stream, or a whole answer; `candidate` adds members to its candidate."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    candidate |= more.pop("candidate", {})
    return {"candidates": [candidate], "modelVersion": "up", "responseId": "r1", **more}


def text(said: str, signature: str = "") -> Part:
    return {"text": said} | ({"thoughtSignature": signature} if signature else {})


def thought(said: str, signature: str = "") -> Part:
    return text(said, signature) | {"thought": True}


def call(name: str = "f", args: Any = None, own: str = "", signature: str = "") -> Part:
    function = {"name": name} | ({"args": args} if args is not None else {}) | ({"id": own} if own else {})
    return {"functionCall": function} | ({"thoughtSignature": signature} if signature else {})


def end(*parts: Part, finish: str = "STOP", **more: Any) -> dict[str, Any]:
    return piece(*parts, finish=finish, usageMetadata=USAGE, **more)


def sse(*pieces: dict[str, Any] | bytes) -> bytes:
    """The pieces as server-sent events; bytes stay as they are."""
    return b"".join(
        one if isinstance(one, bytes) else b"data: " + json.dumps(one, ensure_ascii=False).encode() + b"\r\n\r\n"
        for one in pieces
    )


def array(*pieces: dict[str, Any], indent: int | None = 2) -> bytes:
    """The pieces as Google prints them without `alt=sse`."""
    return ("[" + ",\r\n".join(json.dumps(one, ensure_ascii=False, indent=indent) for one in pieces) + "\n]\n").encode()


def road(**more: Any) -> Road:
    return Road("asked", MODEL, "gemini", profiles.GEMINI, **{"show_thinking": True, **more})


def envelope(signature: str) -> str:
    """A signature as clients keep it for us."""
    return signatures.wrap("gemini", MODEL, json.dumps(signature).encode())


def read(stream: bytes, on: Road | None = None, size: int = 0) -> list[Event]:
    """The events of a whole stream with its end, fed in pieces of that size."""
    reader = GeminiStreamReader(on or road())
    step = size or len(stream) or 1
    found = [event for at in range(0, len(stream), step) for event in reader.feed(stream[at : at + step])]
    return found + reader.close()


def events(*pieces: dict[str, Any] | bytes, on: Road | None = None) -> list[Event]:
    return read(sse(*pieces), on)


def folded(found: list[Event]) -> Reply:
    fold = Fold("gemini")
    for event in found:
        fold.add(event)
    return fold.reply()


def reply(*pieces: dict[str, Any] | bytes, on: Road | None = None) -> Reply:
    """The answer of a stream that ends well."""
    return folded(events(*pieces, on=on))


def stop(*pieces: dict[str, Any] | bytes, on: Road | None = None) -> MessageStop:
    last = events(*pieces, on=on)[-1]
    assert isinstance(last, MessageStop)
    return last


def failure(*pieces: dict[str, Any] | bytes, on: Road | None = None) -> StreamError:
    last = events(*pieces, on=on)[-1]
    assert isinstance(last, StreamError)
    return last
