"""The columns of the history: for each its header with the unit, its text, its exact value and what is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from app.domain.exchange import Row, State
from app.domain.usage import UsageSource
from app.ui import formats

_line = lru_cache(maxsize=1024)(formats.one_line)
"""The same few names are drawn again and again."""
_REFUSED = 400
"""From here on a status tells of a failure."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; every function takes a row, `text` also the time it is now (UTC microseconds).

    `text` is drawn as it is, so what came from outside goes through `formats.one_line`.
    """

    key: str
    """For the saved layout."""
    title: str
    width: int
    """Pixels at first sight."""
    text: Callable[[Row, int], str]
    exact: Callable[[Row], str]
    """For the tooltip."""
    copied: Callable[[Row], str]
    """For the clipboard: exact and without a unit, as the header bears it."""
    numeric: bool = False


def state_word(row: Row) -> str:
    """How an exchange stands, in one word or two."""
    if row.state is State.STARTED:
        return "running"
    if row.state is State.FAILED and row.client_status >= _REFUSED:  # an answer that broke off began with 200
        return f"failed {row.client_status}"
    return str(row.state)


def status_words(row: Row) -> str:
    """The whole story of the status, for the tooltip and the detail."""
    if row.state is State.STARTED:
        return "Still running"
    if row.state is State.DONE:
        return f"Done, {row.client_status}" + (f": {row.stop_reason}" if row.stop_reason else "")
    if row.state is State.CANCELLED:
        return "Cancelled: the client went away before the answer was complete"
    if row.state is State.INTERRUPTED:
        return "Interrupted: Patchbay ended while it ran; the answer is not complete"
    status = f" ({row.client_status})" if row.client_status >= _REFUSED else ""
    return f"Failed{status}: {row.error or row.error_kind or 'no reason given'}"


def models(row: Row) -> str:
    """The requested model, and the sent one where it differs."""
    if row.sent_model and row.sent_model != row.requested_model:
        return f"{row.requested_model} → {row.sent_model}"
    return row.requested_model


def estimated(row: Row) -> bool:
    """Whether the token counts, and with them the cost, are estimates."""
    return row.usage.source is UsageSource.ESTIMATED


def _input(row: Row, _now_us: int) -> str:
    return _tokens(row, row.usage.prompt_tokens)


def _output(row: Row, _now_us: int) -> str:
    return _tokens(row, row.usage.output_tokens)


def _tokens(row: Row, number: int) -> str:
    if row.state is State.STARTED and not number:
        return formats.DASH
    if row.usage.source in (UsageSource.NONE, UsageSource.INVALID):
        return formats.DASH
    return f"≈{formats.NBSP}{formats.tokens(number)}" if estimated(row) else formats.tokens(number)


def _exact_input(row: Row) -> str:
    usage = row.usage
    if usage.source is UsageSource.NONE:
        return "No token counts known"
    lines = [f"{formats.exact_tokens(usage.prompt_tokens)} in"]
    if usage.cache_read_tokens or usage.cache_write_tokens:
        lines.append(f"{formats.count(usage.input_tokens)} new")
        lines.append(f"{formats.count(usage.cache_read_tokens)} read from the cache")
        lines.append(f"{formats.count(usage.cache_write_tokens)} written to the cache")
    return "\n".join((*lines, *_quality(row)))


def _exact_output(row: Row) -> str:
    usage = row.usage
    if usage.source is UsageSource.NONE:
        return "No token counts known"
    lines = [f"{formats.exact_tokens(usage.output_tokens)} out"]
    if usage.reasoning_tokens:
        lines.append(f"{formats.count(usage.reasoning_tokens)} of them thinking")
    return "\n".join((*lines, *_quality(row)))


def _quality(row: Row) -> tuple[str, ...]:
    if estimated(row):
        return ("Estimated: the provider reported no counts",)
    if row.usage.source is UsageSource.INVALID:
        return ("The provider reported impossible counts; those are left out",)
    return ()


def cost_text(row: Row) -> str:
    """The cost of a row; "unpriced" where the price is unknown, a dash where there was nothing to pay for."""
    if row.cost is None:
        unpriced = row.usage.total_tokens and row.state is not State.STARTED
        return formats.UNPRICED if unpriced else formats.DASH
    return formats.money(row.cost.total_nusd, estimate=estimated(row))


def _exact_cost(row: Row) -> str:
    if row.cost is None:
        return "No price is known for this model" if row.usage.total_tokens else "Nothing was used"
    source = f"\nPrice: {row.cost.source}" if row.cost.source else ""
    return f"{formats.exact_money(row.cost.total_nusd)}{source}" + "".join(f"\n{line}" for line in _quality(row))


def _seconds(milliseconds: int | None) -> str:
    """Seconds with two decimals, so that the points of a column stand below each other."""
    if milliseconds is None:
        return formats.DASH
    return f"{milliseconds / 1000:,.2f}" if milliseconds >= 5 else f"<{formats.NBSP}0.01"


def _copied_seconds(milliseconds: int | None) -> str:
    """To the millisecond, in the header's unit."""
    return "" if milliseconds is None else f"{milliseconds / 1000:.3f}".rstrip("0").removesuffix(".")


def _exact_models(row: Row) -> str:
    return f"Requested: {row.requested_model}\nSent: {row.sent_model or 'nothing yet'}"


def _copied_cost(row: Row) -> str:
    return "" if row.cost is None else formats.exact_money(row.cost.total_nusd).removeprefix("$").replace(",", "")


def _copied_tokens(row: Row, number: int) -> str:
    return "" if row.usage.source is UsageSource.NONE else str(number)


def _exact_status(row: Row) -> str:
    tried = f"\n{row.attempts} attempts" if row.attempts > 1 else ""
    return formats.one_line(status_words(row)) + tried


COLUMNS = (
    Column(
        "time",
        "Time",
        128,
        lambda row, now_us: formats.relative(row.started_us, now_us),
        lambda row: formats.exact_time(row.started_us),
        lambda row: formats.exact_time(row.started_us),
    ),
    Column("status", "Status", 116, lambda row, _: state_word(row), _exact_status, state_word),
    Column(
        "client",
        "Client",
        112,
        lambda row, _: _line(row.client),
        lambda row: f"{row.client}\nKey: {row.client_key}",
        lambda row: row.client,
    ),
    Column(
        "provider",
        "Provider",
        120,
        lambda row, _: _line(row.provider),
        lambda row: f"{row.provider} ({row.vendor})",
        lambda row: row.provider,
    ),
    Column("model", "Model", 160, lambda row, _: _line(models(row)), _exact_models, models),
    Column(
        "input",
        "In (tokens)",
        84,
        _input,
        _exact_input,
        lambda row: _copied_tokens(row, row.usage.prompt_tokens),
        numeric=True,
    ),
    Column(
        "output",
        "Out (tokens)",
        92,
        _output,
        _exact_output,
        lambda row: _copied_tokens(row, row.usage.output_tokens),
        numeric=True,
    ),
    Column("cost", "Cost", 92, lambda row, _: cost_text(row), _exact_cost, _copied_cost, numeric=True),
    Column(
        "first_token",
        "First token (s)",
        104,
        lambda row, _: _seconds(row.first_token_ms),
        lambda row: f"First token after {formats.exact_duration(row.first_token_ms)}",
        lambda row: _copied_seconds(row.first_token_ms),
        numeric=True,
    ),
    Column(
        "total",
        "Total (s)",
        80,
        lambda row, _: _seconds(row.duration_ms),
        lambda row: f"{formats.exact_duration(row.duration_ms)} in all",
        lambda row: _copied_seconds(row.duration_ms),
        numeric=True,
    ),
)


def as_tsv(rows: list[Row], *, header: bool = False) -> str:
    """Rows for the clipboard: tab-separated, exact values, no tab or line feed inside a cell."""
    lines = ["\t".join(column.title for column in COLUMNS)] if header else []
    lines += ["\t".join(" ".join(column.copied(row).split()) for column in COLUMNS) for row in rows]
    return "\n".join(lines)
