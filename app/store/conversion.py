"""Encrypting what was stored in clear text before encryption was wanted: a little at a time, in the writer's pauses."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable

from app.store import search
from app.store.blocks import NODE, decode
from app.store.database import transaction
from app.store.sealing import CLEAR, Cipher, Sealing
from app.store.search import Texts

_STEP_ROWS = 200
_STEP_BYTES = 1024 * 1024

_IN_CLEAR = (
    f"SELECT id, codec, dialect, text_crc, data FROM block WHERE id > ? AND key = {CLEAR} "  # noqa: S608 (constants)
    f"AND codec <> {NODE} ORDER BY id LIMIT {_STEP_ROWS}"
)
_TAKEN = "SELECT EXISTS (SELECT 1 FROM block WHERE hash = ?)"
_SEAL = "UPDATE block SET hash = ?, dialect = '', text_crc = NULL, data = ?, key = ? WHERE id = ?"


class Conversion:
    """Encrypts older bodies while encryption is wanted. Writer's thread only."""

    def __init__(
        self, connection: sqlite3.Connection, sealing: Sealing, texts: Texts, now_us: Callable[[], int]
    ) -> None:
        self._connection = connection
        self._sealing = sealing
        self._texts = texts
        self._now_us = now_us
        self._upto = 0
        """No block up to this one is in clear text."""
        self._changes = -1
        self._done = True
        self._any = False
        self.touched = False
        """Blocks were encrypted since somebody last looked: what is remembered about blocks may be wrong."""

    def step(self) -> tuple[bool, bool]:
        """Encrypt some blocks, in a transaction of its own: (whether there is more to do, whether all is done now).

        Raises sqlite3.Error.
        """
        if self._changes != self._sealing.changes:
            self._changes, self._upto, self._any = self._sealing.changes, 0, False
            self._done = not self._sealing.wanted
        if self._done:
            return False, False
        with transaction(self._connection):
            cipher = self._sealing.writing(self._connection, self._now_us)
            if cipher is None:
                return False, False
            more = self._seal_some(cipher)
        if not more:
            self._done = True
        return more, self._any and not more

    def _seal_some(self, cipher: Cipher) -> bool:
        rows = self._connection.execute(_IN_CLEAR, (self._upto,)).fetchall()
        size = 0
        for block, codec, dialect, crc, data in rows:
            content = decode(codec, data)
            address = cipher.address(content)
            if self._connection.execute(_TAKEN, (address,)).fetchone()[0]:
                address = os.urandom(16)  # it came again since, encrypted; the older one stays by itself
            if crc is not None:
                search.forget(self._connection, self._texts, (block, dialect, crc, content))
            self._connection.execute(_SEAL, (address, cipher.seal(block, address, data), cipher.id, block))
            self._upto = block
            self._any = self.touched = True
            size += len(data)
            if size > _STEP_BYTES:
                return True
        return len(rows) == _STEP_ROWS
