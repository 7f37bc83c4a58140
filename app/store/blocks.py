"""Blocks: bytes stored once under the hash of their content, and nodes that put blocks in an order.

A body is a leaf, or a node over leaves and further nodes; whoever refers to it (a side, a node) keeps it alive.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator

from app.store.frames import compress, decompress
from app.store.packing import unpack_ids
from app.store.sealing import Sealing

PLAIN = 0
ZSTD = 1
NODE = 2
"""Codecs: the content as it is, as a zstd frame, or the packed ids of other blocks."""

_WORTH_COMPRESSING_BYTES = 64


def encode(content: bytes) -> tuple[int, bytes]:
    """(codec, data) of a leaf."""
    if len(content) >= _WORTH_COMPRESSING_BYTES:
        packed = compress(content)
        if len(packed) < len(content):
            return ZSTD, packed
    return PLAIN, content


def decode(codec: int, data: bytes) -> bytes:
    """The content of a leaf."""
    return decompress(data) if codec == ZSTD else data


def leaf_hash(content: bytes) -> bytes:
    """The address of a leaf: 16 bytes."""
    return hashlib.blake2b(content, digest_size=16).digest()


def node_hash(packed_ids: bytes) -> bytes:
    """The address of a node: 16 bytes, never those of a leaf with the same bytes."""
    return hashlib.blake2b(packed_ids, digest_size=16, person=b"node").digest()


def leaves(connection: sqlite3.Connection, root: int, sealing: Sealing) -> Iterator[tuple[int, str, int, bytes]]:
    """(id, dialect, codec, data) of the leaves below a block, in order; a missing block is skipped.

    Raises sealing.LockedError.
    """
    waiting = [root]
    while waiting:
        block = waiting.pop()
        row = connection.execute("SELECT codec, dialect, data, key, hash FROM block WHERE id = ?", (block,)).fetchone()
        if row is None:
            continue
        codec, dialect, data, key, address = row
        if codec == NODE:
            waiting.extend(reversed(unpack_ids(data)))
        else:
            yield block, dialect, codec, sealing.read(connection, key, block, address, data)


def read(connection: sqlite3.Connection, root: int, sealing: Sealing) -> bytes:
    """The whole content below a block; raises sealing.LockedError."""
    return b"".join(decode(codec, data) for _, _, codec, data in leaves(connection, root, sealing))


_NEEDED = "SELECT EXISTS (SELECT 1 FROM side WHERE block = ?1) OR EXISTS (SELECT 1 FROM link WHERE child = ?1)"


def release(connection: sqlite3.Connection, blocks: Iterable[int]) -> Iterator[tuple[int, str, int | None, bytes]]:
    """Delete those blocks that nobody refers to any more, and what only they referred to.

    Yields (id, dialect, crc of the indexed text, content) of each deleted leaf, for the search index to forget it.
    """
    waiting = list(blocks)
    while waiting:
        block = waiting.pop()
        if connection.execute(_NEEDED, (block,)).fetchone()[0]:
            continue
        row = connection.execute("SELECT codec, dialect, text_crc, data FROM block WHERE id = ?", (block,)).fetchone()
        if row is None:
            continue
        codec, dialect, crc, data = row
        connection.execute("DELETE FROM block WHERE id = ?", (block,))
        if codec == NODE:
            parts = unpack_ids(data)
            connection.executemany("DELETE FROM link WHERE child = ? AND parent = ?", [(part, block) for part in parts])
            waiting.extend(parts)
        elif crc is not None:
            yield block, dialect, crc, decode(codec, data)
