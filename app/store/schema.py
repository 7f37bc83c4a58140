"""Bringing a connected file to the newest schema: made at once, migrated with a copy kept beside it, or refused."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from peewee import SqliteDatabase

from app.store.database import connection_of, transaction

Migration = Callable[[sqlite3.Connection], None]


class TooNewError(Exception):
    """The file was written by a newer version of the program."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"schema {found}, this version knows {known}")
        self.found = found
        self.known = known


class ForeignFileError(Exception):
    """The file is an SQLite database, but not one of ours."""


def prepare(
    database: SqliteDatabase, path: Path, create: Callable[[SqliteDatabase], None], migrations: Sequence[Migration]
) -> str:
    """Bring the connected database to the newest schema; says in words what was done, if it was more than creating.

    One transaction: when it raises TooNewError, ForeignFileError or sqlite3.Error, the file is as it was.
    """
    connection = connection_of(database)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > len(migrations):
        raise TooNewError(version, len(migrations))
    if version == 0 and tables:
        raise ForeignFileError
    if version == len(migrations):
        return ""
    copy = _copy(connection, path, version) if tables else None
    with transaction(connection):
        if tables:
            for migrate in migrations[version:]:
                migrate(connection)
        else:
            create(database)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
    return f"{path.name} was brought to a newer form; the old one is kept as {copy.name}." if copy else ""


def _copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """A copy of the file as it is, by SQLite's own backup, for the user alone."""
    copy = path.with_name(f"{path.stem}.before-{version + 1}{path.suffix}")
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target, pages=4096)
    return copy
