"""What can be wrong inside the history, found and mended without the program, or beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peewee import PeeweeException, SqliteDatabase

from app.store import hourly, recovery
from app.store.blocks import NODE, release
from app.store.database import connection_of, history_database, transaction
from app.store.migrations.history import MIGRATIONS
from app.store.packing import unpack_ids
from app.store.pricing import PriceOf

_ORPHANS = (
    "SELECT id FROM block WHERE NOT EXISTS (SELECT 1 FROM side WHERE side.block = block.id) "
    "AND NOT EXISTS (SELECT 1 FROM link WHERE link.child = block.id)"
)
_LOST_ROOTS = "SELECT exchange, kind FROM side WHERE block IS NOT NULL AND block NOT IN (SELECT id FROM block)"
_NODES = f"SELECT id, data FROM block WHERE codec = {NODE}"  # noqa: S608 (a constant of ours)
_SIDES_ABOVE = """
    WITH RECURSIVE up (id) AS (
        SELECT ? UNION SELECT link.parent FROM link JOIN up ON link.child = up.id
    )
    SELECT side.exchange, side.kind FROM up JOIN side ON side.block = up.id
"""
_DROP = "UPDATE side SET block = NULL WHERE exchange = ? AND kind = ?"
_STARTED = "SELECT count(*) FROM exchange WHERE state = 'started'"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, in words, and how to mend it; `mend` says what it did."""

    what: str
    found: str
    mend: Callable[[], str]


class Repair:
    """Looks into the history. Blocks; sqlite3.Error where the file cannot be read at all."""

    def __init__(self, path: Path, price_of: PriceOf, *, running: bool) -> None:
        """`running`: the program runs, so rows that are started may well end."""
        self._path = path
        self._price_of = price_of
        self._running = running

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the contents of a file that SQLite itself finds whole."""
        if not self._path.exists():
            return ()
        with self._connected() as connection:
            found = [
                self._bodies(connection),
                self._orphans(connection),
                self._index(connection),
                self._sums(connection),
                None if self._running else self._interrupted(connection),
            ]
        return tuple(one for one in found if one is not None)

    def begin_anew(self, now_us: int) -> str:
        """Mend the indexes of a damaged file; where that is not enough, put it aside."""
        try:
            with self._connected(any_version=True) as connection:
                connection.execute("REINDEX")
                if connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",):
                    return "its indexes were made anew; nothing was lost"
        except sqlite3.Error as error:
            if recovery.is_elsewhere(error):
                return f"it cannot be looked at ({error}): see whether the disk is full, then repair again"
        if self._running:
            return "it cannot be put aside while Patchbay runs; end Patchbay and repair again"
        aside = recovery.move_aside(self._path, now_us)
        return f"it was kept as {aside.name}, and the next start begins a new one; a backup can be put in its place"

    def _bodies(self, connection: sqlite3.Connection) -> Fault | None:
        lost = self._lost(connection)
        return Fault("bodies", f"{len(lost)} bodies are not whole", self._drop_lost) if lost else None

    def _lost(self, connection: sqlite3.Connection) -> set[tuple[int, int]]:
        """Sides whose blocks, or parts of them, are missing."""
        lost = set(connection.execute(_LOST_ROOTS).fetchall())
        known = {block for (block,) in connection.execute("SELECT id FROM block")}
        for node, packed in connection.execute(_NODES).fetchall():
            if any(part not in known for part in unpack_ids(packed)):
                lost.update(connection.execute(_SIDES_ABOVE, (node,)).fetchall())
        return lost

    def _drop_lost(self) -> str:
        with self._connected() as connection, transaction(connection):
            lost = self._lost(connection)
            connection.executemany(_DROP, sorted(lost))
        return f"{len(lost)} bodies are marked as dropped; their rows stay"

    def _orphans(self, connection: sqlite3.Connection) -> Fault | None:
        orphans = connection.execute(_ORPHANS).fetchall()
        return Fault("orphaned blocks", f"{len(orphans)} belong to nothing", self._release) if orphans else None

    def _release(self) -> str:
        with self._connected() as connection, transaction(connection):
            orphans = [block for (block,) in connection.execute(_ORPHANS)]
            if any(True for _ in release(connection, orphans)):
                _index_anew(connection)  # their words would stay in it
        return f"{len(orphans)} were deleted"

    def _index(self, connection: sqlite3.Connection) -> Fault | None:
        try:
            with transaction(connection):
                connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            return Fault("search index", f"it is damaged ({error})", self._index_anew)
        return None

    def _index_anew(self) -> str:
        with self._connected() as connection, transaction(connection):
            _index_anew(connection)
        return "it was emptied; Patchbay fills it again while it runs"

    def _sums(self, connection: sqlite3.Connection) -> Fault | None:
        wrong = hourly.wrong_hours(connection)
        return Fault("sums", f"{wrong} hours are added up wrongly", self._sum_anew) if wrong else None

    def _sum_anew(self) -> str:
        with self._connected() as connection, transaction(connection):
            hourly.begin_anew(connection)
        return "they are added up again from the rows"

    def _interrupted(self, connection: sqlite3.Connection) -> Fault | None:
        (count,) = connection.execute(_STARTED).fetchone()
        return Fault("interrupted rows", f"{count} were cut by the end of Patchbay", self._end) if count else None

    def _end(self) -> str:
        with self._connected() as connection:
            ended = recovery.close_interrupted(connection, "no run", self._price_of)
        return f"{ended} are marked as interrupted, with the counts that were known"

    @contextmanager
    def _connected(self, *, any_version: bool = False) -> Generator[sqlite3.Connection]:
        database: SqliteDatabase = history_database(self._path)
        try:
            database.connect()
            connection = connection_of(database)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != len(MIGRATIONS) and not any_version:
                raise sqlite3.OperationalError("it is of another version of Patchbay; start Patchbay once")
            yield connection
        except PeeweeException as error:
            cause = error.__cause__ or error.__context__
            raise cause if isinstance(cause, sqlite3.Error) else sqlite3.OperationalError(str(error)) from None
        finally:
            database.close()


def _index_anew(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO search (search) VALUES ('delete-all')")
    connection.execute("UPDATE indexed_text SET live_characters = 0, dead_characters = 0")
    connection.execute("UPDATE block SET text_crc = NULL WHERE text_crc IS NOT NULL")
