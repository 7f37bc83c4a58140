"""CSV for spreadsheets: RFC 4180, text quoted and free of formulas, numbers as numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, BinaryIO

from app.domain.exchange import Entry
from app.export.columns import COLUMNS, Value, values
from app.export.format import Format, write_in_chunks
from app.export.formulas import defuse

BOM = b"\xef\xbb\xbf"
"""Tells Excel that the file is UTF-8."""


class _Plain(Decimal):
    """A number that is written out, never as 1E-9; csv leaves numbers without quotes."""

    def __str__(self) -> str:
        return format(self, "f")


def write(
    rows: Iterable[Entry],
    out: BinaryIO,
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
    bom: bool = False,
) -> int:
    """Write the rows as CSV and say how many; with `bom` for Excel. Raises Cancelled."""
    if bom:
        out.write(BOM)
    line = _Lines()
    out.write(line(COLUMNS).encode())
    return write_in_chunks(rows, lambda one: line(map(_cell, values(one))), out, progress=progress, cancelled=cancelled)


def _cell(value: Value) -> str | int | Decimal:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return defuse(value)
    if isinstance(value, Decimal):
        return _Plain(value)
    return "" if value is None else value


class _Lines:
    """Makes one line of its cells at a time."""

    def __init__(self) -> None:
        self._line = io.StringIO()
        self._writer = csv.writer(self._line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")

    def __call__(self, cells: Iterable[Any]) -> str:
        self._line.seek(0)
        self._line.truncate()
        self._writer.writerow(cells)
        return self._line.getvalue()


FORMAT = Format(name="csv", label="CSV (spreadsheet)", suffix=".csv", write=write)
