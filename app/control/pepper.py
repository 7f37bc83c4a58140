"""The bytes that client keys are hashed with: in a file of their own, so that digests alone are worthless."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

from app.domain.errors import ConfigError

PEPPER_BYTES = 32
Write = Callable[[Path, bytes], None]


def load_pepper(path: Path, write: Write) -> bytes:
    """The bytes that client keys are hashed with, made where there are none. Blocking; raises ConfigError."""
    try:
        return _read(path) or _make(path, write)
    except OSError as error:
        raise ConfigError(
            f"cannot be read or written ({error.strerror}); see whether the disk is full or the folder is protected",
            file=str(path),
        ) from None


def _read(path: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        pepper = path.read_bytes()
        if len(pepper) == PEPPER_BYTES:
            return pepper
        raise ConfigError(
            f"must hold {PEPPER_BYTES} bytes but holds {len(pepper)}; "
            "put back the file from a backup, or delete it to have every client key made anew",
            file=str(path),
        )
    return b""


def _make(path: Path, write: Write) -> bytes:
    pepper = secrets.token_bytes(PEPPER_BYTES)
    write(path, pepper)
    return pepper
