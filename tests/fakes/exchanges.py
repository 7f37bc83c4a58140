"""Exchanges to record, and what the store is told by the rooms it may not import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.domain.exchange import Attempt, ExchangeEnd, ExchangeStart, Filter, Row, Side, Sides, State
from app.domain.money import Price
from app.domain.redact import Redactor
from app.domain.usage import Usage
from app.store.opening import Injected
from app.store.queries.reader import HistoryReader

NOW_US = 1_777_816_800_000_000
"""3 May 2026, 14:00 UTC."""
PRICE = Price(1_000_000_000, 5_000_000_000, 100_000_000, 1_250_000_000, 2_000_000_000, source="test prices")
"""A dollar for a million tokens in, five for a million out."""
USAGE = Usage(input_tokens=1_000, output_tokens=200)
EVERYTHING = Filter()


def rows_of(reader: HistoryReader, wanted: Filter = EVERYTHING) -> list[Row]:
    """Every row, oldest first."""
    return [one.row for one in reader.entries(wanted)]


def exchange_id(number: int) -> str:
    return f"{number:032x}"


def start(number: int = 1, **values: Any) -> ExchangeStart:
    base = ExchangeStart(
        id=exchange_id(number),
        started_us=NOW_US + number,
        client="claude-code",
        client_key="default",
        session_id="session",
        client_dialect="anthropic_messages",
        upstream_dialect="openai_chat",
        provider="Anthropic",
        vendor="anthropic",
        requested_model="opus",
        sent_model="claude-opus-4-8",
        streaming=True,
    )
    return replace(base, **values)


def end(number: int = 1, **values: Any) -> ExchangeEnd:
    base = ExchangeEnd(
        id=exchange_id(number),
        state=State.DONE,
        ended_us=NOW_US + number + 1_500_000,
        duration_ms=1_500,
        client_status=200,
        upstream_status=200,
        first_byte_ms=100,
        first_token_ms=210,
        usage=USAGE,
        stop_reason="end_turn",
        request_bytes=100,
        reply_bytes=200,
        attempts=(Attempt("Anthropic", "claude-opus-4-8", NOW_US + number, 1_400, 200),),
    )
    return replace(base, **values)


def sides(request: bytes = b"", reply: bytes = b"") -> Sides:
    """A pass-through: both requests are the same object, and both replies."""
    asked = Side((("content-type", "application/json"),), (request,), "POST /v1/messages")
    answered = Side((("content-type", "text/event-stream"),), (reply,), "200 OK")
    return Sides(asked, asked, answered, answered)


def split(_dialect: str, body: bytes) -> Sequence[bytes]:
    """Pieces end behind a bar."""
    return [piece for piece in body.replace(b"|", b"|\0").split(b"\0") if piece] or [body]


def texts(_dialect: str, piece: bytes) -> Sequence[str]:
    return (piece.decode("utf-8", "replace"),)


def price(_vendor: str, model: str, _at_us: int, _prompt_tokens: int, _provider: str = "") -> Price | None:
    return None if model == "unheard-of" else PRICE


def injected(**values: Any) -> Injected:
    redactor = Redactor()
    base = Injected(
        split=split, texts=texts, price=price, redactor=lambda: redactor, boot="this run", now_us=lambda: NOW_US
    )
    return replace(base, **values)
