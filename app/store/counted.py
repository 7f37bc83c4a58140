"""Exchanges of which nothing but their numbers is kept, while the record is paused."""

from __future__ import annotations

from typing import Any

from app.domain.exchange import ExchangeEnd, State
from app.domain.money import Cost
from app.store.columns import int64
from app.store.hourly import SUMS

QUARTER_US = 900_000_000
"""Every zone's day begins at a full quarter of an hour."""

ADD_COUNTED = (
    f"INSERT INTO counted (quarter_us, provider, {', '.join(SUMS)}) VALUES ({', '.join('?' * (len(SUMS) + 2))}) "  # noqa: S608
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in SUMS)}"
)


def counted_values(started_us: int, provider: str, end: ExchangeEnd, paid: Cost | None) -> tuple[Any, ...]:
    """The parameters of `ADD_COUNTED`."""
    usage = end.usage
    cache_write = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
    tokens = usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + cache_write
    return (
        int64(started_us) // QUARTER_US * QUARTER_US,
        provider,
        1,
        int(end.state in (State.FAILED, State.INTERRUPTED)),
        int64(usage.input_tokens),
        int64(usage.output_tokens),
        int64(usage.cache_read_tokens),
        int64(cache_write),
        int64(paid.total_nusd) if paid else 0,
        int(paid is None and tokens > 0),
    )
