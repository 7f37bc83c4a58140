"""Lines of the history: a page of them, or all of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from peewee import JOIN, SQL, SqliteDatabase, Tuple

from app.domain.exchange import Entry, Filter, Row
from app.store import columns
from app.store.database import connection_of
from app.store.packing import unpack_trace
from app.store.queries.narrow import conditions
from app.store.queries.spans import spans
from app.store.tables import Exchange, ExchangeDetail

Before = tuple[int, str]
"""(started_us, id) of the last line that was had."""

_ROW = tuple(getattr(Exchange, name) for name in columns.ROW)
_WAY = (ExchangeDetail.account, ExchangeDetail.trace)
_FIRST_SPAN = (0, 0)
_FEW = 5_000


def page(database: SqliteDatabase, wanted: Filter, limit: int, before: Before | None) -> tuple[Row, ...]:
    """Up to `limit` lines, newest first, older than `before`."""
    return tuple(columns.row_of(values[1:]) for values in newest(database, wanted, limit, before))


def newest(
    database: SqliteDatabase,
    wanted: Filter,
    limit: int,
    before: Before | None,
    *,
    among: Collection[int] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """(seq, the columns of a line) of such a page, hour by hour where the filter leaves most of them out.

    `among` are the only `seq` that come into question: looked up if they are few, else passed by in their order.
    """
    span = SQL("started_us >= ? AND started_us < ?", _FIRST_SPAN)  # its numbers come first in the statement
    query = Exchange.select(Exchange.seq, *_ROW).where(span, *conditions(wanted))
    if before is not None:
        query = query.where(Tuple(Exchange.started_us, Exchange.id) < Tuple(*before))
    if among is not None:
        chosen = json.dumps(list(among))
        place = "seq" if len(among) <= _FEW else "+seq"
        query = query.where(SQL(f"{place} IN (SELECT value FROM json_each(?))", (chosen,)))  # noqa: S608 (a constant)
    statement, values = query.order_by(Exchange.started_us.desc(), Exchange.id.desc()).limit(limit).sql()
    connection = connection_of(database)
    left = limit
    for low, high in spans(connection, wanted):
        end = high if before is None else min(high, before[0] + 1)
        if left <= 0 or low >= end:
            continue
        for found in connection.execute(statement, (low, end, *values[2:])):
            left -= 1
            yield found
            if not left:
                return


def every(database: SqliteDatabase, wanted: Filter) -> Iterator[Entry]:
    """All lines, oldest first, as they are fetched."""
    of_line = ExchangeDetail.exchange == Exchange.seq
    query = Exchange.select(*_WAY, *_ROW).join(ExchangeDetail, JOIN.LEFT_OUTER, on=of_line)
    if narrowed := conditions(wanted):
        query = query.where(*narrowed)
    for account, trace, *values in database.execute(query.order_by(Exchange.started_us, Exchange.id)):
        yield Entry(columns.row_of(values), account or "", unpack_trace(trace or ""))


def one(database: SqliteDatabase, exchange_id: str) -> tuple[int, Row] | None:
    """A line and its `seq`."""
    query = Exchange.select(*_ROW, Exchange.seq).where(Exchange.id == exchange_id)
    found = database.execute(query).fetchone()
    return (found[-1], columns.row_of(found[:-1])) if found else None
