"""What an export format is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from app.domain.exchange import Entry

CHUNK_ROWS = 1_000
"""Progress is told and cancelling is looked for after so many rows."""


class Cancelled(Exception):  # noqa: N818 (not a failure)
    """The user stopped the export."""


class Write(Protocol):
    """Writes rows in one format."""

    def __call__(
        self,
        rows: Iterable[Entry],
        out: BinaryIO,
        *,
        progress: Callable[[int], None],
        cancelled: Callable[[], bool],
    ) -> int:
        """Write all rows and say how many; `progress` hears how many so far. Raises Cancelled and OSError."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of an export."""

    name: str
    """As in `--format`."""
    label: str
    """For people."""
    suffix: str
    write: Write


def write_in_chunks(
    rows: Iterable[Entry],
    line: Callable[[Entry], str],
    out: BinaryIO,
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Write a line of UTF-8 for each row, a chunk at a time; how many. Raises Cancelled."""
    written = 0
    lines: list[str] = []
    for row in rows:
        lines.append(line(row))
        if len(lines) == CHUNK_ROWS:
            out.write("".join(lines).encode("utf-8", "replace"))
            written += len(lines)
            lines.clear()
            progress(written)
            if cancelled():
                raise Cancelled
    out.write("".join(lines).encode("utf-8", "replace"))
    written += len(lines)
    if cancelled():
        raise Cancelled
    progress(written)
    return written
