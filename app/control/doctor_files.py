"""The files of the data folder: whose they are, who may read them, and what an end in the middle left behind."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.system.files import PRIVATE_FILE, tighten

_LEFT = (".*.tmp", ".*.part")
_FORGOTTEN_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, or mended."""

    what: str
    ok: bool
    found: str
    warns: bool = False
    """Whether somebody should read it, although nothing fails for it."""


class Files:
    """Looks at the files of a folder. Blocks."""

    def __init__(self, folder: Path, *, running: bool) -> None:
        self._folder = folder
        self._running = running

    def wrong(self) -> tuple[str, ...]:
        """What is wrong, in words."""
        loose = [path.name for path in self._loose()]
        foreign = [path.name for path in self._foreign()]
        left = [path.name for path in self._left()]
        words = (
            (loose, "can be read by other users"),
            (foreign, "belong to another user"),
            (left, "were left by an end in the middle"),
        )
        return tuple(f"{', '.join(names)} {what}" for names, what in words if names)

    def mend(self) -> tuple[Check, ...]:
        """Close what is open to others, delete what was left over; what was done about each."""
        done = []
        for path in tuple(self._loose()):
            tighten(path, PRIVATE_FILE)
            done.append(Check(path.name, ok=True, found="is for you alone now"))
        for path in tuple(self._left()):
            path.unlink(missing_ok=True)
            done.append(Check(path.name, ok=True, found="was left over and is deleted"))
        for path in self._foreign():
            words = "belongs to another user; take it over (chown), or move it away"
            done.append(Check(path.name, ok=False, found=words))
        return tuple(done)

    def _all(self) -> Iterator[Path]:
        for folder in (self._folder, self._folder / "logs"):
            if folder.is_dir():
                yield from (path for path in sorted(folder.iterdir()) if path.is_file() and not path.is_symlink())

    def _loose(self) -> Iterator[Path]:
        if sys.platform == "win32":
            return
        for path in self._all():
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                yield path

    def _foreign(self) -> Iterator[Path]:
        if sys.platform == "win32":
            return
        for path in self._all():
            if path.stat().st_uid != os.geteuid():
                yield path

    def _left(self) -> Iterator[Path]:
        """Temporary files; those of a running program only once they are old."""
        for pattern in _LEFT:
            for path in sorted(self._folder.glob(pattern)):
                old = time.time() - path.stat().st_mtime > _FORGOTTEN_S
                if path.is_file() and (old or not self._running):
                    yield path
