"""Deleting from the history so that nothing stays in its files; beside a running program, or without one.

Through a connection of its own, a thousand rows at a time: the program's writer waits a few milliseconds at most, and
notices that somebody else changed the file. What was deleted is overwritten (`secure_delete`), taken out of the search
index by merging it, and cut off with the free pages and the write-ahead log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peewee import PeeweeException, SqliteDatabase

from app.domain.exchange import Filter, State
from app.store import hourly
from app.store.database import connection_of, history_database, transaction
from app.store.hourly import Hourly
from app.store.migrations.history import MIGRATIONS
from app.store.queries.narrow import conditions
from app.store.retention import Retention
from app.store.search import Texts
from app.store.tables import Exchange

_CHUNK = 250
_NOT_INDEXED = "UPDATE block SET text_crc = NULL WHERE id <= ? AND text_crc IS NOT NULL"


class DeletionError(Exception):
    """Nothing could be deleted, or not without a trace; the text says why."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted."""

    rows: int
    running: int
    """Exchanges that were left because they still run."""


class Deletion:
    """Deletes exchanges with everything that is theirs. Every method blocks and raises DeletionError."""

    def __init__(self, path: Path, texts: Texts) -> None:
        self._path = path
        self._texts = texts

    def count(self, wanted: Filter, ids: Sequence[str] = ()) -> int:
        """How many exchanges that would be."""
        if not self._path.exists():
            return 0
        with self._writing() as database:
            return len(_chosen(database, wanted, ids)[0])

    def delete(
        self, wanted: Filter, ids: Sequence[str] = (), *, told: Callable[[int], None] = lambda _done: None
    ) -> Deleted:
        """Delete the exchanges of a filter, or those of that id; `told` hears how many are gone so far."""
        if not self._path.exists():
            return Deleted(0, 0)
        with self._writing() as database:
            connection = connection_of(database)
            retention = Retention(connection, self._texts, sums := Hourly(connection))
            seqs, running = _chosen(database, wanted, ids)
            _delete(connection, retention, seqs, told)
            while sums.tidy():
                pass
            _scrub(connection, retention)
            return Deleted(len(seqs), running)

    def purge(self, *, told: Callable[[int], None] = lambda _done: None) -> Deleted:
        """Delete everything that has ended, counters included."""
        if not self._path.exists():
            return Deleted(0, 0)
        with self._writing() as database:
            connection = connection_of(database)
            retention = Retention(connection, self._texts, Hourly(connection))
            with transaction(connection):
                connection.execute("INSERT INTO search (search) VALUES ('delete-all')")
                connection.execute("UPDATE indexed_text SET live_characters = 0, dead_characters = 0")
                (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM block").fetchone()
                connection.execute("DELETE FROM counted")
                hourly.begin_anew(connection)
            retention.index_is_empty = True
            seqs, running = _chosen(database, Filter(), ())
            _delete(connection, retention, seqs, told)
            with transaction(connection):  # what came meanwhile and repeats older text is indexed again
                connection.execute(_NOT_INDEXED, (last,))
                if not running:
                    connection.execute("DELETE FROM body_key WHERE NOT EXISTS (SELECT 1 FROM block WHERE key <> 0)")
            _scrub(connection, retention)
            return Deleted(len(seqs), running)

    @contextmanager
    def _writing(self) -> Generator[SqliteDatabase]:
        database = history_database(self._path)
        try:
            database.connect()
            (version,) = connection_of(database).execute("PRAGMA user_version").fetchone()
            if version != len(MIGRATIONS):
                raise DeletionError(
                    f"{self._path.name} is of another version of Patchbay; start Patchbay once, or use that version."
                )
            yield database
        except (PeeweeException, sqlite3.Error, OSError) as error:
            raise DeletionError(f"{self._path.name} cannot be changed: {error}") from error
        finally:
            database.close()


def copies_of(path: Path) -> tuple[Path, ...]:
    """Older copies of the history beside it, from a migration or moved aside: what was deleted may be in them."""
    names = (f"{path.stem}.before-*", f"{path.stem}.corrupt-*")
    return tuple(sorted(found for name in names for found in path.parent.glob(name) if found.is_file()))


def _chosen(database: SqliteDatabase, wanted: Filter, ids: Sequence[str]) -> tuple[list[int], int]:
    """(the rows that have ended, how many still run)."""
    narrowed = conditions(wanted)
    if ids:
        narrowed.append(Exchange.id.in_(list(ids)))
    query = Exchange.select(Exchange.seq, Exchange.state)
    rows = list(database.execute(query.where(*narrowed) if narrowed else query))
    ended = [seq for seq, state in rows if state != State.STARTED.value]
    return sorted(ended), len(rows) - len(ended)


def _delete(
    connection: sqlite3.Connection, retention: Retention, seqs: Sequence[int], told: Callable[[int], None]
) -> None:
    done = 0
    while done < len(seqs):
        with transaction(connection):
            done += retention.delete(seqs[done : done + _CHUNK])
        told(done)


def _scrub(connection: sqlite3.Connection, retention: Retention) -> None:
    """Give back and overwrite what nobody refers to any more; raises DeletionError where others use the log."""
    retention.scrub()
    while retention.tidy():
        pass
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DeletionError(
            "Deleted, but another program reads the history, so that its write-ahead log could not be emptied; "
            "it is as soon as Patchbay ends."
        )
