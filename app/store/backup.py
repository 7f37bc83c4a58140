"""A copy of a database by SQLite's own backup, of one moment, while others go on writing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from app.store.database import BUSY_TIMEOUT_S

_PAGES = 4_096
"""At a time; the interpreter's lock is given up for each."""


def back_up(source: Path, target: Path) -> int:
    """Copy a database into a new file for the user alone; its size in bytes. Blocks.

    A transaction is held while copying, so that the copy is of one moment; without it the backup would begin anew with
    every write of the program. Raises sqlite3.Error and OSError, and leaves no file then.
    """
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    os.close(handle)
    try:
        uri = f"{source.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with closing(sqlite3.connect(target, isolation_level=None)) as copy:
                connection.backup(copy, pages=_PAGES, sleep=0)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
                (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
            connection.execute("COMMIT")
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged ({found})")  # noqa: TRY301 (cleaned up below)
        with target.open("rb") as file:
            os.fsync(file.fileno())
        return target.stat().st_size
    except BaseException:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                target.with_name(target.name + suffix).unlink(missing_ok=True)
        raise
