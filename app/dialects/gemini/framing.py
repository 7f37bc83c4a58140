"""A Gemini stream -> its JSON objects, whatever the framing: server-sent events, or one array that grows.

Without `alt=sse` Google answers `[{…}`, then a comma, a new line and `{…}` for each piece, and `]` at the end. The
first byte tells which of the two it is. Each byte is looked at once, in whatever pieces it comes.
"""

from __future__ import annotations

import re

from app.dialects.sse import EVENT_BYTES, SseReader
from app.domain.errors import ErrorKind, PatchbayError

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_OPEN, _CLOSED, _QUOTE, _BACKSLASH = b'{]"\\'
_BETWEEN = re.compile(rb"[\s,\[]*+")
_INSIDE = re.compile(rb'(?:[^"{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""As far as no brace changes the depth and no string stays open."""
_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)


class Framing:
    """Splits one stream; `ended` once an array was closed."""

    def __init__(self) -> None:
        self.ended = False
        self._head = b""
        self._sse: SseReader | None = None
        self._array: JsonArray | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The objects that these bytes complete. Raises PatchbayError BAD_REPLY for what is neither."""
        if self._sse is not None:
            return [event.data for event in self._sse.feed(data)]
        if self._array is None:
            data = (self._head + data).lstrip(_SPACE).removeprefix(_BOM).lstrip(_SPACE)
            if _BOM.startswith(data):
                self._head = data  # nothing yet, or a part of the mark
                return []
            if not data.startswith((b"[", b"{")):
                self._sse = SseReader()
                return self.feed(data)
            self._array = JsonArray()
        found = self._array.feed(data)
        self.ended = self._array.ended
        return found

    def close(self) -> list[bytes]:
        """What was pending when the stream ended."""
        return [event.data for event in self._sse.close()] if self._sse is not None else []


class JsonArray:
    """Splits an array, or objects without one, into its objects; bounded by `max_object_bytes` each."""

    def __init__(self, max_object_bytes: int = EVENT_BYTES) -> None:
        self.ended = False
        """The array was closed; what follows is ignored."""
        self._max = max_object_bytes
        self._held = bytearray()
        self._at = 0
        self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> list[bytes]:
        """The objects that these bytes complete. Raises PatchbayError BAD_REPLY for what is no object."""
        found: list[bytes] = []
        self._held += data
        while not self.ended and self._reach(found):
            pass
        if self._at > self._max and self._depth:
            raise PatchbayError(ErrorKind.BAD_REPLY, f"The upstream sent one object of more than {self._max} bytes.")
        return found

    def _reach(self, found: list[bytes]) -> bool:
        """Go on to the end of an object, from between two of them or inside one; False where the bytes ran out."""
        held = self._held
        if not self._depth and not self._begin():
            return False
        at, depth, size = self._at, self._depth, len(held)
        while depth:
            match = (_STRING if self._in_string else _INSIDE).match(held, at)
            at = match.end() if match is not None else at
            if at == size or held[at] == _BACKSLASH:  # which waits for what it escapes
                break
            char = held[at]
            at += 1
            if char == _QUOTE:
                self._in_string = not self._in_string
            else:
                depth += 1 if char == _OPEN else -1
        self._at, self._depth = at, depth
        if depth:
            return False
        found.append(bytes(held[:at]))
        del held[:at]
        self._at = 0
        return True

    def _begin(self) -> bool:
        """Go on to the next object; False where the bytes ran out or the array ends."""
        match = _BETWEEN.match(self._held, self._at)
        del self._held[: match.end() if match is not None else self._at]
        self._at = 0
        if not self._held:
            return False
        if self._held[0] == _OPEN:
            self._at = self._depth = 1
            return True
        if self._held[0] != _CLOSED:
            raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream sent a stream that is no JSON.")
        self.ended = True
        return False
