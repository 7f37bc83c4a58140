"""JSON indented for reading, piece by piece and without parsing it: order, numbers and broken parts stay as they were.

Working on tokens rather than values keeps it lazy (the first page of 32 MiB costs as much as one of 32 KiB) and honest
(a cut or invalid body is shown as far as it goes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.ui.widgets.text_pages import Piece

KEY = "key"
_TOKEN = re.compile(r'(?P<string>"(?:[^"\\]++|\\.)*+"?)|(?P<mark>[{}\[\],:])|(?P<other>[^\s{}\[\],:"]++)', re.DOTALL)
_CLOSED = {"{": "}", "[": "]"}
_FLUSH_CHARS = 4096


def looks_like_json(body: bytes) -> bool:
    """Whether it begins as a JSON object or array does."""
    return body[:64].lstrip()[:1] in (b"{", b"[")


def indented(text: str) -> Iterator[Piece]:
    """The pieces of a JSON text, two spaces a level; object keys have the style `KEY`."""
    depth, held, size = 0, list[str](), 0
    at_start = False
    """Right after an opening bracket, when a closing one makes an empty pair."""
    for token in _TOKEN.finditer(text):
        word = token.group()
        mark = token.lastgroup == "mark"
        if mark and word in "}]":
            depth = max(0, depth - 1)
            held.append(word if at_start else f"\n{'  ' * depth}{word}")
            at_start = False
            continue
        if at_start:
            held.append(f"\n{'  ' * depth}")
            at_start = False
        if mark and word in "{[":
            depth += 1
            held.append(word)
            at_start = True
        elif mark:
            held.append(f",\n{'  ' * depth}" if word == "," else ": ")
        elif token.lastgroup == "string" and _is_key(text, token.end()):
            yield Piece("".join(held))
            yield Piece(word, KEY)
            held, size = [], 0
        else:
            held.append(word)
            size += len(word)
        if size > _FLUSH_CHARS:
            yield Piece("".join(held))
            held, size = [], 0
    yield Piece("".join(held))


def _is_key(text: str, end: int) -> bool:
    while end < len(text) and text[end] in " \t\r\n":
        end += 1
    return text[end : end + 1] == ":"
