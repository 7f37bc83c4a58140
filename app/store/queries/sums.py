"""Sums over the history: totals, cost by the hour, and what occurs in it."""

from __future__ import annotations

from peewee import ColumnBase, Field, Function, SqliteDatabase, fn

from app.domain.exchange import Facets, Filter, HourCost, State, Totals
from app.store.queries.narrow import conditions
from app.store.tables import Exchange

_HOUR_US = 3_600_000_000
_MOST = 500
"""Names of a kind that are offered to narrow by; a client can invent as many models as it likes."""
_FAILED = (State.FAILED.value, State.INTERRUPTED.value)


def _sum(of: ColumnBase) -> Function:
    return fn.COALESCE(fn.SUM(of), 0)


def totals(database: SqliteDatabase, wanted: Filter) -> Totals:
    """Sums; interrupted exchanges count as failed, cancelled ones do not."""
    cache_write = Exchange.cache_write_5m_tokens + Exchange.cache_write_1h_tokens
    tokens = Exchange.input_tokens + Exchange.output_tokens + Exchange.cache_read_tokens + cache_write
    unpriced = Exchange.total_nusd.is_null() & (tokens > 0) & (Exchange.state != State.STARTED.value)
    query = Exchange.select(
        fn.COUNT(Exchange.seq),
        _sum(Exchange.state.in_(_FAILED)),
        _sum(Exchange.input_tokens),
        _sum(Exchange.output_tokens),
        _sum(Exchange.cache_read_tokens),
        _sum(cache_write),
        _sum(Exchange.total_nusd),
        _sum(unpriced),
    )
    narrowed = conditions(wanted)
    return Totals(*database.execute(query.where(*narrowed) if narrowed else query).fetchone())


def hours(database: SqliteDatabase, since_us: int) -> tuple[HourCost, ...]:
    """Cost and number of exchanges by UTC hour and provider, oldest first; hours without any are left out."""
    hour = (Exchange.started_us / _HOUR_US).alias("hour")
    query = (
        Exchange.select(hour, Exchange.provider, _sum(Exchange.total_nusd), fn.COUNT(Exchange.seq))
        .where(Exchange.started_us >= since_us)
        .group_by(hour, Exchange.provider)
        .order_by(hour, Exchange.provider)
    )
    return tuple(
        HourCost(hour_us=number * _HOUR_US, provider=provider, cost_nusd=cost_nusd, exchanges=exchanges)
        for number, provider, cost_nusd, exchanges in database.execute(query)
    )


def facets(database: SqliteDatabase) -> Facets:
    """Providers, models (sent or requested) and clients that occur, most used first."""
    models = _used(database, Exchange.sent_model)
    for name, times in _used(database, Exchange.requested_model).items():
        models[name] = max(models.get(name, 0), times)
    ordered = sorted(models, key=lambda name: (-models[name], name))
    return Facets(
        providers=tuple(_used(database, Exchange.provider)),
        models=tuple(ordered[:_MOST]),
        clients=tuple(_used(database, Exchange.client)),
    )


def _used(database: SqliteDatabase, field: Field[str]) -> dict[str, int]:
    times = fn.COUNT(Exchange.seq)
    query = Exchange.select(field, times).where(field != "").group_by(field).order_by(times.desc(), field).limit(_MOST)
    return dict(database.execute(query))
