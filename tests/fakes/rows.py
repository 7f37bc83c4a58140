"""One line of the history, with the values that do not matter to a test filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.exchange import Entry, Row, State
from app.domain.money import Cost
from app.domain.routing import Weighed
from app.domain.usage import Usage, UsageSource

ROW = Row(
    id="0192f0a1b2c3d4e5f60718293a4b5c6d",
    started_us=1_777_816_800_000_001,
    state=State.DONE,
    client="claude-code",
    client_key="default",
    session_id="session-1",
    provider="Anthropic",
    vendor="anthropic",
    requested_model="opus",
    sent_model="claude-opus-4-8",
    client_dialect="anthropic_messages",
    upstream_dialect="anthropic_messages",
    streaming=True,
    operation="chat",
    client_status=200,
    upstream_status=200,
    error_kind="",
    error="",
    stop_reason="end_turn",
    usage=Usage(10, 200, 30, 4, 50, 6, source=UsageSource.REPORTED),
    cost=Cost(1, 2, 3, 4, 0, 1_234_000, "genai-prices 0.2.3: anthropic/claude-opus-4-8"),
    first_token_ms=210,
    duration_ms=1_500,
    request_bytes=1_000,
    reply_bytes=2_000,
    attempts=1,
)


def row(**values: Any) -> Row:
    return replace(ROW, **values)


ENTRY = Entry(ROW)


def entry(*trace: Weighed, account: str = "", **values: Any) -> Entry:
    """The same as an export gets it."""
    return Entry(row(**values), account, trace)
