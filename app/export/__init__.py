"""The history as files for other programs: one file a format, listed in `FORMATS`.

What it is for: rows -> CSV, JSON Lines. May import: domain. Thread: executor threads; everything here blocks.

Adding a format: a file with a `FORMAT` and its line in `FORMATS` (a list, because a frozen app loses what is found by
name only). Decisions: columns and their values stand once, in `columns.py`, so that two formats cannot disagree. The
spreadsheet format defuses formulas and is therefore not the loss-free one; JSON Lines is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from app.domain.exchange import Entry
from app.export import csv, file, jsonl
from app.export.format import Cancelled, Format

__all__ = ["FORMATS", "Cancelled", "Format", "export_file", "write"]

FORMATS = (csv.FORMAT, jsonl.FORMAT)


def export_file(
    path: Path,
    rows: Iterable[Entry],
    format: str,  # noqa: A002 (the word people use for it)
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Write the rows to `path` in the format of that name and say how many; see `file.export_file`.

    Raises KeyError for an unknown format, Cancelled, OSError, and whatever `rows` raises.
    """
    return file.export_file(path, rows, _named(format), progress=progress, cancelled=cancelled)


def write(
    rows: Iterable[Entry],
    out: BinaryIO,
    format: str,  # noqa: A002 (as above)
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Write the rows to an open file in the format of that name and say how many; raises as `export_file` does."""
    try:
        return _named(format).write(rows, out, progress=progress, cancelled=cancelled)
    finally:
        file.close_rows(rows)


def _named(name: str) -> Format:
    return {one.name: one for one in FORMATS}[name]
