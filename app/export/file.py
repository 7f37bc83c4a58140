"""An export as a file: whole and for the user alone, or not there."""

from __future__ import annotations

import glob
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.domain.exchange import Entry
from app.export.format import Format

_PART = ".part"
_FORGOTTEN_S = 3_600.0
_OWN_FILES = "/proc/self/fd"


def export_file(
    path: Path,
    rows: Iterable[Entry],
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
        handle, part = _open_part(path)
        with os.fdopen(handle, "wb", buffering=1024 * 1024) as out:
            written = form.write(rows, out, progress=progress, cancelled=cancelled)
            _to_disk(out)
            part = part or _give_name(out, path)
        part.replace(path)
    except OSError as error:  # it speaks of the part, whose name nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
        close_rows(rows)
    _remember(path.parent)
    return written


def _open_part(path: Path) -> tuple[int, Path | None]:
    """What is written to until it is whole, 0600 from the start: (descriptor, its name).

    Without a name where the system can do so (Linux, most file systems): then it goes with the process, and a killed
    export leaves nothing. open(2), O_TMPFILE.
    """
    nameless = getattr(os, "O_TMPFILE", 0)
    if nameless and Path(_OWN_FILES).is_dir():
        with suppress(OSError):
            return os.open(path.parent, nameless | os.O_WRONLY | os.O_CLOEXEC, 0o600), None
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent)
    return handle, Path(name)


def _give_name(out: BinaryIO, path: Path) -> Path:
    """The name by which a nameless file takes the place of the one before; raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
    folder = os.open(_OWN_FILES, os.O_RDONLY)
    try:  # Python follows the link to the file only where it is told a folder to begin in
        os.link(str(out.fileno()), part, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
    return part


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


def close_rows(rows: Iterable[Entry]) -> None:
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
