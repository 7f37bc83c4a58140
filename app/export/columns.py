"""What an export says about an exchange: the columns and their values, the same in every format."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from app.domain.exchange import Entry, Row, State
from app.domain.usage import Usage, UsageSource

COLUMNS = (
    "timestamp",
    "request_id",
    "client",
    "project",
    "session_id",
    "provider",
    "requested_model",
    "actual_model",
    "status_code",
    "error",
    "streaming",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost",
    "currency",
    "price_source",
    "cost_quality",
    "ttft_ms",
    "duration_ms",
    "usage_source",
    "account",
)
"""New ones come last: who reads older files by the place of a column still can."""

Value = str | int | bool | Decimal | None
"""A text, a number, a truth, US dollars to the nano-dollar; None where nothing is known."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Counts, or None where nothing is known: an unknown number is empty, never 0."""

    given: int | None
    output: int | None
    reasoning: int | None
    cache_read: int | None
    cache_write: int | None


def values(entry: Entry) -> tuple[Value, ...]:
    """The values of `COLUMNS`. The project is not known to Patchbay and stays empty."""
    row = entry.row
    tokens = _tokens(row.usage)
    return (
        timestamp(row.started_us),
        row.id,
        row.client,
        "",
        row.session_id,
        row.provider,
        row.requested_model,
        row.sent_model,
        row.client_status or None,
        _error(row),
        row.streaming,
        tokens.given,
        tokens.output,
        tokens.reasoning,
        tokens.cache_read,
        tokens.cache_write,
        None if row.cost is None else Decimal(row.cost.total_nusd).scaleb(-9),
        "USD",
        "" if row.cost is None else row.cost.source,
        cost_quality(row),
        row.first_token_ms,
        row.duration_ms,
        row.usage.source.value,
        entry.account,
    )


def _error(row: Row) -> str:
    """Kind and words; a row without its end must not pass for a whole answer where no state stands beside it."""
    if row.state is State.INTERRUPTED and not row.error_kind:
        return "interrupted: Patchbay ended while the answer came"
    return ": ".join(part for part in (row.error_kind, row.error) if part)


def timestamp(at_us: int) -> str:
    """ISO 8601 in UTC with microseconds: `2026-05-03T14:00:00.000000Z`; clamped to the years 1 to 9999."""
    try:
        when = _EPOCH + dt.timedelta(microseconds=at_us)
    except OverflowError:
        when = _LAST if at_us > 0 else dt.datetime.min.replace(tzinfo=dt.UTC)
    return when.isoformat(timespec="microseconds").replace("+00:00", "Z")


def cost_quality(row: Row) -> str:
    """How far the cost can be trusted: measured from reported counts, estimated, or unpriced."""
    if row.cost is None:
        return "unpriced"
    reported = row.usage.source is UsageSource.REPORTED or row.usage.reported_cost_nusd is not None
    return "measured" if reported else "estimated"


def _tokens(usage: Usage) -> Tokens:
    if usage.source is UsageSource.NONE:
        return Tokens(None, None, None, None, None)
    return Tokens(
        usage.input_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
    )
