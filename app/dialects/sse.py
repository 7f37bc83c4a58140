"""Server-sent events: bytes of a stream -> events, whatever the chunks are.

Follows the HTML standard's event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html) with one
difference: an event that is pending when the stream ends is handed out, because some servers forget the last blank
line. Works on bytes, so that a character cut in two by a read stays whole and U+2028 is no line end.
"""

from __future__ import annotations

import re

import msgspec

from app.domain.errors import ErrorKind, PatchbayError

EVENT_BYTES = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_BLANKS = re.compile(rb"\n{3,}")
_BLOCK = re.compile(rb"(?:event: (.*)\n)?data: (.*)\n\n|((?:.+\n)*\n)")
"""One block up to its blank line: the two shapes that nearly every event has, or else any lines at all."""


class Sse(msgspec.Struct, gc=False):
    """One event: its name (empty where none was given) and its data, several lines joined by a line feed."""

    event: bytes
    data: bytes


class SseReader:
    """Splits a stream into events; each byte is looked at once, in whatever pieces it comes.

    `max_event_bytes` bounds one event; beyond it `feed` raises PatchbayError BAD_REPLY.
    """

    def __init__(self, max_event_bytes: int = EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._tail = bytearray()
        """The event that is not complete yet; line ends are LF here."""
        self._head: bytes | None = b""
        """The first bytes while they may still be a byte order mark; None once that is known."""
        self._after_cr = False

    def feed(self, data: bytes) -> list[Sse]:
        """The events that these bytes complete."""
        if self._head is not None:
            data = self._without_mark(data)
        if self._after_cr or b"\r" in data:
            data = self._with_line_feeds(data)
        if self._tail:
            seen = len(self._tail) - 1
            self._tail += data
            if self._tail.find(b"\n\n", seen) < 0:
                self._bound(len(self._tail))
                return []
            data = bytes(self._tail)
        if b"\n\n\n" in data:
            data = _BLANKS.sub(b"\n\n", data)  # each blank line would be looked at by itself, a million of them too
        cut = data.rfind(b"\n\n")
        self._tail = bytearray(data[cut + 2 :] if cut >= 0 else data)
        self._bound(len(self._tail))
        if cut < 0:
            return []
        if cut > self._max:
            self._bound(max(map(len, data[:cut].split(b"\n\n"))))
        events = []
        for name, value, other in _BLOCK.findall(data, 0, cut + 2):
            event = _any_event(other) if other else Sse(name, value)
            if event is not None:
                events.append(event)
        return events

    def close(self) -> list[Sse]:
        """The event that was pending when the stream ended, if there was one."""
        event = _any_event(bytes(self._tail))
        self._tail.clear()
        return [] if event is None else [event]

    def _without_mark(self, data: bytes) -> bytes:
        data = (self._head or b"") + data
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._head = data
            return b""
        self._head = None
        return data.removeprefix(_BOM)

    def _with_line_feeds(self, data: bytes) -> bytes:
        """CR and CRLF as LF; a CR ends its line at once, and an LF that begins the next piece belongs to it."""
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if data.endswith(b"\r"):
            self._after_cr = True
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _bound(self, size: int) -> None:
        if size > self._max:
            raise PatchbayError(
                ErrorKind.BAD_REPLY, f"The upstream sent one stream event of more than {self._max} bytes."
            )


def _any_event(block: bytes) -> Sse | None:
    """The event in one block of lines, or None where the block has no data."""
    name = b""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    return Sse(name, b"\n".join(data)) if data else None
