"""Where the searched words stand in one exchange: a line of text around the first of them."""

from __future__ import annotations

import re
import sqlite3

from peewee import SqliteDatabase

from app.store.blocks import decode, leaves
from app.store.database import connection_of
from app.store.packing import ANSWER, CLIENT_REQUEST
from app.store.sealing import LockedError, Sealing
from app.store.search import Texts, readable, spaced, terms

BEFORE = 60
AFTER = 140
"""Characters shown before and after the beginning of the first hit."""
_SPACES = re.compile(r"\s+")
_ROOT = (
    "SELECT side.block FROM side JOIN exchange ON exchange.seq = side.exchange "
    "WHERE exchange.id = ? AND side.kind = ? AND side.block IS NOT NULL"
)
_HITS = "SELECT rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC"


def snippet(database: SqliteDatabase, exchange_id: str, words: str, texts: Texts, sealing: Sealing) -> str:
    """Text around the first hit, in one line with "…" where it was cut; empty where nothing is found."""
    asked = terms(words)
    connection = connection_of(database)
    for kind in (ANSWER, CLIENT_REQUEST) if asked else ():
        root = connection.execute(_ROOT, (exchange_id, kind)).fetchone()
        found = _in_body(connection, root[0], asked, texts, sealing) if root else ""
        if found:
            return found
    return ""


def _in_body(connection: sqlite3.Connection, root: int, asked: tuple[str, ...], texts: Texts, sealing: Sealing) -> str:
    try:
        found = list(leaves(connection, root, sealing))
    except LockedError:
        return ""
    searched = {block: (dialect, codec, data) for block, dialect, codec, data in found if dialect}
    if not searched:
        return ""
    for term in asked:
        hits = connection.execute(_HITS, (term, min(searched), max(searched)))
        hit = next((block for (block,) in hits if block in searched), None)
        if hit is not None:
            dialect, codec, data = searched[hit]
            return _around(readable(texts, dialect, decode(codec, data)), term)
    return ""


def _around(text: str, term: str) -> str:
    """The text around the term; its beginning where the index finds more than a plain look does (accents)."""
    words = re.findall(r"\w+", spaced(term))
    match = re.search(r"[\W_]*".join(map(re.escape, words)), text, re.IGNORECASE)
    at = match.start() if match else 0
    start = max(at - BEFORE, 0)
    cut = _SPACES.sub(" ", text[start : at + AFTER]).strip()
    return ("…" if start else "") + cut + ("…" if at + AFTER < len(text) else "")
