"""Keeping the history within its age and its bytes: a little at a time, between the batches of the writer.

Age deletes rows. Bytes delete the bodies of the oldest exchanges; their rows stay, with size and hash of what is gone.
No transaction touches more than about a thousand rows, so nobody waits long behind one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from app.store import search
from app.store.blocks import release
from app.store.database import transaction
from app.store.hourly import Hourly
from app.store.search import Texts

MAX_ROWS = 1_000
"""Rows that one transaction deletes or changes; the last exchange in it may bring a few more."""
_DAY_US = 86_400_000_000
_PRUNE_EVERY_US = 3_600_000_000
_SHRINK_TO = 0.95
"""Of the budget, once it is exceeded: so that not every following body exceeds it again."""
_SLACK_PAGES = 256
_SLACK_PART = 20
"""Free pages that may stay in the file: one in so many; they are used again."""
_VACUUM_PAGES = 500
_DEAD_BYTES = 512 * 1024
_DEAD_PART = 16
"""Dead words may take so much of the index, or one part in so many of the file, before it is merged."""

_OLD_ROWS = "SELECT seq FROM exchange WHERE started_us < ? AND state <> 'started' ORDER BY started_us LIMIT 250"
_OLD_COUNTS = "DELETE FROM counted WHERE quarter_us < ?"
_NEWEST_BODY = "SELECT exchange FROM side WHERE block IS NOT NULL ORDER BY exchange DESC LIMIT 1"
_OLD_BODIES = (
    "SELECT DISTINCT exchange FROM side WHERE exchange > ? AND exchange < ? AND block IS NOT NULL "
    "ORDER BY exchange LIMIT 250"
)
_BODIES_OF = "SELECT block FROM side WHERE exchange = ? AND block IS NOT NULL"


class Retention:
    """Enforces age and byte budget through the writer's connection. Writer's thread only."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts, hourly: Hourly) -> None:
        self._connection = connection
        self._hourly = hourly
        self._texts = texts
        self.budget_bytes = 0
        """Of the whole file; 0 is no limit."""
        self.keep_days = 0
        """0 is for ever."""
        self.index_is_empty = False
        """The search index holds nothing of what is deleted."""
        self.deleted = False
        """Blocks were deleted since somebody last looked: what is remembered about blocks may be wrong."""
        self._next_prune_us = 0
        self._shrinking = False
        self._dropped_upto = 0
        """No exchange up to this one has bodies left."""
        self._merging = False
        self._scrubbing = False
        """Nothing that was deleted may stay behind, whatever it costs."""
        self._forgot = True
        """Words were taken out of the index since its size was looked at."""

    def step(self, now_us: int) -> bool:
        """One small transaction towards the limits; whether there is more to do. Raises sqlite3.Error."""
        return self._prune(now_us) or self._shrink() or self.tidy()

    def tidy(self) -> bool:
        """One small transaction towards giving back room that deleted things took; whether there is more to do."""
        return self._merge() or self._vacuum() or self._end_scrubbing()

    def scrub(self) -> None:
        """Let the next steps leave no trace of what was deleted: in the index, in free pages, in the log."""
        self._scrubbing = True
        self._forgot = True

    def limit(self, budget_bytes: int, keep_days: int) -> None:
        """Set the limits; the next steps look again at everything."""
        self.budget_bytes = budget_bytes
        self.keep_days = keep_days
        self._next_prune_us = 0
        self._dropped_upto = 0

    def used_bytes(self) -> int:
        """What the file holds, without its free pages."""
        return (self._pragma("page_count") - self._pragma("freelist_count")) * self._pragma("page_size")

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    def _prune(self, now_us: int) -> bool:
        if not self.keep_days or now_us < self._next_prune_us:
            return False
        rows = self._connection.execute(_OLD_ROWS, (now_us - self.keep_days * _DAY_US,)).fetchall()
        if not rows:
            if self._hourly.tidy():
                return True
            self._next_prune_us = now_us + _PRUNE_EVERY_US
            self._connection.execute(_OLD_COUNTS, (now_us - self.keep_days * _DAY_US,))
            return False
        with transaction(self._connection):
            self.delete([seq for (seq,) in rows])
        return True

    def delete(self, seqs: Sequence[int]) -> int:
        """Delete the first of these rows with all that is theirs, as many as one transaction may; how many.

        Stands inside the caller's transaction.
        """
        self._hourly.leaving(seqs)
        touched = deleted = 0
        for seq in seqs:
            if touched >= MAX_ROWS:
                break
            touched += self._delete_row(seq)
            deleted += 1
        self._hourly.arriving(seqs[deleted:])
        return deleted

    def _delete_row(self, seq: int) -> int:
        sides = self._connection.execute("SELECT block FROM side WHERE exchange = ?", (seq,)).fetchall()
        self._connection.execute("DELETE FROM exchange WHERE seq = ?", (seq,))  # its details and sides go with it
        return 2 + len(sides) + self._release(block for (block,) in sides if block is not None)

    def _shrink(self) -> bool:
        used, budget = self.used_bytes(), self.budget_bytes
        if not budget or used <= budget * _SHRINK_TO:
            self._shrinking = False
            return False
        dead_bytes = search.size(self._connection).dead_bytes  # a merge gives them back; they are no reason to drop
        self._shrinking = used - dead_bytes > (budget * _SHRINK_TO if self._shrinking else budget)
        newest = self._connection.execute(_NEWEST_BODY).fetchone() if self._shrinking else None
        if newest is None:
            return False
        rows = self._connection.execute(_OLD_BODIES, (self._dropped_upto, newest[0])).fetchall()  # the newest stays
        self._shrinking = bool(rows)
        with transaction(self._connection):
            touched = 0
            for (exchange,) in rows:
                if touched >= MAX_ROWS or self.used_bytes() - dead_bytes <= budget * _SHRINK_TO:
                    break
                touched += self._drop_bodies(exchange)
                self._dropped_upto = exchange
        return self._shrinking

    def _drop_bodies(self, exchange: int) -> int:
        blocks = [block for (block,) in self._connection.execute(_BODIES_OF, (exchange,))]
        self._connection.execute("UPDATE side SET block = NULL WHERE exchange = ?", (exchange,))
        return len(blocks) + self._release(blocks)

    def _release(self, blocks: Iterable[int]) -> int:
        before = self._connection.total_changes
        for deleted in release(self._connection, blocks):
            if not self.index_is_empty:
                search.forget(self._connection, self._texts, deleted)
        self.deleted = True
        self._forgot = True
        return self._connection.total_changes - before

    def _merge(self) -> bool:
        begin = not self._merging
        if begin:
            if not self._forgot:
                return False
            self._forgot = False
            dead_bytes = search.size(self._connection).dead_bytes
            if not self._scrubbing and dead_bytes <= max(_DEAD_BYTES, self.used_bytes() // _DEAD_PART):
                return False
        with transaction(self._connection):
            self._merging = search.merge(self._connection, begin=begin)
        return True

    def _vacuum(self) -> bool:
        free, slack = self._pragma("freelist_count"), max(_SLACK_PAGES, self._pragma("page_count") // _SLACK_PART)
        if free <= (0 if self._scrubbing else slack):
            return False
        # A script, because `execute` ends a statement without columns after its first step: one page.
        self._connection.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
        return True

    def _end_scrubbing(self) -> bool:
        if self._scrubbing:
            self._scrubbing = False
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return False
