"""What a part of the history used, by key, provider or model: where a new budget begins."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from peewee import SqliteDatabase

from app.domain.exchange import State
from app.store.database import connection_of

_TOKENS = "input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens"
_FREE = "provider IN (SELECT value FROM json_each(:free))"
_ROWS = (
    f"SELECT coalesce(sum({_TOKENS}), 0), coalesce(sum(coalesce(total_nusd, 0)), 0), "  # noqa: S608 (constants of ours)
    f"coalesce(sum(total_nusd IS NULL AND {_TOKENS} > 0 AND NOT {_FREE}), 0) FROM exchange "
    f"WHERE started_us >= :since_us AND state <> '{State.STARTED}' "
    "AND (:key = '' OR client_key = :key) AND (:provider = '' OR provider = :provider) "
    "AND (:model = '' OR sent_model LIKE :model ESCAPE '!') "
    "AND id NOT IN (SELECT value FROM json_each(:besides))"
)
_COUNTED = (
    "SELECT coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0), "  # noqa: S608
    f"coalesce(sum(cost_nusd), 0), coalesce(sum(CASE WHEN {_FREE} THEN 0 ELSE unpriced END), 0) FROM counted "
    "WHERE quarter_us >= :since_us AND (:provider = '' OR provider = :provider)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose use is asked for; what is empty does not narrow."""

    since_us: int
    key: str = ""
    """Name of a client key."""
    provider: str = ""
    model: str = ""
    """As it was sent; `*` stands for any part of it."""
    besides: Collection[str] = frozenset()
    """Exchanges that are counted elsewhere, by id."""
    free: Collection[str] = ()
    """Providers that charge nothing."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What it adds up to."""

    tokens: int = 0
    cost_nusd: int = 0
    unpriced: int = 0
    """Exchanges with tokens but no known price."""


def spent(database: SqliteDatabase, asked: Asked) -> Spent:
    """Add up what has ended; what has no rows, because the record was paused, counts where no key or model is asked."""
    given = {
        "since_us": asked.since_us,
        "key": asked.key,
        "provider": asked.provider,
        "model": _like(asked.model),
        "besides": json.dumps(list(asked.besides)),
        "free": json.dumps(list(asked.free)),
    }
    connection = connection_of(database)
    found = [connection.execute(_ROWS, given).fetchone()]
    if not asked.key and not asked.model:
        found.append(connection.execute(_COUNTED, given).fetchone())
    return Spent(*(sum(column) for column in zip(*found, strict=True)))


def _like(pattern: str) -> str:
    plain = pattern.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return plain.replace("*", "%")
