"""What a failing database means for the recorder, in words, and when to try again."""

from __future__ import annotations

import sqlite3
from enum import Enum

MIN_RETRY_S = 1.0
MAX_RETRY_S = 30.0
_RETRY_PART = 10.0
"""The pause is this part of the outage so far: a short one ends within a second, a long one costs nothing."""


class Trouble(Enum):
    """A kind of failure: the words for it, and whether rows without their bodies may still get through."""

    def __init__(self, words: str, rows_may_pass: bool) -> None:  # noqa: FBT001 (enum rows)
        self.words = words
        self.rows_may_pass = rows_may_pass

    LOCKED = ("another program holds the history locked", False)
    FULL = ("the disk is full", True)
    UNWRITABLE = ("the history cannot be written", True)
    DAMAGED = ("the history was damaged", False)
    POISON = ("an exchange could not be stored", False)
    """The fault of one event, not of the database."""


_KINDS = {
    "SQLITE_BUSY": Trouble.LOCKED,
    "SQLITE_LOCKED": Trouble.LOCKED,
    "SQLITE_PROTOCOL": Trouble.LOCKED,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_IOERR": Trouble.UNWRITABLE,
    "SQLITE_READONLY": Trouble.UNWRITABLE,
    "SQLITE_CANTOPEN": Trouble.UNWRITABLE,
    "SQLITE_PERM": Trouble.UNWRITABLE,
    "SQLITE_AUTH": Trouble.UNWRITABLE,
    "SQLITE_NOMEM": Trouble.UNWRITABLE,
    "SQLITE_ERROR": Trouble.UNWRITABLE,
    "SQLITE_NOLFS": Trouble.UNWRITABLE,
    "SQLITE_CORRUPT": Trouble.DAMAGED,
    "SQLITE_NOTADB": Trouble.DAMAGED,
    "SQLITE_FORMAT": Trouble.DAMAGED,
}


def trouble_of(error: Exception) -> Trouble:
    """What an exception of a write means; extended codes as their plain ones (SQLITE_IOERR_WRITE: SQLITE_IOERR)."""
    if isinstance(error, OSError):
        return Trouble.UNWRITABLE
    name = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""
    return _KINDS.get("_".join(name.split("_")[:2]), Trouble.POISON)


def retry_after_s(outage_s: float) -> float:
    """How long to wait before the next try, given how long the outage lasts already."""
    return min(max(outage_s / _RETRY_PART, MIN_RETRY_S), MAX_RETRY_S)
