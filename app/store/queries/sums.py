"""Sums over the history: totals, cost by the hour, and what occurs in it; past hours from their sums (`hourly.py`)."""

from __future__ import annotations

from collections import Counter

from peewee import SQL, SqliteDatabase

from app.domain.exchange import Facets, Filter, HourCost, Totals
from app.store.database import connection_of
from app.store.hourly import ADDED_UP, HOUR_US, SUMS
from app.store.queries import spans
from app.store.queries.narrow import conditions
from app.store.queries.spans import EVER_US, Span
from app.store.tables import Exchange

_MOST = 500
"""Names of a kind that are offered to narrow by; a client can invent as many models as it likes."""
_SUMMED = ", ".join(f"coalesce(sum({name}), 0)" for name in SUMS)
_HOUR = f"started_us / {HOUR_US} * {HOUR_US}"


def totals(database: SqliteDatabase, wanted: Filter) -> Totals:
    """Sums, what was only counted included; interrupted exchanges count as failed, cancelled ones do not."""
    if wanted.models or wanted.states or wanted.clients or _by_words(wanted):
        return _total(_read(database, wanted, span) for span in spans.spans(connection_of(database), wanted))
    parts = spans.parts(wanted, spans.upto(connection_of(database)))
    found = [_read(database, wanted, span) for span in parts.read]
    found.append(_kept(database, "hour_sum", "hour_us", wanted, parts.summed))
    found.append(_kept(database, "counted", "quarter_us", wanted, spans.asked(wanted)))
    return _total(found)


def _by_words(wanted: Filter) -> bool:
    """Whether only the rows themselves can tell."""
    return bool(wanted.session_id or wanted.client_keys or wanted.search.strip() or wanted.names.strip())


def _total(found: object) -> Totals:
    return Totals(*(sum(column) for column in zip((0,) * len(SUMS), *found, strict=True)))  # type: ignore[misc]


def _read(database: SqliteDatabase, wanted: Filter, span: Span) -> tuple[int, ...]:
    """Added up from the rows."""
    query = Exchange.select(SQL(", ".join(ADDED_UP))).where(
        Exchange.started_us >= span[0], Exchange.started_us < span[1], *conditions(wanted)
    )
    return tuple(database.execute(query).fetchone())


def _kept(database: SqliteDatabase, table: str, when: str, wanted: Filter, span: Span) -> tuple[int, ...]:
    """Added up from sums that are kept."""
    marks = ", ".join("?" * len(wanted.providers))
    only = f" AND provider IN ({marks})" if wanted.providers else ""
    statement = f"SELECT {_SUMMED} FROM {table} WHERE {when} >= ? AND {when} < ?{only}"  # noqa: S608 (ours)
    found = connection_of(database).execute(statement, (*span, *wanted.providers)).fetchone()
    return tuple(found)


def count(database: SqliteDatabase, wanted: Filter) -> int:
    """How many rows there are; what was only counted has none."""
    connection = connection_of(database)
    kinds = tuple(spans.kinds(wanted))
    one_name = len(kinds) <= 1 and all(len(columns) == 1 for columns, _ in kinds)
    if not one_name or _by_words(wanted):
        return sum(_read(database, wanted, span)[0] for span in spans.spans(connection, wanted))
    parts = spans.parts(wanted, spans.upto(connection))
    read = sum(_read(database, wanted, span)[0] for span in parts.read)
    if not kinds:
        return read + _kept(database, "hour_sum", "hour_us", wanted, parts.summed)[0]
    (((column,), names),) = kinds
    marks = ", ".join("?" * len(names))
    statement = (
        f"SELECT coalesce(sum(exchanges), 0) FROM hour_name WHERE kind = ? AND name IN ({marks}) "  # noqa: S608
        "AND hour_us >= ? AND hour_us < ?"
    )
    (summed,) = connection.execute(statement, (column, *names, *parts.summed)).fetchone()
    return read + int(summed)


def hours(database: SqliteDatabase, since_us: int) -> tuple[HourCost, ...]:
    """Cost and number of exchanges by UTC hour and provider, oldest first; hours without any are left out."""
    connection = connection_of(database)
    parts = spans.parts(Filter(since_us=since_us), spans.upto(connection))
    costs: Counter[tuple[int, str]] = Counter()
    times: Counter[tuple[int, str]] = Counter()

    def add(statement: str, span: Span) -> None:
        for hour_us, provider, cost_nusd, exchanges in connection.execute(statement, span):
            costs[hour_us, provider] += cost_nusd
            times[hour_us, provider] += exchanges

    for span in parts.read:
        add(
            f"SELECT {_HOUR}, provider, coalesce(sum(total_nusd), 0), count(*) FROM exchange "  # noqa: S608
            "WHERE started_us >= ? AND started_us < ? GROUP BY 1, 2",
            span,
        )
    add(
        "SELECT hour_us, provider, cost_nusd, exchanges FROM hour_sum WHERE hour_us >= ? AND hour_us < ? "
        "AND exchanges <> 0",
        parts.summed,
    )
    add(
        f"SELECT quarter_us / {HOUR_US} * {HOUR_US}, provider, cost_nusd, exchanges FROM counted "  # noqa: S608
        "WHERE quarter_us >= ? AND quarter_us < ?",
        (since_us, EVER_US),
    )
    return tuple(HourCost(*key, cost_nusd=costs[key], exchanges=times[key]) for key in sorted(times))


def facets(database: SqliteDatabase) -> Facets:
    """Providers, models (sent or requested) and clients that occur, most used first."""
    models = _used(database, "sent_model")
    for name, times in _used(database, "requested_model").items():
        models[name] = max(models.get(name, 0), times)
    return Facets(
        providers=_most_used(_used(database, "provider")),
        models=_most_used(models),
        clients=_most_used(_used(database, "client")),
    )


def _most_used(times: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(times, key=lambda name: (-times[name], name))[:_MOST])


def _used(database: SqliteDatabase, column: str) -> dict[str, int]:
    connection = connection_of(database)
    times: Counter[str] = Counter()
    kept = (
        "SELECT name, sum(exchanges) FROM hour_name WHERE kind = ? AND name <> '' "
        "GROUP BY name HAVING sum(exchanges) > 0"
    )
    times.update(dict(connection.execute(kept, (column,))))
    read = f"SELECT {column}, count(*) FROM exchange WHERE started_us >= ? AND {column} <> '' GROUP BY 1"  # noqa: S608
    times.update(dict(connection.execute(read, (spans.upto(connection),))))
    return dict(times)
