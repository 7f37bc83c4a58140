"""Files that are either whole or the old ones: written beside, flushed to the disk, then put in place."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_DIR = 0o700


def write_atomic(path: Path, data: bytes, *, keep_backup: bool = True) -> None:
    """Replace `path` by `data` so that a crash at any moment leaves the old or the new content, never a part.

    The file is readable by its owner only. The old content stays beside it as `NAME.bak` unless told otherwise.
    A symbolic link is followed, so a configuration kept elsewhere stays there. Raises OSError; the old file is then
    untouched and no temporary file is left.
    """
    path = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if keep_backup and path.exists():
            _keep_backup(path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_directory(path.parent)


def backup_of(path: Path) -> Path:
    """Where `write_atomic` keeps the previous content."""
    return path.with_name(path.name + ".bak")


def remove_leftovers(directory: Path) -> None:
    """Delete temporary files that a crash left behind; only for the holder of the lock, or it would meet a writer's."""
    for leftover in directory.glob(".*.tmp"):
        if leftover.is_file():
            leftover.unlink(missing_ok=True)


def tighten(path: Path, mode: int) -> bool:
    """Take from group and others what `mode` does not grant; True if something was taken. Windows: never."""
    if sys.platform == "win32":
        return False
    present = stat.S_IMODE(path.stat().st_mode)
    if present & ~mode & 0o077 == 0:
        return False
    path.chmod(present & mode)
    return True


def _keep_backup(path: Path) -> None:
    """A second name for the old content; a copy where the file system has no hard links."""
    spare = path.with_name(f".{path.name}.bak.tmp")
    spare.unlink(missing_ok=True)
    try:
        os.link(path, spare)
    except OSError:
        shutil.copyfile(path, spare)
        spare.chmod(PRIVATE_FILE)
    spare.replace(backup_of(path))


def _flush_directory(directory: Path) -> None:
    """Make the new name itself durable; Windows has no such call, and some network file systems refuse it."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
