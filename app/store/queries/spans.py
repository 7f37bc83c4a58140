"""Where to look: which hours can hold rows of a narrowed list, and which part of a filter the sums already answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.exchange import Filter
from app.store.hourly import HOUR_US

EVER_US = 2**62
Span = tuple[int, int]
"""From, inclusive, to, exclusive; UTC microseconds."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A filter's time cut in two: whole hours that are summed, and the rest, whose rows have to be read."""

    summed: Span
    """Empty where both are equal."""
    read: tuple[Span, ...]


def asked(wanted: Filter) -> Span:
    """The filter's time."""
    return wanted.since_us, wanted.until_us or EVER_US


def upto(connection: sqlite3.Connection) -> int:
    """Until when the hours are summed."""
    (found,) = connection.execute("SELECT upto_us FROM summed").fetchone()
    return int(found)


def parts(wanted: Filter, upto_us: int) -> Parts:
    """The filter's time, cut at full hours and at the end of the sums."""
    since_us, until_us = asked(wanted)
    first = -(-since_us // HOUR_US) * HOUR_US
    last = min(until_us // HOUR_US * HOUR_US, upto_us)
    if first >= last:
        return Parts((0, 0), ((since_us, until_us),))
    return Parts((first, last), tuple(span for span in ((since_us, first), (last, until_us)) if span[0] < span[1]))


def kinds(wanted: Filter) -> Iterator[tuple[tuple[str, ...], Sequence[str]]]:
    """(columns of which one must bear one of the names, the names) for each way in which the filter narrows."""
    if wanted.providers:
        yield ("provider",), wanted.providers
    if wanted.models:
        yield ("sent_model", "requested_model"), wanted.models
    if wanted.states:
        yield ("state",), [state.value for state in wanted.states]
    if wanted.clients:
        yield ("client",), wanted.clients


def spans(connection: sqlite3.Connection, wanted: Filter) -> tuple[Span, ...]:
    """Where rows of that filter can be, newest first; outside there are none."""
    since_us, until_us = asked(wanted)
    narrowing = () if wanted.session_id else tuple(kinds(wanted))
    if not narrowing:
        return ((since_us, until_us),)
    upto_us = upto(connection)
    hours = set.intersection(*(_hours(connection, columns, names, since_us, until_us) for columns, names in narrowing))
    found: list[Span] = [(upto_us, EVER_US)]
    for hour_us in sorted(hours, reverse=True):
        if found[-1][0] == hour_us + HOUR_US:
            found[-1] = (hour_us, found[-1][1])
        else:
            found.append((hour_us, hour_us + HOUR_US))
    clipped = ((max(low, since_us), min(high, until_us)) for low, high in found)
    return tuple(span for span in clipped if span[0] < span[1])


def _hours(
    connection: sqlite3.Connection, columns: Sequence[str], names: Sequence[str], since_us: int, until_us: int
) -> set[int]:
    marks = ", ".join("?" * len(names))
    found: set[int] = set()
    for column in columns:
        statement = (
            f"SELECT hour_us FROM hour_name WHERE kind = ? AND name IN ({marks}) "  # noqa: S608 (question marks)
            "AND hour_us > ? AND hour_us < ? AND exchanges > 0"
        )
        rows = connection.execute(statement, (column, *names, since_us - HOUR_US, until_us))
        found.update(hour_us for (hour_us,) in rows)
    return found
