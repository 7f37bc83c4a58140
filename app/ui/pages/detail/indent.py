"""JSON indented for reading, piece by piece and without parsing it: order, numbers and broken parts stay as they were.

Working on tokens rather than values keeps it lazy (the first page of 32 MiB costs as much as one of 32 KiB) and honest
(a cut or invalid body is shown as far as it goes). Tokens are bytes, because everything JSON is built of is ASCII; only
what is shown is decoded.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from app.ui.widgets.text_pages import Piece, boundary

KEY = "key"
_TOKEN = re.compile(rb'(?P<quote>")|(?P<mark>[{}\[\],:])|(?P<other>[^\s{}\[\],:"]{1,4096})')
_INSIDE = re.compile(rb'(?:[^"\\]{1,256}+|\\.){0,32}+', re.DOTALL)
"""A bounded run of a string's inside: a match holds the interpreter for as long as it takes."""
_FLUSH_BYTES = 4096


def looks_like_json(body: bytes) -> bool:
    """Whether it begins as a JSON object or array does."""
    return body[:64].lstrip()[:1] in (b"{", b"[")


def indented(body: bytes) -> Iterator[Piece]:
    """The pieces of a JSON text, two spaces a level; object keys have the style `KEY`."""
    return _Indenter(body).pieces()


class _Indenter:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._depth, self._opened = 0, False
        self._held: list[bytes] = []
        self._size = 0

    def pieces(self) -> Iterator[Piece]:
        at = 0
        while token := _TOKEN.search(self._body, at):
            at = token.end()
            kind, word = token.lastgroup, token.group()
            if kind == "mark":
                self._mark(word)
            else:
                self._open_line()
                if kind == "other":
                    self._hold(word)
                else:
                    at = yield from self._string(token.start())
            if self._size > _FLUSH_BYTES:
                yield self._flush()
        yield self._flush()

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)

    def _flush(self, style: str = "") -> Piece:
        text = b"".join(self._held).decode("utf-8", "replace")
        self._held, self._size = [], 0
        return Piece(text, style)

    def _open_line(self) -> None:
        """What follows an opening bracket stands on a line of its own, unless that is the closing one."""
        if self._opened:
            self._hold(b"\n" + b"  " * self._depth)
            self._opened = False

    def _mark(self, word: bytes) -> None:
        if word in b"}]":
            self._depth = max(0, self._depth - 1)
            self._hold(word if self._opened else b"\n" + b"  " * self._depth + word)
            self._opened = False
            return
        self._open_line()
        if word in b"{[":
            self._depth += 1
            self._opened = True
            self._hold(word)
        else:
            self._hold(b",\n" + b"  " * self._depth if word == b"," else b": ")

    def _string(self, start: int) -> Generator[Piece, None, int]:
        """A string from its quote on, long ones in several pieces; its end is what the generator returns."""
        at, first = start + 1, True
        while True:
            inside = _INSIDE.match(self._body, at)
            end = inside.end() if inside else at
            closed = self._body[end : end + 1] == b'"'
            if closed or end == at:
                break
            cut = at + boundary(self._body[at : end + 1], end - at)
            self._hold(self._body[start:cut])
            yield self._flush()
            start = at = cut
            first = False
        end += closed
        if first and closed and self._is_key(end):
            yield self._flush()
            self._hold(self._body[start:end])
            yield self._flush(KEY)
        else:
            self._hold(self._body[start:end])
        return end

    def _is_key(self, end: int) -> bool:
        following = self._body[end : end + 64].lstrip()
        return following[:1] == b":"
