"""An export as a file: whole and for the user alone, or not there."""

from __future__ import annotations

import glob
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.domain.exchange import Row
from app.export.format import Format

_PART = ".part"
_FORGOTTEN_S = 3_600.0


def export_file(
    path: Path,
    rows: Iterable[Row],
    form: Format,
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Write the rows to `path` and say how many; readable by the user only.

    The file appears whole when everything is on the disk. Raises Cancelled, OSError, and whatever `rows` raises; the
    file that was there before stays as it was then, and nothing else is left behind.
    """
    _remove_forgotten(path)
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent)  # 0600 from the start
        part = Path(name)
        with os.fdopen(handle, "wb", buffering=1024 * 1024) as out:
            written = form.write(rows, out, progress=progress, cancelled=cancelled)
            _to_disk(out)
        part.replace(path)
    except OSError as error:  # it speaks of the part, whose name nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
        close_rows(rows)
    _remember(path.parent)
    return written


def _to_disk(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _remember(folder: Path) -> None:
    """Let the new name survive a power cut too; Windows does so by itself and cannot open a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def close_rows(rows: Iterable[Row]) -> None:
    """End a generator here, in the thread that ran it: it holds a database connection of this thread."""
    close = getattr(rows, "close", None)
    if callable(close):
        close()


def _remove_forgotten(path: Path) -> None:
    """Remove what an export to the same name left when the process was killed."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*{_PART}"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _FORGOTTEN_S:
                part.unlink()
