"""A page of the exchanges that hold the searched words, newest first.

Two ways lead there. Upwards, from the blocks that hold a word to the exchanges they are part of, is quick for a rare
word and slow for a common one, which stands in most of the history. Downwards, from the newest exchanges to their
blocks, finds a page of a common word among the first few hundred. So a page is looked for downwards first, and upwards
if that did not fill it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from peewee import SqliteDatabase

from app.domain.exchange import Filter, Row
from app.store import columns
from app.store.blocks import NODE
from app.store.database import connection_of
from app.store.packing import ANSWER, CLIENT_REQUEST, unpack_ids
from app.store.queries import rows
from app.store.queries.rows import Before
from app.store.search import terms

_LOOKED_AT = 500
"""So many of the newest exchanges are looked at one by one."""
_LOOKED_AT_MORE = 10_000
"""As many more, where every word is a common one."""
_COMMON = 5_000
"""Blocks that hold a word; going up from fewer is quick."""

_HOLD = "SELECT rowid FROM search WHERE search MATCH ?"
_HELD = f"SELECT value FROM json_each(?) WHERE value IN ({_HOLD})"  # noqa: S608 (a constant of ours)
_UP = f"""
    WITH RECURSIVE up (id) AS (
        {_HOLD}
        UNION
        SELECT link.parent FROM link JOIN up ON link.child = up.id
    )
    SELECT DISTINCT side.exchange FROM up JOIN side ON side.block = up.id
    WHERE side.kind IN ({CLIENT_REQUEST}, {ANSWER})
"""  # noqa: S608 (constants of ours)
_ROOTS = (
    f"SELECT exchange, block FROM side WHERE exchange IN (SELECT value FROM json_each(?)) "  # noqa: S608 (ours)
    f"AND kind IN ({CLIENT_REQUEST}, {ANSWER}) AND block IS NOT NULL"
)
_NODES = (
    f"SELECT id, CASE WHEN codec = {NODE} THEN data END FROM block "  # noqa: S608 (ours)
    "WHERE id IN (SELECT value FROM json_each(?))"
)


def page(database: SqliteDatabase, wanted: Filter, limit: int, before: Before | None) -> tuple[Row, ...]:
    """Up to `limit` lines with all the words."""
    connection = connection_of(database)
    asked = terms(wanted.search)
    words = _Words(connection, asked) if asked else None
    if words is None or not words.occur():
        return ()
    bare = replace(wanted, search="")
    found: list[Row] = []
    for size, among in _looks(words, limit):
        newest = list(rows.newest(database, bare, size, before, among=among))
        holding = words.in_exchanges([values[0] for values in newest])
        found += [columns.row_of(values[1:]) for values in newest if values[0] in holding]
        if len(found) >= limit or len(newest) < size:
            break
        last = columns.row_of(newest[-1][1:])
        before = last.started_us, last.id
    return tuple(found[:limit])


def _looks(words: _Words, limit: int) -> Iterator[tuple[int, Collection[int] | None]]:
    """(how many exchanges to look at next, those that come into question if that is known), without end."""
    yield _LOOKED_AT, None
    rare, blocks = words.rarest()
    if blocks > _COMMON:
        yield _LOOKED_AT_MORE, None
    among = words.exchanges(rare)
    size = 2 * limit
    while True:
        yield size, among
        size *= 4


@dataclass(slots=True)
class _Words:
    """Which of the terms each block holds, as bits; remembered, because conversations share their blocks."""

    connection: sqlite3.Connection
    asked: tuple[str, ...]
    bits: dict[int, int] = field(default_factory=dict)
    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def occur(self) -> bool:
        """Whether each term is anywhere at all."""
        return all(self._count(term, 1) for term in self.asked)

    def rarest(self) -> tuple[str, int]:
        """The term that the fewest blocks hold, and how many do; common ones are not told apart."""
        return min(((term, self._count(term, _COMMON + 1)) for term in self.asked), key=lambda one: one[1])

    def _count(self, term: str, most: int) -> int:
        statement = f"SELECT count(*) FROM ({_HOLD} LIMIT ?)"  # noqa: S608 (as above)
        (found,) = self.connection.execute(statement, (term, most)).fetchone()
        return int(found)

    def exchanges(self, term: str) -> list[int]:
        """Those that hold the term, going up from its blocks."""
        return [seq for (seq,) in self.connection.execute(_UP, (term,))]

    def in_exchanges(self, seqs: list[int]) -> set[int]:
        """Those of the exchanges that hold every term."""
        roots = self.connection.execute(_ROOTS, (json.dumps(seqs),)).fetchall()
        leaves = json.dumps(list(self._read_down({block for _, block in roots})))
        for place, term in enumerate(self.asked):
            for (leaf,) in self.connection.execute(_HELD, (leaves, term)):
                self.bits[leaf] = self.bits.get(leaf, 0) | 1 << place
        held: dict[int, int] = {}
        for exchange, block in roots:
            held[exchange] = held.get(exchange, 0) | self._bits(block)
        every = (1 << len(self.asked)) - 1
        return {exchange for exchange, bits in held.items() if bits == every}

    def _read_down(self, blocks: set[int]) -> set[int]:
        """The leaves below those blocks; the nodes on the way are remembered."""
        leaves: set[int] = set()
        ahead, seen = blocks, set(blocks)
        while ahead:
            found = self.connection.execute(_NODES, (json.dumps(list(ahead)),)).fetchall()
            ahead = set()
            for block, packed in found:
                if packed is None:
                    leaves.add(block)
                else:
                    self.parts[block] = unpack_ids(packed)
                    ahead.update(self.parts[block])
            ahead -= seen
            seen |= ahead
        return leaves

    def _bits(self, block: int) -> int:
        known = self.bits.get(block)
        if known is None:
            known = 0
            for part in self.parts.get(block, ()):
                known |= self._bits(part)
            self.bits[block] = known
        return known
