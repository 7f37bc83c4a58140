"""A request body cut where its messages, tools and system parts begin, and the texts to be found in a piece.

Each turn of an agent sends the whole conversation again, so the store keeps every piece once. The piece of an element
begins with the comma before it and ends with it; so it is the same whether or not another one follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec

from app.dialects.body import members, without_lone_surrogates
from app.domain.errors import PatchbayError

WHOLE_BYTES = 4096
"""A message beyond this size is cut between its content blocks too: a cache mark moves with every turn."""
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_BETWEEN = re.compile(rb"[, \t\r\n]*")
_EDGE = b" \t\r\n,"
_SPOKEN = frozenset({"text", "thinking", "content", "parts", "output", "refusal", "summary", "title", "context"})
_CALLS = frozenset({"tool_calls", "function", "functionCall", "function_call", "functionResponse", "function_response"})
_ARGUMENTS = frozenset({"input", "arguments", "args", "response"})
"""What goes into a call and, of Gemini's, what comes back; each text in it counts."""
_TOOL = frozenset({"input_schema", "function", "parameters", "functionDeclarations", "function_declarations"})
"""Members by which a tool is known."""


def elements(body: bytes, place: slice) -> list[slice]:
    """Where the elements of the array at `place` stand; none where there is no array, or no JSON."""
    try:
        raws = _RAWS.decode(without_lone_surrogates(body[place]))  # which keeps every length
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    places = []
    at: int = place.start + 1
    for raw in raws:
        gap = _BETWEEN.match(body, at)
        at = gap.end() if gap else at
        end = at + memoryview(raw).nbytes
        places.append(slice(at, end))
        at = end
    return places


def split(body: bytes, *names: str) -> tuple[bytes, ...]:
    """The pieces of a body, cut at the top-level arrays, strings and objects of those names; they make up `body`."""
    try:
        found = members(body)
    except PatchbayError:
        return (body,)
    cuts = [0]
    for place in sorted((found[name] for name in names if name in found), key=lambda one: one.start):
        cuts += _cuts(body, place)
    cuts.append(len(body))
    return tuple(body[start:end] for start, end in pairwise(cuts) if end > start)


def _cuts(body: bytes, place: slice) -> Iterator[int]:
    """Where the pieces of one member begin: each element with the comma before it, then what follows the last."""
    if body[place.start : place.start + 1] in (b'"', b"{"):
        yield from (place.start, place.stop)
        return
    parts = elements(body, place)
    for index, part in enumerate(parts):
        yield parts[index - 1].stop if index else part.start
        if part.stop - part.start > WHOLE_BYTES:
            yield from _inner_cuts(body, part)
    if parts:
        yield parts[-1].stop


def _inner_cuts(body: bytes, message: slice) -> Iterator[int]:
    try:
        found = members(body[message])
    except PatchbayError:
        return
    content = found.get("content") or found.get("parts")
    if content is None:
        return
    at = message.start
    for index, block in enumerate(parts := elements(body, slice(at + content.start, at + content.stop))):
        yield parts[index - 1].stop if index else block.start
    if parts:
        yield parts[-1].stop


def texts(piece: bytes) -> tuple[str, ...]:
    """The readable texts in one piece: what was said, called and answered; no base64, no ids, no tool's schema."""
    try:
        value = msgspec.json.decode(piece.strip(_EDGE))
    except (ValueError, RecursionError):
        return ()  # what stands around the elements
    if isinstance(value, dict) and not _TOOL.isdisjoint(value):
        return ()
    return tuple(text for text in _texts(value) if text.strip())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _spoken(value)


def _spoken(value: dict[str, Any]) -> Iterator[str]:
    source = value.get("source")
    if isinstance(source, dict) and source.get("type") in ("text", "content"):
        yield from _texts(source.get("data") if source["type"] == "text" else source.get("content"))
    for name, inner in value.items():
        if name in _ARGUMENTS:
            yield from _leaves(inner)
        elif name in _SPOKEN or name in _CALLS:
            yield from _texts(inner)


def _leaves(value: Any) -> Iterator[str]:
    """Every string in a tool's arguments, whatever its name."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
