"""Saying what a command waits for, where the desktop may be asking its user for the keyring's password."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from app.cli.output import Output

AFTER_S = 4.0
WAITING = "patchbay: waiting for the system keyring; see whether the desktop asks for a password (Ctrl+C gives up)"


@contextlib.contextmanager
def for_the_keyring(out: Output, *, after_s: float = AFTER_S) -> Iterator[None]:
    """Say so if what is done inside takes longer than `after_s` seconds."""
    timer = asyncio.get_running_loop().call_later(after_s, out.note, WAITING)
    try:
        yield
    finally:
        timer.cancel()
