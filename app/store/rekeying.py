"""Giving the keys of encrypted bodies to another master key, beside a running program or without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from peewee import PeeweeException

from app.store.database import connection_of, history_database, reading_database, transaction
from app.store.sealing import rewrap


def has_keys(path: Path) -> bool:
    """Whether any body is, or was, encrypted. Blocks; a file that cannot be read has none."""
    try:
        with closing(reading_database(path)) as database:
            database.connect()
            found = connection_of(database).execute("SELECT EXISTS (SELECT 1 FROM body_key)").fetchone()
            return bool(found[0])
    except (PeeweeException, sqlite3.Error):
        return False


def rewrap_file(path: Path, masters: Sequence[bytes], now_us: int) -> int:
    """`sealing.rewrap` in a transaction of its own. Blocks; raises OSError where the file cannot be written."""
    try:
        with closing(history_database(path)) as database:
            database.connect()
            with transaction(connection := connection_of(database)):
                return rewrap(connection, masters, now_us)
    except (PeeweeException, sqlite3.Error) as error:
        raise OSError(None, str(error), str(path)) from error
