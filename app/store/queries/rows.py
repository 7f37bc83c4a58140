"""Lines of the history: a page of them, all of them, how many."""

from __future__ import annotations

from collections.abc import Iterator

from peewee import ModelSelect, SqliteDatabase, Tuple, fn

from app.domain.exchange import Filter, Row
from app.store import columns
from app.store.queries.narrow import conditions
from app.store.tables import Exchange

_ROW = tuple(getattr(Exchange, name) for name in columns.ROW)


def _rows(wanted: Filter) -> ModelSelect[Exchange]:
    query = Exchange.select(*_ROW)
    return query.where(*narrowed) if (narrowed := conditions(wanted)) else query


def page(database: SqliteDatabase, wanted: Filter, limit: int, before: tuple[int, str] | None) -> tuple[Row, ...]:
    """Up to `limit` lines, newest first, older than `before` (started_us, id)."""
    query = _rows(wanted)
    if before is not None:
        query = query.where(Tuple(Exchange.started_us, Exchange.id) < Tuple(*before))
    query = query.order_by(Exchange.started_us.desc(), Exchange.id.desc()).limit(limit)
    return tuple(map(columns.row_of, database.execute(query)))


def every(database: SqliteDatabase, wanted: Filter) -> Iterator[Row]:
    """All lines, oldest first, as they are fetched."""
    return map(columns.row_of, database.execute(_rows(wanted).order_by(Exchange.started_us, Exchange.id)))


def one(database: SqliteDatabase, exchange_id: str) -> tuple[int, Row] | None:
    """A line and its `seq`."""
    query = Exchange.select(*_ROW, Exchange.seq).where(Exchange.id == exchange_id)
    found = database.execute(query).fetchone()
    return (found[-1], columns.row_of(found[:-1])) if found else None


def count(database: SqliteDatabase, wanted: Filter) -> int:
    """How many lines there are."""
    query = Exchange.select(fn.COUNT(Exchange.seq))
    narrowed = conditions(wanted)
    (found,) = database.execute(query.where(*narrowed) if narrowed else query).fetchone()
    return int(found)
