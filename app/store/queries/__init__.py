"""Questions about the history, each in a file of its own; `HistoryReader` asks them.

What it is for: everything that lists, sums, searches or exports. May import: domain and the store. Thread: executor
threads; every call opens a short connection of its own (0.3 ms) that cannot write, so nothing is shared, a file that
was replaced is simply the next one read, and nobody keeps the write-ahead log from shrinking for long.

Adding a question: a function here that takes the connected database, and a method of `HistoryReader`. peewee builds
the statements; rows are taken from the cursor as they are, since peewee's own conversion of a row costs more than
SQLite's finding it.
"""

from __future__ import annotations

from app.store.queries.reader import HistoryReader, HistoryUnavailableError

__all__ = ["HistoryReader", "HistoryUnavailableError"]
