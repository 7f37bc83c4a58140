"""Encryption of stored bodies: AES-256-GCM a block, under keys of the file that a master key from outside wraps.

    master key (system keyring) --wraps--> body_key rows (in the file) --encrypt--> blocks

So another master key costs one row and no body. A block's additional data are its id and its address, so that no two
can be exchanged; its address is a keyed hash, so that nobody can ask the file whether it holds a text he knows. Nodes,
which hold only the order of blocks, are not encrypted, and neither are rows, sizes and headers.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
CLEAR = 0
"""The key of a block that is not encrypted."""
_NONCE_BYTES = 12


class LockedError(Exception):
    """A body is encrypted, and its key is not at hand."""


@dataclass(frozen=True, slots=True)
class Cipher:
    """One key of the file, at hand."""

    id: int
    _aead: AESGCM
    _addresses: bytes

    def address(self, content: bytes) -> bytes:
        """The address of a leaf under this key: 16 bytes."""
        return hashlib.blake2b(content, digest_size=16, key=self._addresses).digest()

    def seal(self, block: int, address: bytes, data: bytes) -> bytes:
        """The data of a leaf, encrypted for that row."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, data, _bound(block, address))

    def open(self, block: int, address: bytes, sealed: bytes) -> bytes:
        """The data of a leaf; raises LockedError if it is not what was sealed for that row."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(block, address))
        except InvalidTag:
            raise LockedError("the body was changed in the file") from None


class Sealing:
    """Whether bodies are encrypted, and the keys at hand. Set by the loop, used by the writer and by readers."""

    def __init__(self) -> None:
        self.wanted = False
        """Bodies are stored encrypted, or not at all."""
        self._masters: tuple[bytes, ...] = ()
        self._ciphers: dict[int, Cipher] = {}
        self.changes = 0
        """Grows with every change of the above: what is remembered about blocks is then wrong."""

    def use(self, masters: Sequence[bytes], *, wanted: bool) -> None:
        """Take master keys, the present one first; none locks everything that is encrypted."""
        if (tuple(masters), wanted) != (self._masters, self.wanted):
            self._masters, self._ciphers, self.wanted = tuple(masters), {}, wanted
            self.changes += 1

    @property
    def has_masters(self) -> bool:
        """Whether any master key is at hand."""
        return bool(self._masters)

    def cipher(self, connection: sqlite3.Connection, key: int) -> Cipher:
        """That key of the file; raises LockedError if no master key opens it."""
        known = self._ciphers.get(key)
        if known is None:
            row = connection.execute("SELECT wrapped FROM body_key WHERE id = ?", (key,)).fetchone()
            opened = _unwrap(key, row[0], self._masters) if row else None
            if opened is None:
                raise LockedError("the key of this body is not in the keyring")
            known = self._ciphers[key] = _cipher(key, opened)
        return known

    def writing(self, connection: sqlite3.Connection, now_us: Callable[[], int]) -> Cipher | None:
        """The key for new bodies, made if need be inside the caller's transaction; None without a master key."""
        if not self._masters:
            return None
        for (key,) in connection.execute("SELECT id FROM body_key ORDER BY id DESC").fetchall():
            with suppress(LockedError):
                return self.cipher(connection, key)
        return self.cipher(connection, add_key(connection, self._masters[0], now_us()))

    def read(self, connection: sqlite3.Connection, key: int, block: int, address: bytes, data: bytes) -> bytes:
        """The data of a leaf as it was before it was sealed, if it was; raises LockedError."""
        return data if key == CLEAR else self.cipher(connection, key).open(block, address, data)


def add_key(connection: sqlite3.Connection, master: bytes, now_us: int) -> int:
    """Make a key for new bodies, inside the caller's transaction; its id."""
    (key,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM body_key").fetchone()
    wrapped = _wrap(key, os.urandom(KEY_BYTES), master)
    connection.execute("INSERT INTO body_key (id, wrapped, created_us) VALUES (?, ?, ?)", (key, wrapped, now_us))
    return int(key)


def rewrap(connection: sqlite3.Connection, masters: Sequence[bytes], now_us: int) -> int:
    """Wrap every key that one of the masters opens with the first of them, and begin a new key; how many could not.

    Inside the caller's transaction.
    """
    locked = 0
    for key, wrapped in connection.execute("SELECT id, wrapped FROM body_key").fetchall():
        opened = _unwrap(key, wrapped, masters)
        if opened is None:
            locked += 1
        else:
            again = _wrap(key, opened, masters[0])
            connection.execute("UPDATE body_key SET wrapped = ? WHERE id = ?", (again, key))
    add_key(connection, masters[0], now_us)
    return locked


def _bound(block: int, address: bytes) -> bytes:
    return b"patchbay body" + block.to_bytes(8) + address


def _of_key(key: int) -> bytes:
    return b"patchbay key" + key.to_bytes(8)


def _cipher(key: int, opened: bytes) -> Cipher:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return Cipher(key, AESGCM(opened), hashlib.blake2b(opened, digest_size=32, person=b"addresses").digest())


def _wrap(key: int, opened: bytes, master: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, opened, _of_key(key))


def _unwrap(key: int, wrapped: bytes, masters: Sequence[bytes]) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    for master in masters:
        with suppress(InvalidTag):
            return AESGCM(master).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _of_key(key))
    return None
