"""Before a file is opened: what cannot be used is moved aside, never deleted; and what a dead process left running.

Whatever happens here, the program starts: a history that cannot be read must not keep anybody from working.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from app.domain.exchange import Filter, State
from app.store import columns
from app.store.database import transaction
from app.store.hourly import Hourly
from app.store.pricing import PriceOf, cost
from app.store.queries.spans import spans

_CHECK_S = 2.0
_CHECK_CLEAN_S = 0.3
"""After a clean end there is little to find, and the user waits."""
_NOT_OF_THE_FILE = (
    "SQLITE_INTERRUPT", "SQLITE_FULL",
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_NOMEM", "SQLITE_CANTOPEN", "SQLITE_IOERR_SHM", "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_LOCK", "SQLITE_IOERR_NOMEM",
)  # fmt: skip
"""What says nothing about the file: a full disk has no room for its shared memory, a process no descriptor left."""
_COMPANIONS = ("-wal", "-shm", "-journal")

_INTERRUPTED = f"SELECT vendor, sent_model, started_us, provider, id, {', '.join(columns.USAGE)} FROM exchange "  # noqa: S608
_STARTED = "SELECT seq FROM exchange WHERE started_us >= ? AND started_us < ? AND state = 'started' AND boot <> ?"
_INTERRUPT = f"UPDATE exchange SET state = '{State.INTERRUPTED}' WHERE seq = ?"  # noqa: S608 (a constant of ours)
_PRICE_INTERRUPTED = f"UPDATE exchange SET {', '.join(f'{name} = ?' for name in columns.COST)} WHERE id = ?"  # noqa: S608


def rescue(path: Path, now_us: int) -> str:
    """Move the file aside if SQLite cannot work with it; says in words why, empty where all is well. Raises OSError."""
    trouble = _trouble(path)
    if not trouble:
        return ""
    aside = move_aside(path, now_us)
    return f"{path.name} {trouble}. It was kept as {aside.name}, and a new one was begun."


def move_aside(path: Path, now_us: int) -> Path:
    """Give the file and its companions a name that says when they were given up. Raises OSError."""
    stamp = dt.datetime.fromtimestamp(now_us / 1_000_000, tz=dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (
        f"{path.stem}.corrupt-{stamp}{'' if count == 1 else f'-{count}'}{path.suffix}" for count in range(1, 10_000)
    )
    aside = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    path.rename(aside)
    for companion in _COMPANIONS:
        beside = path.with_name(path.name + companion)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + companion))
    return aside


def _trouble(path: Path) -> str:
    wal = path.with_name(path.name + "-wal")
    left_open = wal.exists() and wal.stat().st_size > 0
    if not path.exists():
        return "is missing, but not its write-ahead log" if left_open and _adopt_orphan(path) else ""
    if not path.is_file():
        return "is not a file"
    if path.stat().st_size == 0:
        return "is empty, but not its write-ahead log" if left_open else ""
    try:
        path.chmod(0o600)
        with path.open("r+b"):
            pass
    except OSError:
        return "cannot be written to"
    return _damage(path, _CHECK_S if left_open else _CHECK_CLEAN_S)


def _adopt_orphan(path: Path) -> bool:
    """Put an empty file where the database is missing, so that its log is moved aside with a name."""
    path.touch(mode=0o600)
    return True


def _damage(path: Path, budget_s: float) -> str:
    """What SQLite finds wrong with the file, looking for so long at most."""
    deadline = time.monotonic() + budget_s
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
            connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        return "" if is_elsewhere(error) else f"cannot be used ({error})"
    except sqlite3.DatabaseError as error:
        return f"is damaged ({error})"
    return "" if found == "ok" else "is damaged"


def is_elsewhere(error: sqlite3.Error) -> bool:
    """Whether what SQLite met with says nothing about the file."""
    return getattr(error, "sqlite_errorname", "").startswith(_NOT_OF_THE_FILE)


def close_interrupted(connection: sqlite3.Connection, boot: str, price_of: PriceOf) -> int:
    """End the rows that an earlier run left started; their last counts stay as estimates and are priced. How many."""
    hourly = Hourly(connection)
    with transaction(connection):
        seqs = _left_started(connection, boot)
        hourly.leaving(seqs)
        rows = [connection.execute(f"{_INTERRUPTED} WHERE seq = ?", (seq,)).fetchone() for seq in seqs]
        for vendor, model, started_us, provider, exchange_id, *usage in rows:
            paid = cost(price_of, vendor, model, started_us, columns.usage_of(usage), provider)
            if paid is not None:
                connection.execute(_PRICE_INTERRUPTED, (*columns.cost_values(paid), exchange_id))
        connection.executemany(_INTERRUPT, [(seq,) for seq in seqs])
        hourly.arriving(seqs)
    return len(rows)


def _left_started(connection: sqlite3.Connection, boot: str) -> list[int]:
    """Rows that another run left started; only hours that hold such rows are looked at."""
    return [
        seq
        for span in spans(connection, Filter(states=(State.STARTED,)))
        for (seq,) in connection.execute(_STARTED, (*span, boot))
    ]
