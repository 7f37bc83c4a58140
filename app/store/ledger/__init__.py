"""The account of budgets in `state.db`: what they are, what each period used, what running requests hold.

What it is for: `tables.py` (the tables), `file.py` (reading them, and the budgets as people set them), `writer.py` (the
thread through which the running program writes sums and holds). May import: domain, and the store's own database.
Threads: `LedgerFile` blocks, executor threads; `LedgerWriter` is called on the loop and owns one thread.

The running program decides in memory and writes here; it reads only when it opens the file. A hold is on the disk
before its request goes out, so that after a kill it counts as used in full: never less than the truth. What a request
used replaces its hold a moment later, and every write says what the sums are, not what to add, so that one which is
repeated after an error changes nothing.

Decisions, with the loser named: one thread that commits many writes at once (lost: a commit for each request, at 0.3 to
4 ms a piece); sums for each period (lost: an entry for each request, which the history already is); no triggers and no
foreign keys between the three tables, because a budget may be removed while its requests run.
"""
