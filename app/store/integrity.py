"""Whether a SQLite file is whole, looked at thoroughly; for people who ask, not for a start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def problem(path: Path) -> str:
    """What SQLite finds wrong with the file, in words; empty where it is whole or not there. Blocks, up to minutes."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=5.0, uri=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        return f"{path.name} cannot be read ({error})"
    return "" if found == "ok" else f"{path.name} is damaged ({found})"
