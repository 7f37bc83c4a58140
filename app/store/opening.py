"""Opening the history for writing: rescue what is unusable, bring the schema up to date, end what was interrupted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from peewee import PeeweeException, SqliteDatabase

from app.domain.redact import Redactor
from app.store import recovery, schema
from app.store.bodies import Split
from app.store.conversion import Conversion
from app.store.database import connection_of, history_database
from app.store.hourly import Hourly
from app.store.migrations.history import MIGRATIONS
from app.store.pricing import PriceOf
from app.store.recording import Recording
from app.store.retention import Retention
from app.store.sealing import Sealing
from app.store.search import Texts
from app.store.tables import create_history


@dataclass(frozen=True, slots=True)
class Injected:
    """What the store is told by other rooms, and which run of the program this is."""

    split: Split
    texts: Texts
    price: PriceOf
    redactor: Callable[[], Redactor]
    boot: str
    now_us: Callable[[], int]
    sealing: Sealing = field(default_factory=Sealing)


class OpenedHistory:
    """A history open for writing, of the thread that opened it."""

    def __init__(self, database: SqliteDatabase, injected: Injected) -> None:
        connection = connection_of(database)
        self._database = database
        self.hourly = Hourly(connection)
        self.retention = Retention(connection, injected.texts, self.hourly)
        self.conversion = Conversion(connection, injected.sealing, injected.texts, injected.now_us)
        self.recording = Recording(
            connection,
            self.hourly,
            split=injected.split,
            price=injected.price,
            redactor=injected.redactor,
            boot=injected.boot,
            sealing=injected.sealing,
            now_us=injected.now_us,
        )

    def close(self) -> None:
        """Close the connection; never raises."""
        with suppress(PeeweeException, sqlite3.Error):
            self._database.close()


def prepare(path: Path, now_us: int, injected: Injected) -> tuple[str, ...]:
    """Make the file fit to be opened, before the writer starts; what the user should know of it, in words.

    Raises schema.TooNewError, sqlite3.Error and OSError; the file is as it was then.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    notices = [recovery.rescue(path, now_us)]
    try:
        database, notice = _connect(path)
    except schema.ForeignFileError:
        aside = recovery.move_aside(path, now_us)
        notices.append(f"{path.name} was not Patchbay's. It was kept as {aside.name}, and a new one was begun.")
        database, notice = _connect(path)
    try:
        notices.append(notice)
        recovery.close_interrupted(connection_of(database), injected.boot, injected.price)
    finally:
        database.close()
    return tuple(notice for notice in notices if notice)


def reopen(path: Path, now_us: int, injected: Injected, *, damaged: bool) -> OpenedHistory:
    """Open the file for writing in this thread, a new one if it is damaged. Raises sqlite3.Error and OSError."""
    if damaged:
        recovery.move_aside(path, now_us)
    database, _ = _connect(path)
    return OpenedHistory(database, injected)


def _connect(path: Path) -> tuple[SqliteDatabase, str]:
    database = history_database(path)
    try:
        database.connect()
        return database, schema.prepare(database, path, create_history, MIGRATIONS)
    except PeeweeException as error:
        with suppress(PeeweeException):
            database.close()
        cause = error.__cause__ or error.__context__
        raise cause if isinstance(cause, sqlite3.Error) else sqlite3.OperationalError(str(error)) from None
    except BaseException:
        database.close()
        raise
