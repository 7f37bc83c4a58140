"""What past hours add up to, kept beside the rows so that totals, charts and narrowed lists need not read them all.

`summed.upto_us` parts two worlds: every hour before it is in `hour_sum` and `hour_name`, and whoever changes a row of
such an hour takes it out of the sums first and adds it again (`leaving`, `arriving`), in the same transaction; hours
behind it are added up from the rows themselves. So the sums are never late, and a running hour costs nothing extra.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from app.domain.exchange import State
from app.store.database import transaction

HOUR_US = 3_600_000_000
NAMES = ("provider", "sent_model", "requested_model", "client", "state")
"""The columns of `exchange` that lists are narrowed by."""
SUMS = (
    "exchanges",
    "failed",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost_nusd",
    "unpriced",
)
"""As the fields of `domain.exchange.Totals`, in their order."""
_STEP_ROWS = 2_000
_STEP_NAMES = 400

_TOKENS = "input_tokens + output_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens"
ADDED_UP = (
    "count(*)",
    f"coalesce(sum(state IN ('{State.FAILED}', '{State.INTERRUPTED}')), 0)",
    "coalesce(sum(input_tokens), 0)",
    "coalesce(sum(output_tokens), 0)",
    "coalesce(sum(cache_read_tokens), 0)",
    "coalesce(sum(cache_write_5m_tokens + cache_write_1h_tokens), 0)",
    "coalesce(sum(total_nusd), 0)",
    f"coalesce(sum(total_nusd IS NULL AND {_TOKENS} > 0 AND state <> '{State.STARTED}'), 0)",
)
"""SQL of `SUMS` over rows: interrupted exchanges count as failed, cancelled ones do not."""

# A sign, a condition on the rows and, from SQLite's rules for upserts, a WHERE before ON CONFLICT.
_HOUR = f"started_us / {HOUR_US} * {HOUR_US}"
_ADD_SUMS = (
    f"INSERT INTO hour_sum (hour_us, provider, {', '.join(SUMS)}) "  # noqa: S608 (constants of ours)
    f"SELECT {_HOUR}, provider, {', '.join(f'{{sign}} * {of}' for of in ADDED_UP)} FROM exchange WHERE {{rows}} "
    f"GROUP BY 1, 2 ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in SUMS)}"
)
_ADD_NAMES = (
    f"INSERT INTO hour_name (kind, name, hour_us, exchanges) "  # noqa: S608 (constants of ours)
    f"SELECT '{{kind}}', {{kind}}, {_HOUR}, {{sign}} * count(*) FROM exchange WHERE {{rows}} "
    "GROUP BY 2, 3 ON CONFLICT DO UPDATE SET exchanges = exchanges + excluded.exchanges"
)
_CHOSEN = "seq IN (SELECT value FROM json_each(:chosen)) AND started_us < :upto_us"
_BETWEEN = "started_us >= :since_us AND started_us < :until_us"
_FIRST = "SELECT started_us FROM exchange WHERE started_us >= ? ORDER BY started_us LIMIT 1 OFFSET ?"

_DROP_NOTHING = tuple(
    f"DELETE FROM {table} WHERE ({key}) IN "  # noqa: S608 (constants of ours)
    f"(SELECT {key} FROM {table} WHERE exchanges = 0 LIMIT {_STEP_NAMES})"
    for table, key in (("hour_sum", "hour_us, provider"), ("hour_name", "kind, name, hour_us"))
)


def _statements(sign: int, rows: str) -> tuple[str, ...]:
    names = tuple(_ADD_NAMES.format(kind=kind, sign=sign, rows=rows) for kind in NAMES)
    return (_ADD_SUMS.format(sign=sign, rows=rows), *names)


_LEAVE, _ARRIVE, _ADD = _statements(-1, _CHOSEN), _statements(1, _CHOSEN), _statements(1, _BETWEEN)


class Hourly:
    """The sums, through one connection that writes. `leaving` and `arriving` stand inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.upto_us = 0
        """Rows that started before are in the sums."""
        self._tidy = True
        """There may be sums of nothing."""
        self.reload()

    def reload(self) -> None:
        """Look again: somebody else may have begun the sums anew, or a transaction was undone."""
        (self.upto_us,) = self._connection.execute("SELECT upto_us FROM summed").fetchone()

    def leaving(self, seqs: Sequence[int]) -> None:
        """Take rows out of the sums, before they are changed or deleted."""
        self._apply(_LEAVE, seqs)
        self._tidy = True

    def arriving(self, seqs: Sequence[int]) -> None:
        """Add rows to the sums, after they were changed or came late."""
        self._apply(_ARRIVE, seqs)

    def _apply(self, statements: Sequence[str], seqs: Sequence[int]) -> None:
        if seqs:
            chosen = {"chosen": json.dumps(list(seqs)), "upto_us": self.upto_us}
            for statement in statements:
                self._connection.execute(statement, chosen)

    def step(self, now_us: int) -> bool:
        """Add up some hours that are over, in a transaction of its own; whether there is more to do."""
        over_us = now_us // HOUR_US * HOUR_US
        if self.upto_us >= over_us:
            return False
        first = self._row(self.upto_us, 0)
        since_us = over_us if first is None else min(first // HOUR_US * HOUR_US, over_us)
        last = self._row(since_us, _STEP_ROWS)
        until_us = over_us if last is None else max(last // HOUR_US * HOUR_US, since_us + HOUR_US)
        until_us = min(until_us, over_us)
        with transaction(self._connection):
            for statement in _ADD if since_us < until_us else ():
                self._connection.execute(statement, {"since_us": since_us, "until_us": until_us})
            self._connection.execute("UPDATE summed SET upto_us = ?", (until_us,))
        self.upto_us = until_us
        return until_us < over_us

    def tidy(self) -> bool:
        """Drop some sums of nothing, once rows were deleted, in a transaction of its own; whether there may be more."""
        if self._tidy:
            with transaction(self._connection):
                self._tidy = sum(self._connection.execute(one).rowcount for one in _DROP_NOTHING) > 0
        return self._tidy

    def _row(self, since_us: int, offset: int) -> int | None:
        found = self._connection.execute(_FIRST, (since_us, offset)).fetchone()
        return None if found is None else int(found[0])


def begin_anew(connection: sqlite3.Connection) -> None:
    """Forget all sums, inside the caller's transaction; they are added up again from the rows."""
    connection.execute("DELETE FROM hour_sum")
    connection.execute("DELETE FROM hour_name")
    connection.execute("UPDATE summed SET upto_us = 0")


def wrong_hours(connection: sqlite3.Connection) -> int:
    """How many sums differ from what the rows add up to; 0 unless something was changed behind our back."""
    (upto_us,) = connection.execute("SELECT upto_us FROM summed").fetchone()
    fresh = (
        f"SELECT {_HOUR}, provider, {', '.join(ADDED_UP)} FROM exchange "  # noqa: S608 (constants of ours)
        "WHERE started_us < ? GROUP BY 1, 2"
    )
    kept = f"SELECT hour_us, provider, {', '.join(SUMS)} FROM hour_sum WHERE exchanges <> 0"  # noqa: S608
    return len(set(connection.execute(fresh, (upto_us,))) ^ set(connection.execute(kept)))
