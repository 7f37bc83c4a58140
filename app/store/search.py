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
