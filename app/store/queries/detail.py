"""Everything about one exchange."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from peewee import SqliteDatabase

from app.domain.exchange import Detail, Headers, StoredSide
from app.store.blocks import read
from app.store.database import connection_of
from app.store.packing import (
    ANSWER,
    SIDES,
    unpack_attempts,
    unpack_heads,
    unpack_timeline,
    unpack_trace,
    unpack_words,
)
from app.store.queries import rows
from app.store.sealing import LockedError, Sealing
from app.store.tables import ExchangeDetail, Side

_NO_HEADS: tuple[tuple[str, Headers], ...] = (("", ()),) * len(SIDES)
_NO_DETAIL = (b"", "", "", b"", "", "")
_NO_SIDE = (0, None, None)
_NOT_SEEN = ("", b"", False)


def detail(database: SqliteDatabase, exchange_id: str, sealing: Sealing) -> Detail | None:
    """The exchange with its four sides; None where there is no such exchange."""
    found = rows.one(database, exchange_id)
    if found is None:
        return None
    seq, row = found
    query = ExchangeDetail.select(
        ExchangeDetail.heads,
        ExchangeDetail.attempts,
        ExchangeDetail.dropped,
        ExchangeDetail.timeline,
        ExchangeDetail.account,
        ExchangeDetail.trace,
    ).where(ExchangeDetail.exchange == seq)
    heads, attempts, dropped, timeline, account, trace = database.execute(query).fetchone() or _NO_DETAIL
    stored = _stored(database, seq)
    bodies = _Bodies(connection_of(database), sealing)
    sides = _sides(bodies, unpack_heads(heads) if heads else _NO_HEADS, stored)
    _, _, answer = stored.get(ANSWER, _NO_SIDE)
    return Detail(
        row=row,
        client_request=sides[0],
        upstream_request=sides[1],
        upstream_reply=sides[2],
        client_reply=sides[3],
        answer=bodies.read(answer)[0].decode("utf-8", "replace"),
        dropped=unpack_words(dropped),
        attempts=unpack_attempts(attempts),
        timeline=unpack_timeline(timeline),
        account=account,
        trace=unpack_trace(trace),
    )


def _stored(database: SqliteDatabase, seq: int) -> dict[int, tuple[int, bytes | None, int | None]]:
    """For each kind: (size in bytes, sha256, root block)."""
    query = Side.select(Side.kind, Side.size_bytes, Side.sha256, Side.block).where(Side.exchange == seq)
    return {kind: (size_bytes, sha256, block) for kind, size_bytes, sha256, block in database.execute(query)}


@dataclass(frozen=True, slots=True)
class _Bodies:
    connection: sqlite3.Connection
    sealing: Sealing

    def read(self, block: int | None) -> tuple[bytes, bool]:
        """(the content, whether it is locked)."""
        if block is None:
            return b"", False
        try:
            return read(self.connection, block, self.sealing), False
        except LockedError:
            return b"", True


def _sides(
    bodies: _Bodies,
    heads: tuple[tuple[str, Headers], ...],
    stored: dict[int, tuple[int, bytes | None, int | None]],
) -> tuple[StoredSide, ...]:
    sides: list[StoredSide] = []
    first: dict[bytes, tuple[str, bytes, bool]] = {}
    for kind, (name, (line, headers)) in enumerate(zip(SIDES, heads, strict=True)):
        size_bytes, sha256, block = stored.get(kind, _NO_SIDE)
        same_as, body, locked = first.get(sha256, _NOT_SEEN) if sha256 else _NOT_SEEN
        if block is not None and not same_as:
            body, locked = bodies.read(block)
            if sha256:
                first[sha256] = (name, body, locked)
        sides.append(
            StoredSide(
                line=line,
                headers=headers,
                body=body,
                size_bytes=size_bytes,
                sha256=sha256.hex() if sha256 else "",
                dropped=size_bytes > 0 and block is None,
                locked=locked,
                same_as=same_as,
            )
        )
    return tuple(sides)
