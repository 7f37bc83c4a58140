"""The full-text index: each readable block once, and what a person types made into questions to it.

FTS5 (https://www.sqlite.org/fts5.html) splits words at spaces and punctuation, which leaves Chinese and Japanese as
one endless word; so every CJK character becomes a word of its own, in the index and in the question, and a CJK word a
phrase of them.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.store.blocks import decode
from app.store.bodies import TEXT

log = logging.getLogger(__name__)

Texts = Callable[[str, bytes], Sequence[str]]
"""(dialect, piece of a request) -> the readable texts in it."""

MAX_QUERY = 1_000
"""Characters of a question that are looked at."""
_MAX_TERMS = 12
_MAX_TEXT = 1024 * 1024
"""Characters of one block that are indexed: beyond are files that a tool read, and a start would wait for them."""
_BATCH_BYTES = 128 * 1024
_PREFIX_FROM = 3
"""Shorter words must match whole: what begins with "a" is nearly everything."""

_CJK = re.compile(
    "([\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00016fe0-\U00018aff\U0001b000-\U0001b2ff"
    "\U00020000-\U0003ffff])"
)
_TERMS = re.compile(r'"([^"]*)"|([^\s"]+)')

_WAITING = (
    "SELECT id, dialect, codec, size_bytes, data FROM block WHERE dialect <> '' AND text_crc IS NULL "
    "ORDER BY id LIMIT 256"
)
_ADD = "INSERT INTO search (rowid, text) VALUES (?, ?)"
_REMOVE = "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)"
_NOTE = "UPDATE block SET text_crc = ? WHERE id = ?"
_GROWN = "UPDATE indexed_text SET live_characters = live_characters + ?"
_DIED = (
    "UPDATE indexed_text SET live_characters = live_characters - :characters, "
    "dead_characters = dead_characters + :characters"
)
_PAGE_BYTES = 4_050
_MERGE_PAGES = 64
"""A step of merging takes some 10 ms."""


def spaced(text: str) -> str:
    """The text with every CJK character standing alone."""
    return text if text.isascii() else _CJK.sub(r" \1 ", text)


def readable(texts: Texts, dialect: str, content: bytes) -> str:
    """The readable text of a block."""
    if dialect == TEXT:
        return content.decode("utf-8", "replace")
    try:
        return "\n".join(texts(dialect, content))
    except Exception:
        log.exception("no text could be read from a piece of a %s request", dialect)
        return ""


def text_of(texts: Texts, dialect: str, content: bytes) -> str:
    """What the index holds of a block; must give the same text when the block is taken out again."""
    text = readable(texts, dialect, content)[:_MAX_TEXT].replace("\0", " ")
    return spaced(text.encode("utf-8", "replace").decode())


def index(connection: sqlite3.Connection, texts: Texts, max_bytes: int = _BATCH_BYTES) -> int:
    """Index some blocks that wait for it, inside the caller's transaction; how many. 0: none waits any more."""
    found: list[tuple[int, str]] = []
    size = 0
    for block, dialect, codec, size_bytes, data in connection.execute(_WAITING):
        if found and size + size_bytes > max_bytes:
            break
        size += size_bytes
        found.append((block, text_of(texts, dialect, decode(codec, data))))
    connection.executemany(_ADD, [(block, text) for block, text in found if text])
    connection.executemany(_NOTE, [(_crc(text), block) for block, text in found])
    connection.execute(_GROWN, (sum(len(text) for _, text in found),))
    return len(found)


def forget(connection: sqlite3.Connection, texts: Texts, deleted: tuple[int, str, int | None, bytes]) -> None:
    """Take a deleted block (`blocks.release`) out of the index.

    FTS5 without content must be told the very text. Where another version of the program reads another text out of the
    same bytes, the words stay behind and lead nowhere; a wrong text would damage the index.
    """
    block, dialect, crc, content = deleted
    text = text_of(texts, dialect, content)
    if text and _crc(text) == crc:
        connection.execute(_REMOVE, (block, text))
        connection.execute(_DIED, {"characters": len(text)})


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How large the index is; `dead_bytes` is the part of words that were taken out, which a merge gives back."""

    total_bytes: int
    dead_bytes: int


def size(connection: sqlite3.Connection) -> IndexSize:
    """An estimate from the number of its pages and of the characters in it."""
    (pages,) = connection.execute("SELECT count(*) FROM search_idx").fetchone()
    live, dead = connection.execute("SELECT live_characters, dead_characters FROM indexed_text").fetchone()
    total = pages * _PAGE_BYTES
    return IndexSize(total, total * dead // max(live + dead, 1))


def merge(connection: sqlite3.Connection, *, begin: bool) -> bool:
    """A little of rewriting the index without dead words, inside the caller's transaction; whether there is more.

    FTS5's 'merge' command: a negative number begins to merge everything into one, positive ones go on with it.
    """
    before = connection.total_changes
    pages = -_MERGE_PAGES if begin else _MERGE_PAGES
    connection.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
    more = connection.total_changes - before >= 2
    if not more:
        connection.execute("UPDATE indexed_text SET dead_characters = 0")
    return more


def _crc(text: str) -> int:
    return zlib.crc32(text.encode())


def terms(words: str) -> tuple[str, ...]:
    """What a person typed, as FTS5 questions that must all be answered; nothing typed can make one invalid.

    A word finds words that begin with it, "quoted words" exactly that phrase, and everything else is literal. Terms
    without a letter or digit ask for nothing and are left out.
    """
    found = []
    for phrase, word in _TERMS.findall(words[:MAX_QUERY].replace("\0", " ")):
        text = spaced(phrase or word)
        text = " ".join(text.encode("utf-8", "replace").decode().split())
        if any(character.isalnum() for character in text):
            starts = bool(word) and len(word) >= _PREFIX_FROM and word[-1].isalnum() and not _CJK.match(word[-1])
            found.append(f'"{text}"' + ("*" if starts else ""))
    return tuple(found[:_MAX_TERMS])
