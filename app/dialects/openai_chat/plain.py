"""The commonest chunk, one that only adds text, recognized by its decoder.

Most of a stream is such chunks, also where it passes through untouched and we only watch. These structs fit no other
chunk, so a successful decode needs no further look; everything else is refused and read by `loose.read_chunk`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Empty = Literal[""] | None
NoItems = tuple[()] | None


class PlainDelta(msgspec.Struct, gc=False):
    """Text, and nothing else that has a meaning."""

    content: str
    reasoning_content: Empty = None
    reasoning: Empty = None
    thinking: Empty = None
    reasoning_details: NoItems = None
    refusal: Empty = None
    tool_calls: NoItems = None
    function_call: None = None
    annotations: NoItems = None


class PlainChoice(msgspec.Struct, gc=False):
    """The first answer, which goes on."""

    delta: PlainDelta
    index: Literal[0] | None = None
    finish_reason: Empty = None
    usage: None = None


class PlainChunk(msgspec.Struct, gc=False):
    """A chunk with one choice and neither usage nor error."""

    choices: tuple[PlainChoice]
    usage: None = None
    x_groq: None = None
    error: None = None


PLAIN = msgspec.json.Decoder(PlainChunk)
