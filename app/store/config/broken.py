"""A configuration file that cannot be used: kept under a name of its own, replaced only where nothing can be mended.

A mistake in a text is its writer's to correct, so the file stays and only a copy is made. What holds no text at all
(nothing, zero bytes after a power cut, another program's data) is nobody's work: the next change may replace it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

MOST_KEPT = 5
MARK = ".broken-"
_COMPARED_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A broken file under its other name; `moved` where it no longer has its own."""

    path: Path
    moved: bool


def is_damaged(data: bytes, most_bytes: int) -> bool:
    """Whether there is no text in it that a person could mend."""
    if len(data) > most_bytes or not data.strip() or b"\0" in data:
        return True
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return True
    return False


def keep(path: Path) -> Path:
    """Copy the file to `NAME.broken-<UTC time>`; a copy that is there already is not made twice. Raises OSError."""
    same = next((one for one in copies(path) if _is_same(one, path)), None)
    if same is not None:
        return same
    target = _free_name(path)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy, path.open("rb") as file:
        shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
    forget_oldest(path)
    return target


def move(path: Path) -> Path:
    """Rename what is there to `NAME.broken-<UTC time>`, a folder too. Raises OSError."""
    target = _free_name(path)
    os.rename(path, target)  # noqa: PTH104 (a symbolic link itself, not what it names)
    forget_oldest(path)
    return target


def copies(path: Path) -> list[Path]:
    """What was kept of this file, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}{MARK}*"))


def forget_oldest(path: Path) -> None:
    """Keep the last few; a folder is never removed, because nobody knows what is in it."""
    for one in copies(path)[:-MOST_KEPT]:
        with contextlib.suppress(OSError):
            one.unlink()


def _free_name(path: Path) -> Path:
    """Later than every other, so that the oldest goes first whatever the clock does."""
    stamp = int(time.strftime("%Y%m%d%H%M%S", time.gmtime()))
    stamps = [int(number) for one in copies(path) if (number := one.name.rpartition("-")[2]).isdecimal()]
    return path.with_name(f"{path.name}{MARK}{max([stamp, *(one + 1 for one in stamps)])}")


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        if not one.is_file() or one.stat().st_size != other.stat().st_size:
            return False
        with one.open("rb") as first, other.open("rb") as second:
            while (piece := first.read(_COMPARED_BYTES)) == second.read(_COMPARED_BYTES):
                if not piece:
                    return True
    return False
