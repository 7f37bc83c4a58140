"""JSON Lines: an object a row, nothing defused, unknown values null; the format for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import BinaryIO

from app.domain.exchange import Entry, Row
from app.domain.routing import Weighed
from app.export.columns import COLUMNS, Value, values
from app.export.format import Format, write_in_chunks


def write(
    rows: Iterable[Entry],
    out: BinaryIO,
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Write the rows as JSON Lines and say how many. Raises Cancelled."""
    return write_in_chunks(rows, _line, out, progress=progress, cancelled=cancelled)


def _line(entry: Entry) -> str:
    """ASCII, so that a U+2028 in a text is no line end to anybody."""
    found = {name: _json(value) for name, value in zip(COLUMNS, values(entry), strict=True)}
    return json.dumps({**found, **_more(entry.row), "trace": [_weighed(one) for one in entry.trace]}) + "\n"


def _more(row: Row) -> dict[str, str | int | None]:
    """What a spreadsheet has no column for."""
    return {
        "state": row.state.value,
        "client_key": row.client_key,
        "operation": row.operation,
        "client_dialect": row.client_dialect,
        "upstream_dialect": row.upstream_dialect,
        "upstream_status": row.upstream_status or None,
        "attempts": row.attempts,
    }


def _weighed(one: Weighed) -> dict[str, str | int]:
    return {
        "provider": one.provider,
        "account": one.account,
        "model": one.model,
        "verdict": one.verdict,
        "why": one.why,
        "at_ms": one.at_ms,
    }


def _json(value: Value) -> str | int | float | None:
    """Dollars as the nearest double: exact to the nano-dollar up to a million dollars."""
    return float(value) if isinstance(value, Decimal) else value


FORMAT = Format(name="jsonl", label="JSON Lines", suffix=".jsonl", write=write)
