"""Whole elements only, of a stream that is a JSON array which grows (Gemini without `alt=sse`).

As `held` does for events: an upstream that dies in the middle of an element leaves half of it, after which no error
could be told. No byte is changed.
"""

from __future__ import annotations

import re

_MARKS = re.compile(rb'[\\"{}\[\]]')
_LIMIT_BYTES = 256 * 1024


class HeldArray:
    """Splits what came into whole elements to send and the rest to hold."""

    __slots__ = ("_depth", "_elements", "_escaped", "_pieces", "_quoted", "_size", "overflowed")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self._elements = 0
        self.overflowed = False
        """An element grew so large that half of it had to go: nothing can be told inside the array any more."""

    def take(self, chunk: bytes) -> bytes:
        """The bytes up to the end of the last whole element, possibly none."""
        cut = self._scan(chunk)
        if cut:
            self.overflowed = False
            whole = b"".join((*self._pieces, chunk[:cut]))
            self._pieces = [chunk[cut:]] if cut < len(chunk) else []
            self._size = len(chunk) - cut
            return whole + self._bounded()
        self._pieces.append(chunk)
        self._size += len(chunk)
        return self._bounded()

    def rest(self) -> bytes:
        """What is still held."""
        rest = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return rest

    def appended(self, array: bytes) -> bytes:
        """The one element of `array` and its end, as they follow what was sent: `[{"error": …}]`."""
        inner = array.lstrip().removeprefix(b"[")
        return (b",\r\n" if self._elements else b"[") + inner

    def _bounded(self) -> bytes:
        if self._size <= _LIMIT_BYTES:
            return b""
        self.overflowed = True
        return self.rest()

    def _scan(self, chunk: bytes) -> int:
        """Where the last element, or the array, ends in `chunk`; 0 where none does."""
        cut = 0
        skip = 1 if self._escaped else 0
        self._escaped = False
        for found in _MARKS.finditer(chunk):
            at, mark = found.start(), found[0]
            if at < skip:
                continue
            if mark == b"\\":  # only strings hold any
                skip = at + 2
                self._escaped = skip > len(chunk)
            elif mark == b'"':
                self._quoted = not self._quoted
            elif not self._quoted and self._bracket(mark):
                cut = at + 1
        return cut

    def _bracket(self, mark: bytes) -> bool:
        """Whether an element, or the array, ends with it."""
        if mark in b"{[":
            self._depth += 1
            return False
        self._depth -= 1
        self._elements += self._depth == 1
        return self._depth <= 1
