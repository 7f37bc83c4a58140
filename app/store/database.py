"""Opening our SQLite files: one connection a thread, with the pragmas each file needs, private to the user.

Pragmas: https://www.sqlite.org/pragma.html. WAL with `synchronous=NORMAL` never corrupts and loses nothing when the
process dies; only a power cut may undo the newest commits. `FULL` keeps those too, at 0.3 ms a commit.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from peewee import SqliteDatabase

BUSY_TIMEOUT_S = 5.0

_WRITING: tuple[tuple[str, object], ...] = (
    ("journal_mode", "WAL"),
    ("busy_timeout", int(BUSY_TIMEOUT_S * 1000)),
    ("journal_size_limit", 64 * 1024 * 1024),
    ("wal_autocheckpoint", 1000),
    ("secure_delete", "ON"),
    ("foreign_keys", "ON"),
    ("trusted_schema", "OFF"),
)
_CREATING = ("auto_vacuum", "INCREMENTAL")
"""Before the first page is written; saying it again would write to the file."""
_READING: tuple[tuple[str, object], ...] = (
    ("query_only", "ON"),
    ("busy_timeout", int(BUSY_TIMEOUT_S * 1000)),
    ("trusted_schema", "OFF"),
    ("cache_size", -16 * 1024),
)


def history_database(path: Path) -> SqliteDatabase:
    """The history, for writing; not yet connected. A process kill loses nothing, a power cut the last moments."""
    return _database(path, (*_WRITING, ("synchronous", "NORMAL")))


def state_database(path: Path) -> SqliteDatabase:
    """The state, for writing; not yet connected. What is committed survives a power cut."""
    # Without fullfsync a "flush" on macOS stops in the drive's cache.
    return _database(path, (*_WRITING, ("synchronous", "FULL"), ("fullfsync", "ON")))


def reading_database(path: Path) -> SqliteDatabase:
    """An existing file, for reading; not yet connected. Connecting raises OperationalError where there is none.

    Opened for writing all the same, because a reader of a WAL file has to take part in its locks; `query_only` keeps
    it from changing anything.
    """
    return SqliteDatabase(f"{path.absolute().as_uri()}?mode=rw", pragmas=_READING, autoconnect=False, uri=True)


def connection_of(database: SqliteDatabase) -> sqlite3.Connection:
    """The connection of this thread, for constant SQL."""
    return cast("sqlite3.Connection", cast("Any", database).connection())


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """Everything inside is committed at the end, or nothing of it.

    BEGIN IMMEDIATE: a transaction that begins by reading and then writes fails at once with SQLITE_BUSY_SNAPSHOT when
    somebody wrote in between, whatever the busy timeout says.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _database(path: Path, pragmas: tuple[tuple[str, object], ...]) -> SqliteDatabase:
    make_private(path)
    creating = () if path.stat().st_size else (_CREATING,)
    return SqliteDatabase(str(path), pragmas=(*creating, *pragmas), autoconnect=False)


def make_private(path: Path) -> None:
    """Create the file if need be, for the user alone; SQLite gives its WAL the same mode. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Only where there is none: closing any descriptor of a file gives up every lock that this process holds on it, its
    # other connections' too, and a reader of another process that closes would delete the log under the writer
    # (https://www.sqlite.org/howtocorrupt.html, 2.2).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    path.chmod(0o600)
