"""Storing bodies: cut into pieces, each piece kept once, the order of the pieces kept as nodes.

A conversation that comes again with one more turn shares all but its last pieces. Runs of pieces are gathered into
sections at places that the content itself decides, so that the sections are shared as well; without them the lists of
pieces alone would grow with the square of the conversation.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.redact import Redactor
from app.domain.redact_stream import mask_stream
from app.store.blocks import NODE, encode, leaf_hash, node_hash
from app.store.packing import pack_ids
from app.store.recent import Recent
from app.store.sealing import CLEAR, Cipher, Sealing

log = logging.getLogger(__name__)

Split = Callable[[str, bytes], Sequence[bytes]]
"""(dialect, request body) -> pieces that concatenate to it."""

TEXT = "text"
"""The `dialect` of a block that is itself readable text."""

_SECTION_ENDS_BELOW = 16
"""A section ends behind a piece whose hash begins with a byte below this: after 16 pieces in the mean."""
_MAX_SECTION = 64
_KNOWN_BODIES = 4_096
_KNOWN_BLOCKS = 32_768

_INSERT = "INSERT INTO block (id, hash, codec, size_bytes, dialect, data, key) VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERT_LINK = "INSERT OR IGNORE INTO link (child, parent) VALUES (?, ?)"
_MARK = f"UPDATE block SET dialect = ? WHERE id = ? AND dialect = '' AND key = {CLEAR}"  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True)
class Stored:
    """A body in the store; `size_bytes` and `sha256` are those of the bytes on the wire."""

    block: int | None
    size_bytes: int
    sha256: bytes | None


class BodyWriter:
    """Turns bodies into blocks of one connection; what it made waits in memory until `flush`. Writer's thread only."""

    def __init__(
        self, connection: sqlite3.Connection, split: Split, sealing: Sealing, now_us: Callable[[], int]
    ) -> None:
        self._connection = connection
        self._split = split
        self._sealing = sealing
        self._now_us = now_us
        self._changes = -1
        self._cipher: Cipher | None = None
        self._redactor: Redactor = Redactor()
        self._bodies: Recent[bytes, Stored] = Recent(_KNOWN_BODIES)
        self._known: Recent[bytes, tuple[int, bool]] = Recent(_KNOWN_BLOCKS)
        """Hash of what was given (not of what was stored, which is masked) -> block id, whether it is searched."""
        self._new: dict[bytes, tuple[int, bytes, int, int, str, bytes, int]] = {}
        self._links: list[tuple[int, int]] = []
        self._marks: list[tuple[str, int]] = []
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM block").fetchone()
        self._last_id: int = last

    def use(self, redactor: Redactor) -> None:
        """Mask with this and encrypt as is wanted from now on; what was stored otherwise is looked at again.

        Inside the caller's transaction.
        """
        if redactor is not self._redactor or self._changes != self._sealing.changes:
            self._redactor, self._changes = redactor, self._sealing.changes
            self.forget()
        if self._sealing.wanted and self._cipher is None:
            self._cipher = self._sealing.writing(self._connection, self._now_us)

    def forget(self) -> None:
        """Drop everything that is not in the database: after a rollback, and after blocks were deleted."""
        self._bodies.clear()
        self._known.clear()
        self._new.clear()
        self._links.clear()
        self._marks.clear()
        self._cipher = None

    def flush(self) -> bool:
        """Write what was made, inside the caller's transaction; whether there is new text to index."""
        searched = bool(self._marks)
        if self._new:
            self._connection.executemany(_INSERT, self._new.values())
            searched = searched or any(row[4] for row in self._new.values())
            self._new.clear()
        if self._links:
            self._connection.executemany(_INSERT_LINK, self._links)
            self._links.clear()
        if self._marks:
            self._connection.executemany(_MARK, self._marks)
            self._marks.clear()
        return searched

    def body(self, chunks: Sequence[bytes], dialect: str = "", *, searched: bool = False) -> Stored:
        """Store a body; `dialect` is that of a request, to cut it by, and empty for anything else."""
        raw = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        digest = leaf_hash(raw)
        key = digest + b"s" if searched else digest
        stored = self._bodies.get(key)
        if stored is None and self._locked:
            return Stored(None, len(raw), hashlib.sha256(raw).digest())
        if stored is None:
            parts = self._cut(dialect, raw) if dialect else (raw,)
            root = self._tree(parts, dialect if searched else "")
            stored = self._bodies[key] = Stored(root, len(raw), hashlib.sha256(raw).digest())
        return stored

    def text(self, text: str) -> Stored:
        """Store a readable text as one searched block."""
        raw = text.encode("utf-8", "replace")
        if self._locked:
            return Stored(None, len(raw), None)
        block, _ = self._leaf(raw, TEXT)
        return Stored(block, len(raw), None)

    @property
    def _locked(self) -> bool:
        """Nothing may be stored: not in clear text, and there is no key."""
        return self._sealing.wanted and self._cipher is None

    def _cut(self, dialect: str, raw: bytes) -> Sequence[bytes]:
        try:
            parts = self._split(dialect, raw)
        except Exception:
            log.exception("a %s request could not be cut; it is stored in one piece", dialect)
            return (raw,)
        return parts if b"".join(parts) == raw else (raw,)

    def _tree(self, parts: Sequence[bytes], dialect: str) -> int:
        sections: list[int] = []
        section: list[int] = []
        for part in parts:
            block, digest = self._leaf(part, dialect)
            section.append(block)
            if digest[0] < _SECTION_ENDS_BELOW or len(section) == _MAX_SECTION:
                sections.append(self._node(section))
                section = []
        if section:
            sections.append(self._node(section))
        return self._node(sections)

    def _leaf(self, raw: bytes, dialect: str) -> tuple[int, bytes]:
        """(block id, hash) of a piece."""
        digest = leaf_hash(raw)
        dialect = "" if self._cipher else dialect  # the search index would hold the words in clear text
        known = self._known.get(digest)
        if known is None:
            content = self._redactor.data(mask_stream(raw, self._redactor))
            if self._cipher is not None:
                address = self._cipher.address(content)
            else:
                address = digest if content is raw else leaf_hash(content)
            known = self._find(address) or (self._add(address, len(content), dialect, *encode(content)), bool(dialect))
        block, searched = known
        if dialect and not searched:
            self._marks.append((dialect, block))
        self._known[digest] = (block, searched or bool(dialect))
        return block, digest

    def _node(self, parts: list[int]) -> int:
        if len(parts) == 1:
            return parts[0]
        packed = pack_ids(parts)
        address = node_hash(packed)
        known = self._known.get(address) or self._find(address)
        if known is None:
            known = (self._add(address, 0, "", NODE, packed), True)
            self._links += [(part, known[0]) for part in parts]
        self._known[address] = known
        return known[0]

    def _find(self, address: bytes) -> tuple[int, bool] | None:
        waiting = self._new.get(address)
        if waiting is not None:
            return waiting[0], bool(waiting[4])
        row = self._connection.execute("SELECT id, dialect FROM block WHERE hash = ?", (address,)).fetchone()
        return None if row is None else (row[0], bool(row[1]))

    def _add(self, address: bytes, size_bytes: int, dialect: str, codec: int, data: bytes) -> int:
        self._last_id += 1
        key = CLEAR
        if self._cipher is not None and codec != NODE:
            key, data = self._cipher.id, self._cipher.seal(self._last_id, address, data)
        self._new[address] = (self._last_id, address, codec, size_bytes, dialect, data, key)
        return self._last_id
