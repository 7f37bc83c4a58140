"""An exchange as columns: what the writer stores and what a reader makes of it.

Everything is made fit for SQLite here, at the boundary: lone surrogates and NUL become U+FFFD, texts are cut, numbers
are clamped to 64 bits. SQLite would refuse the first and the last, and one bad value must not lose a row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.domain.exchange import ExchangeEnd, ExchangeStart, Move, Row, State
from app.domain.money import Cost
from app.domain.redact import Redactor
from app.domain.usage import NO_USAGE, Usage, UsageSource

USAGE = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "web_searches",
    "usage_source",
    "reported_cost_nusd",
)
"""As the fields of `Usage`, in their order."""
COST = (
    "input_nusd",
    "output_nusd",
    "cache_read_nusd",
    "cache_write_nusd",
    "web_search_nusd",
    "total_nusd",
    "price_source",
)
"""As the fields of `Cost`, in their order."""
START = (
    "seq",
    "boot",
    "state",
    "id",
    "started_us",
    "streaming",
    "client",
    "client_key",
    "session_id",
    "client_dialect",
    "upstream_dialect",
    "provider",
    "vendor",
    "requested_model",
    "sent_model",
    "operation",
)
END = (
    "state",
    "ended_us",
    "duration_ms",
    "client_status",
    "upstream_status",
    "first_byte_ms",
    "first_token_ms",
    "stop_reason",
    "error_kind",
    "error",
    "request_bytes",
    "reply_bytes",
    "attempts",
    *USAGE,
    *COST,
)
ROW = (
    "id",
    "started_us",
    "state",
    "client",
    "client_key",
    "session_id",
    "provider",
    "vendor",
    "requested_model",
    "sent_model",
    "client_dialect",
    "upstream_dialect",
    "streaming",
    "operation",
    "client_status",
    "upstream_status",
    "error_kind",
    "error",
    "stop_reason",
    "first_token_ms",
    "duration_ms",
    "request_bytes",
    "reply_bytes",
    "attempts",
    *USAGE,
    *COST,
)
_USAGE_AT = len(ROW) - len(USAGE) - len(COST)
_COST_AT = len(ROW) - len(COST)

INSERT_START = f"INSERT INTO exchange ({', '.join(START)}) VALUES ({', '.join('?' * len(START))})"  # noqa: S608
UPDATE_PROGRESS = (
    f"UPDATE exchange SET {', '.join(f'{name} = ?' for name in USAGE)} WHERE seq = ? AND state = 'started'"  # noqa: S608
)
UPDATE_END = f"UPDATE exchange SET {', '.join(f'{name} = ?' for name in END)} WHERE seq = ? AND state = 'started'"  # noqa: S608
UPDATE_MOVED = (
    "UPDATE exchange SET upstream_dialect = ?, provider = ?, vendor = ?, sent_model = ?, attempts = ? "
    "WHERE seq = ? AND state = 'started'"
)
UPDATE_LATE_USAGE = (
    f"UPDATE exchange SET {', '.join(f'{name} = ?' for name in USAGE + COST)} "  # noqa: S608
    "WHERE id = ? AND state <> 'started' AND usage_source = 'none'"
)

Names = tuple[str, ...]

_MAX_INT = 2**63 - 1
_MAX_NAME = 512
_MAX_ERROR = 4_000
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_NO_USAGE = (*(None,) * 7, UsageSource.NONE.value, None)
_NO_COST = (*(None,) * 6, "")


def clean(text: str, limit: int = _MAX_NAME) -> str:
    """The text as SQLite can store it, at most `limit` characters."""
    if len(text) > limit:
        text = text[:limit]
    return text if text.isascii() and "\0" not in text else _UNFIT.sub("\ufffd", text)


def int64(value: int) -> int:
    """The number, clamped to what SQLite can store."""
    return value if -_MAX_INT <= value <= _MAX_INT else _MAX_INT if value > 0 else -_MAX_INT


def _optional(value: int | None) -> int | None:
    return None if value is None else int64(value)


def names_of(start: ExchangeStart) -> Names:
    """The texts of a start, in the order of the columns."""
    return (
        start.client,
        start.client_key,
        start.session_id,
        start.client_dialect,
        start.upstream_dialect,
        start.provider,
        start.vendor,
        start.requested_model,
        start.sent_model,
        start.operation,
    )


def fit_names(names: Names, redactor: Redactor) -> Names:
    """The texts as they are stored: made fit, and masked should a key have been pasted where a name belongs."""
    fit = tuple(map(clean, names))
    joined = "\n".join(fit)
    return fit if redactor.text(joined) == joined else tuple(map(redactor.text, fit))


def moved(start: ExchangeStart, end: ExchangeEnd | Move) -> ExchangeStart:
    """The start as it would have been, had it been known who answers in the end; the same object where it was."""
    if not (end.upstream_dialect or end.provider):
        return start
    start = replace(start, upstream_dialect=end.upstream_dialect or start.upstream_dialect)
    return (
        replace(start, provider=end.provider, vendor=end.vendor, sent_model=end.sent_model) if end.provider else start
    )


def moved_values(start: ExchangeStart, attempts: int, seq: int, redactor: Redactor) -> tuple[Any, ...]:
    """The parameters of `UPDATE_MOVED`."""
    names = fit_names((start.upstream_dialect, start.provider, start.vendor, start.sent_model), redactor)
    return (*names, attempts, seq)


def start_values(start: ExchangeStart, seq: int, boot: str, names: Names) -> tuple[Any, ...]:
    """The parameters of `INSERT_START`; `names` are those of `fit_names`."""
    head = (seq, boot, State.STARTED.value, clean(start.id), int64(start.started_us), int(start.streaming))
    return head + names


def end_values(seq: int, end: ExchangeEnd, usage: Usage, cost: Cost | None, redactor: Redactor) -> tuple[Any, ...]:
    """The parameters of `UPDATE_END`."""
    return (
        end.state.value,
        int64(end.ended_us),
        int64(end.duration_ms),
        int64(end.client_status),
        int64(end.upstream_status),
        _optional(end.first_byte_ms),
        _optional(end.first_token_ms),
        clean(end.stop_reason),
        clean(end.error_kind),
        _error(end.error, redactor) if end.error else "",
        int64(end.request_bytes),
        int64(end.reply_bytes),
        len(end.attempts),
        *usage_values(usage),
        *cost_values(cost),
        seq,
    )


def _error(text: str, redactor: Redactor) -> str:
    """Masked before it is cut: half a key has no shape."""
    return clean(redactor.text(clean(text, len(text))), _MAX_ERROR)


def usage_values(usage: Usage) -> tuple[Any, ...]:
    """The `USAGE` columns; NULL where nothing is known."""
    if usage.source is UsageSource.NONE:
        return _NO_USAGE
    return (
        int64(usage.input_tokens),
        int64(usage.cache_read_tokens),
        int64(usage.cache_write_5m_tokens),
        int64(usage.cache_write_1h_tokens),
        int64(usage.output_tokens),
        int64(usage.reasoning_tokens),
        int64(usage.web_searches),
        usage.source.value,
        _optional(usage.reported_cost_nusd),
    )


def cost_values(cost: Cost | None) -> tuple[Any, ...]:
    """The `COST` columns; NULL where unpriced."""
    if cost is None:
        return _NO_COST
    return (
        int64(cost.input_nusd),
        int64(cost.output_nusd),
        int64(cost.cache_read_nusd),
        int64(cost.cache_write_nusd),
        int64(cost.web_search_nusd),
        int64(cost.total_nusd),
        clean(cost.source),
    )


def row_of(values: Sequence[Any]) -> Row:
    """The `Row` of the `ROW` columns."""
    return Row(
        id=values[0],
        started_us=values[1],
        state=State(values[2]),
        client=values[3],
        client_key=values[4],
        session_id=values[5],
        provider=values[6],
        vendor=values[7],
        requested_model=values[8],
        sent_model=values[9],
        client_dialect=values[10],
        upstream_dialect=values[11],
        streaming=bool(values[12]),
        operation=values[13],
        client_status=values[14],
        upstream_status=values[15],
        error_kind=values[16],
        error=values[17],
        stop_reason=values[18],
        first_token_ms=values[19],
        duration_ms=values[20],
        request_bytes=values[21],
        reply_bytes=values[22],
        attempts=values[23],
        usage=usage_of(values[_USAGE_AT:_COST_AT]),
        cost=cost_of_columns(values[_COST_AT:]),
    )


def usage_of(values: Sequence[Any]) -> Usage:
    """The `Usage` of the `USAGE` columns."""
    if values[0] is None:
        return NO_USAGE
    given, read, write_5m, write_1h, output, reasoning, searches, source, reported = values
    return Usage(given, read, write_5m, write_1h, output, reasoning, searches, UsageSource(source), reported)


def cost_of_columns(values: Sequence[Any]) -> Cost | None:
    """The `Cost` of the `COST` columns."""
    given, output, read, write, searches, total, source = values
    return None if total is None else Cost(given, output, read, write, searches, total, source)
