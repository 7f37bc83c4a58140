"""What Patchbay keeps on disk: the history of exchanges, client keys and budgets, and `patchbay.toml`.

What it is for: `history.db` (exchanges, bodies, search index), `state.db` (client keys, and what budgets count:
`ledger/`) and `config/` (the file people edit). May import: domain; it is the only room that knows peewee, SQLite,
zstandard and tomlkit.

Threads: `History` belongs to the loop and only puts events into a queue; one writer thread owns the one connection
that writes; readers (`queries/`) run in executor threads with short connections of their own that cannot write.

    History (loop) -> intake (bounded queue) -> writer (thread) -> recording (one transaction a batch) -> history.db
                                                        |              bodies, search, columns
                                                        +-> retention, search index, revision number
    HistoryReader (executor threads) <- history.db

Changing the schema: change `tables.py`, add one function to `migrations/` and its line to the list there; a test
compares the two. Adding a question about the history: one file in `queries/` and a method of `HistoryReader`.

Decisions, with the loser named:
- A client key's policy is one JSON text, but for its end, which is compared with the clock (lost: a column for each
  part, a migration for each new one, though nothing ever asks for a part). One that cannot be read opens nothing. The
  digests are a table of their own: several lead to a key while it is rotated, each with its own end. Key and digest
  have a latch, so that what was seen to be over stays so though the clock goes back.
- Bodies are a graph of content-addressed blocks like git's objects, not one blob an exchange: an agent sends the whole
  conversation again with every turn, so blobs grow with the square of its length. Reference counts are not stored;
  the reverse links that the search needs answer the question, and a count cannot drift.
- `size` and `sha256` of a side describe the bytes on the wire; the stored bytes are masked. So evidence can be compared
  with what the other end saw, and no secret is on the disk.
- The search index is FTS5 without content, fed in the writer's idle moments: search is a second late at most and the
  acknowledgement of a start never waits for it. `contentless_delete` would be simpler but needs SQLite 3.43.
- The writer speaks constant SQL to the connection that peewee opened; peewee builds the schema and the reads. An
  insert through a peewee model costs ten times as much, and the proxy pays for this thread's time (one process, one
  interpreter lock). `SqliteQueueDatabase` would wait for the commit on the loop.
- An end may wait up to 20 ms for company in a transaction; a start never does, because a request waits for it. Writing
  both in one transaction would save a commit and keep the start waiting for the end's compression.
"""
