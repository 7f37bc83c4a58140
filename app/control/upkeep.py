"""Backups of the data folder, and deleting from the history."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from app.control.background import in_thread
from app.domain.errors import ConfigError, ErrorKind, PatchbayError
from app.domain.exchange import Filter
from app.store.backup import back_up
from app.store.deletion import Deleted, Deletion, DeletionError, copies_of
from app.store.rekeying import has_keys, rewrap_file
from app.store.search import Texts
from app.system.paths import Paths

__all__ = ["Deleted", "Upkeep"]

_PART = ".part"
T = TypeVar("T")


class Upkeep:
    """Works on the files themselves, beside a running program or without one."""

    def __init__(self, paths: Paths, texts: Texts, now_us: Callable[[], int]) -> None:
        self._paths = paths
        self._deletion = Deletion(paths.history, texts)
        self._now_us = now_us
        self.shrunk: Callable[[], None] = lambda: None
        """Called on the loop when something was deleted here, or perhaps was."""

    async def count(self, wanted: Filter, ids: Sequence[str] = ()) -> int:
        """How many exchanges `delete` would delete."""
        return await _worded(lambda: self._deletion.count(wanted, ids))

    async def delete(self, wanted: Filter, ids: Sequence[str] = ()) -> Deleted:
        """Delete exchanges without a trace; those that run stay. Raises PatchbayError."""
        try:
            return await _worded(lambda: self._deletion.delete(wanted, ids))
        finally:
            self.shrunk()

    async def purge(self) -> tuple[Deleted, tuple[Path, ...]]:
        """Delete everything that was recorded, older copies of the history included: (what, which files)."""
        try:
            done = await _worded(self._deletion.purge)
            return done, await in_thread(self._remove_copies)
        finally:
            self.shrunk()

    def copies(self) -> tuple[Path, ...]:
        """Older copies of the history, which a deletion leaves alone."""
        return copies_of(self._paths.history)

    async def back_up(self, target: Path) -> tuple[Path, int]:
        """Copy the data folder to a new folder, or the history to a new `.db` file: (where it is, bytes).

        No key of a provider is in it. The name appears when everything is there; raises ConfigError and OSError.
        """
        return await in_thread(self._back_up, target)

    def has_body_keys(self) -> bool:
        """Whether any body is, or was, encrypted. Blocks."""
        return self._paths.history.exists() and has_keys(self._paths.history)

    def rewrap(self, masters: Sequence[bytes]) -> int:
        """Give the keys of encrypted bodies to the first of these; how many none of them opens. Blocks."""
        return rewrap_file(self._paths.history, masters, self._now_us()) if self._paths.history.exists() else 0

    def _remove_copies(self) -> tuple[Path, ...]:
        gone = self.copies()
        for path in gone:
            path.unlink(missing_ok=True)
        return gone

    def _back_up(self, target: Path) -> tuple[Path, int]:
        target = Path(os.path.abspath(target.expanduser()))  # noqa: PTH100 (a link is not followed, but replaced never)
        if target.exists() or target.is_symlink():
            raise ConfigError("is there already; name a new file or folder for the backup", file=str(target))
        if not target.parent.is_dir():
            raise ConfigError("is no folder; make it first", file=str(target.parent))
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_PART, dir=target.parent))  # mode 0700
        try:
            if target.suffix == ".db":
                size = _copied(self._paths.history, part / target.name)
                (part / target.name).replace(target)
            else:
                size = self._copy_all(part)
                part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _remember(target.parent)
        return target, size

    def _copy_all(self, folder: Path) -> int:
        paths = self._paths
        size = sum(_copied(one, folder / one.name) for one in (paths.history, paths.state) if one.exists())
        for one in (paths.config, paths.pepper, paths.layout):
            if one.exists():
                size += _write(folder / one.name, one.read_bytes())
        return size


def _copied(source: Path, target: Path) -> int:
    try:
        return back_up(source, target)
    except sqlite3.Error as error:
        raise ConfigError(f"cannot be copied ({error}); `patchbay doctor` says more", file=source.name) from None


def _write(path: Path, data: bytes) -> int:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return len(data)


def _remember(folder: Path) -> None:
    """Let the new name survive a power cut too; Windows does so by itself and cannot open a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


async def _worded(call: Callable[[], T]) -> T:
    try:
        return await in_thread(call)
    except DeletionError as error:
        raise PatchbayError(ErrorKind.INTERNAL, str(error)) from None
