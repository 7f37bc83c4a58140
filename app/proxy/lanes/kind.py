"""What kind of body a successful reply has: a stream, a whole answer, or nothing a model sends."""

from __future__ import annotations

from enum import Enum

_SAID = {"text/event-stream": "stream", "application/json": "whole"}
_STREAM_BEGINNINGS = (b"data:", b"event:", b":", b"id:", b"retry:")
_VAGUE = ("", "text/plain", "application/octet-stream", "application/x-ndjson", "application/stream+json")


class Kind(Enum):
    """How to read the body."""

    STREAM = "stream"
    WHOLE = "whole"
    FOREIGN = "foreign"
    """A web page, a login form of a hotel's network: not an API's answer."""


def kind_of(media_type: str, first: bytes, *, streaming: bool, arrays: bool = False) -> Kind:
    """The kind of a body by its media type, or by its first bytes where that is vague.

    A server that says "stream" and sends an object, or the reverse, is taken by what it sends: the first byte of a JSON
    object cannot begin an event. `arrays` is Gemini's other form of a stream: a JSON array that grows.
    """
    beginning = first.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    said = _SAID.get(media_type, "whole" if media_type.endswith("+json") else "")
    if not said and media_type not in _VAGUE:
        return Kind.FOREIGN
    if arrays and beginning.startswith(b"["):
        return Kind.STREAM
    if beginning.startswith((b"{", b"[")):
        return Kind.WHOLE
    if beginning.startswith(_STREAM_BEGINNINGS):
        return Kind.STREAM
    if not beginning:
        return Kind.STREAM if said == "stream" or (streaming and not said) else Kind.WHOLE
    return Kind(said) if said else Kind.FOREIGN
