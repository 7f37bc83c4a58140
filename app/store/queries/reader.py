"""The reading side of the history: blocking calls for executor threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import zstandard
from peewee import PeeweeException, SqliteDatabase

from app.domain.exchange import Detail, Entry, Facets, Filter, HourCost, Row, Totals
from app.store.database import connection_of, reading_database
from app.store.queries import found, rows, sums
from app.store.queries.detail import detail
from app.store.queries.snippet import snippet
from app.store.queries.spent import Asked, Spent, spent
from app.store.sealing import Sealing
from app.store.search import Texts


class HistoryUnavailableError(Exception):
    """The history cannot be read; the text says why."""


def _as_they_are(_dialect: str, piece: bytes) -> Sequence[str]:
    return (piece.decode("utf-8", "replace"),)


class HistoryReader:
    """Answers questions about `history.db`; where there is no such file yet, as about an empty one.

    Every method blocks, may be called from any thread, sees one moment of the file, and raises HistoryUnavailableError.
    """

    def __init__(self, path: Path, *, texts: Texts = _as_they_are, sealing: Sealing | None = None) -> None:
        """`texts` as for `History`: what a snippet is taken from; `sealing` opens encrypted bodies."""
        self._path = path
        self._texts = texts
        self._sealing = sealing or Sealing()

    def page(self, wanted: Filter, *, limit: int = 200, before: tuple[int, str] | None = None) -> tuple[Row, ...]:
        """Up to `limit` rows, newest first, that are older than `before`: (started_us, id) of the last one had."""
        with self._reading() as database:
            wanted = self._meant(wanted)
            asked = found if wanted.search.strip() else rows
            return asked.page(database, wanted, limit, before) if database else ()

    def count(self, wanted: Filter) -> int:
        """How many rows there are."""
        with self._reading() as database:
            return sums.count(database, self._meant(wanted)) if database else 0

    def totals(self, wanted: Filter) -> Totals:
        """Sums over the rows; interrupted exchanges count as failed, cancelled ones do not."""
        with self._reading() as database:
            return sums.totals(database, self._meant(wanted)) if database else Totals()

    def detail(self, exchange_id: str) -> Detail | None:
        """Everything about one exchange; None where there is no such one."""
        with self._reading() as database:
            return detail(database, exchange_id, self._sealing) if database else None

    def snippet(self, exchange_id: str, words: str) -> str:
        """One line around the first of the searched words in that exchange; empty where they are not in it."""
        with self._reading() as database:
            return snippet(database, exchange_id, words, self._texts, self._sealing) if database else ""

    def hours(self, since_us: int) -> tuple[HourCost, ...]:
        """Cost and number of exchanges by UTC hour and provider, oldest first."""
        with self._reading() as database:
            return sums.hours(database, since_us) if database else ()

    def facets(self) -> Facets:
        """The providers, models and clients that occur, most used first."""
        with self._reading() as database:
            return sums.facets(database) if database else Facets()

    def spent(self, asked: Asked) -> Spent:
        """What a part of the history used; a budget begins with it."""
        with self._reading() as database:
            return spent(database, asked) if database else Spent()

    def entries(self, wanted: Filter) -> Iterator[Entry]:
        """All rows, oldest first, fetched as they are asked for, from one moment of the file; for exports.

        To be used up or closed in the thread that began it.
        """
        with self._reading() as database:
            if database:
                yield from rows.every(database, self._meant(wanted))

    def _meant(self, wanted: Filter) -> Filter:
        """Where bodies are encrypted there are no words to search in, so that names are searched instead."""
        return replace(wanted, search="", names=wanted.search) if self._sealing.wanted else wanted

    @contextmanager
    def _reading(self) -> Generator[SqliteDatabase | None]:
        if not self._path.exists():
            yield None
            return
        database = reading_database(self._path)
        try:
            database.connect()
            connection_of(database).execute("BEGIN")
            yield database
        except (PeeweeException, sqlite3.Error, zstandard.ZstdError) as error:
            raise HistoryUnavailableError(f"{self._path.name} cannot be read: {error}") from error
        finally:
            database.close()
