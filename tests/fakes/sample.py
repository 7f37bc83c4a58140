"""Believable data for the faces: three providers, a working morning of exchanges, and a meter that has seen it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from app.domain.exchange import Attempt, Detail, HourCost, Row, State, StoredSide, Totals
from app.domain.measure import Flight, Latency, Meter
from app.domain.money import Cost
from app.domain.provider import AuthStyle, CredentialState, DialectName, Profile, Tier, Vendor
from app.domain.status import AppStatus, Health, ProviderStatus, ProxyState, TierChoice
from app.domain.usage import Usage

NOW_US = 1_777_816_800_000_000
"""3 May 2026, 14:00 UTC."""
MONOTONIC_S = 50_000.0
"""What the meter's clock says at that moment."""

CLAUDE = ("claude-opus-4-8", "claude-sonnet-4-8", "claude-haiku-4-5")
GPT = ("gpt-5.2", "gpt-5.2-mini", "gpt-5.2-nano")
LOCAL = ("qwen3-coder:30b", "llama3.3:8b", "llama3.3:1b")


def provider(name: str, **values: object) -> ProviderStatus:
    base = ProviderStatus(
        name=name,
        vendor="anthropic",
        vendor_label="Anthropic",
        base_url="https://api.anthropic.com",
        dialect="anthropic_messages",
        active=False,
        health=Health.OK,
        health_text="answered 2 min ago",
        credential=CredentialState.READY,
        credential_source="system keyring",
        models=CLAUDE,
    )
    return replace(base, **values)  # type: ignore[arg-type]


def providers() -> tuple[ProviderStatus, ...]:
    return (
        provider("Anthropic", active=True, env_key="ANTHROPIC_API_KEY"),
        provider(
            "OpenAI work",
            vendor="openai",
            vendor_label="OpenAI",
            base_url="https://api.openai.com/v1",
            dialect="openai_responses",
            health=Health.DEGRADED,
            health_text="the last request failed: 529 overloaded, 4 min ago",
            models=GPT,
            env_key="OPENAI_API_KEY",
            color=1,
        ),
        provider(
            "Ollama",
            vendor="ollama",
            vendor_label="Ollama",
            base_url="http://127.0.0.1:11434/v1",
            dialect="openai_chat",
            health=Health.UNKNOWN,
            health_text="not used yet",
            credential=CredentialState.NOT_NEEDED,
            credential_source="",
            models=LOCAL,
            color=2,
        ),
    )


def tiers() -> tuple[TierChoice, ...]:
    return (
        TierChoice(Tier.BIG, ("claude-opus-4-8", "claude-opus-4-5"), "", as_asked=True, effective=""),
        TierChoice(
            Tier.MIDDLE,
            ("claude-sonnet-4-8", "claude-sonnet-4-5"),
            "claude-sonnet-4-8",
            as_asked=True,
            effective="claude-sonnet-4-8",
        ),
        TierChoice(Tier.SMALL, ("claude-haiku-4-5",), "", as_asked=True, effective=""),
    )


def status(**values: object) -> AppStatus:
    """A program that runs well."""
    base = AppStatus(
        proxy=ProxyState.RUNNING,
        port=8082,
        providers=providers(),
        active="Anthropic",
        tiers=tiers(),
        today=Totals(
            exchanges=412,
            failed=7,
            input_tokens=1_834_221,
            output_tokens=412_903,
            cache_read_tokens=23_410_338,
            cache_write_tokens=1_204_113,
            cost_nusd=18_274_113_500,
            unpriced=0,
        ),
        in_flight=2,
        version="0.1.0",
    )
    return replace(base, **values)  # type: ignore[arg-type]


def empty_status(**values: object) -> AppStatus:
    """The first start: it listens, and there is no provider."""
    return replace(AppStatus(proxy=ProxyState.RUNNING, port=8082, version="0.1.0"), **values)  # type: ignore[arg-type]


def rows(number: int = 400, seed: int = 7, *, now_us: int = NOW_US) -> tuple[Row, ...]:
    """Exchanges of the last hours, newest first."""
    return tuple(_rows(number, random.Random(seed), now_us - 20_000_000))


def _rows(number: int, dice: random.Random, at_us: int) -> Iterator[Row]:
    for place in range(number):
        name, vendor, dialect, models = dice.choices(
            (
                ("Anthropic", "anthropic", "anthropic_messages", CLAUDE),
                ("OpenAI work", "openai", "openai_responses", GPT),
                ("Ollama", "ollama", "openai_chat", LOCAL),
            ),
            (12, 4, 2),
        )[0]
        sent = dice.choices(models, (3, 6, 4))[0]
        state = dice.choices((State.DONE, State.FAILED, State.CANCELLED), (60, 3, 2))[0]
        if place == 0:
            state = State.STARTED
        yield _row(dice, place, at_us, name, vendor, dialect, sent, state)
        at_us -= int(dice.expovariate(1 / 40) * 1_000_000)


def _row(
    dice: random.Random, place: int, at_us: int, name: str, vendor: str, dialect: str, sent: str, state: State
) -> Row:
    done = state is State.DONE
    output = int(dice.lognormvariate(5.6, 1.1)) if state not in (State.STARTED, State.FAILED) else 0
    usage = Usage(
        input_tokens=int(dice.lognormvariate(7, 1)),
        cache_read_tokens=int(dice.lognormvariate(10.5, 0.8)) if vendor == "anthropic" else 0,
        cache_write_5m_tokens=int(dice.lognormvariate(7, 1)) if vendor == "anthropic" else 0,
        output_tokens=output,
    )
    first = int(dice.lognormvariate(6.9, 0.5)) if state is not State.STARTED else None
    parts = (
        usage.input_tokens * 3_000,
        usage.output_tokens * 15_000,
        usage.cache_read_tokens * 300,
        usage.cache_write_tokens * 3_750,
        0,
    )
    priced = vendor != "ollama" and state is not State.STARTED
    return Row(
        id=f"{at_us // 1000:012x}{place:020x}",
        started_us=at_us,
        state=state,
        client=dice.choice(("claude-code", "claude-code", "codex", "openai-python", "curl")),
        client_key="default",
        session_id=f"session-{place // 12}",
        provider=name,
        vendor=vendor,
        requested_model=dice.choice(CLAUDE) if vendor == "anthropic" else sent,
        sent_model=sent,
        client_dialect="anthropic_messages",
        upstream_dialect=dialect,
        streaming=True,
        operation="chat",
        client_status=200 if done else 0 if state is State.STARTED else 529 if state is State.FAILED else 499,
        upstream_status=200 if done else 529,
        error_kind="overloaded" if state is State.FAILED else "",
        error="Overloaded: the provider is at its limit; it asks to try again later" if state is State.FAILED else "",
        stop_reason="end_turn" if done else "",
        usage=usage,
        cost=Cost(*parts, sum(parts), "genai-prices") if priced else None,
        first_token_ms=first if state is not State.FAILED else None,
        duration_ms=first + output * 12 if first is not None else None,
        request_bytes=usage.prompt_tokens * 4,
        reply_bytes=output * 60,
        attempts=2 if state is State.FAILED else 1,
    )


def detail(row: Row) -> Detail:
    """Everything about one of them."""
    request = (
        b'{"model":"claude-opus-4-8","max_tokens":1024,"stream":true,"messages":[{"role":"user","content":"'
        + b"Explain the patch in <app/ui/tasks.py> & why it is needed. " * 4
        + b'"}]}'
    )
    reply = b'event: message_start\ndata: {"type":"message_start"}\n\nevent: message_stop\ndata: {}\n\n'
    headers = (("content-type", "application/json"), ("x-api-key", "…"))
    return Detail(
        row=row,
        client_request=StoredSide("POST /v1/messages", headers, request, len(request), "ab" * 32),
        upstream_request=StoredSide(
            "POST /v1/messages", headers, b"", len(request), "ab" * 32, same_as="client_request"
        ),
        upstream_reply=StoredSide("200 OK", (("content-type", "text/event-stream"),), reply, len(reply), "cd" * 32),
        client_reply=StoredSide("200 OK", (), b"", len(reply), "cd" * 32, same_as="upstream_reply"),
        answer="The patch gives every task an owner, so that nothing runs on for a page that is gone.",
        dropped=(),
        attempts=(Attempt(row.provider, row.sent_model, row.started_us, row.duration_ms or 0, row.upstream_status),),
        timeline=tuple((400 + at * 35, 60 + at % 7) for at in range(120)),
    )


def totals(some: tuple[Row, ...]) -> Totals:
    """The sums over these rows."""
    return Totals(
        exchanges=len(some),
        failed=sum(row.state is State.FAILED for row in some),
        input_tokens=sum(row.usage.input_tokens for row in some),
        output_tokens=sum(row.usage.output_tokens for row in some),
        cache_read_tokens=sum(row.usage.cache_read_tokens for row in some),
        cache_write_tokens=sum(row.usage.cache_write_tokens for row in some),
        cost_nusd=sum(row.cost.total_nusd for row in some if row.cost),
        unpriced=sum(row.cost is None and row.usage.total_tokens > 0 for row in some),
    )


def hours(now_us: int = NOW_US, seed: int = 3) -> tuple[HourCost, ...]:
    """Cost of the last day: an idle night, a busy morning."""
    dice = random.Random(seed)
    hour_us = 3_600_000_000
    last = now_us // hour_us * hour_us
    made = []
    for back in range(24):
        busy = 0.0 if 8 <= back <= 15 else dice.uniform(0.2, 1.0)
        for name, weight in (("Anthropic", 2.4), ("OpenAI work", 0.8), ("Ollama", 0.0)):
            cost = int(busy * weight * dice.uniform(0.4, 1.2) * 1_000_000_000)
            if busy and not (name == "OpenAI work" and back > 18):
                made.append(HourCost(last - back * hour_us, name, cost, int(busy * 20)))
    return tuple(made)


class Traffic:
    """Conversations that come and go, second by second."""

    NAMES = (("Anthropic", CLAUDE[1]), ("Anthropic", CLAUDE[0]), ("OpenAI work", GPT[0]), ("Ollama", LOCAL[0]))

    def __init__(self, meter: Meter, seed: int = 5) -> None:
        self.meter = meter
        self._dice = random.Random(seed)
        self._ends: list[tuple[float, Latency]] = []
        self._quiet_until = 0.0
        self._number = 0

    def second(self, now_s: float) -> None:
        """What happens within one second."""
        for entry in [entry for entry in self._ends if entry[0] <= now_s]:
            self.meter.end(now_s, entry[1])
            self._ends.remove(entry)
        running = list(self.meter.flights.values())
        for flight in running:
            if now_s - flight.started_s > 1:
                self.meter.tokens(now_s, 0, max(0, int(self._dice.gauss(70, 16))))
        if not running and self._dice.random() < 0.08:
            self._quiet_until = now_s + self._dice.uniform(10, 35)
        if now_s > self._quiet_until and self._dice.random() < (0.12 if len(running) < 4 else 0.0):
            self._begin(now_s)

    def _begin(self, now_s: float) -> None:
        self._number += 1
        exchange, (name, model) = f"flight-{self._number:04}", self._dice.choice(self.NAMES)
        first = int(self._dice.lognormvariate(6.8, 0.45))
        total = max(int(self._dice.lognormvariate(9.2, 0.8)), first + 200)
        ok = self._dice.random() > 0.05
        self.meter.begin(now_s, Flight(exchange, name, model, now_s))
        self.meter.tokens(now_s, int(self._dice.lognormvariate(10, 0.6)), 0)
        end_s = now_s + total / 1000
        self._ends.append((end_s, Latency(end_s, exchange, name, first if ok else None, total, ok)))


def meter(now_s: float = MONOTONIC_S, seconds: int = 3_500, seed: int = 5) -> Meter:
    """What the live charts read: an hour of conversations."""
    traffic = Traffic(Meter(), seed)
    for back in range(seconds, 0, -1):
        traffic.second(now_s - back)
    return traffic.meter


def _vendor(name: str, label: str, base_url: str, dialect: DialectName, auth: AuthStyle, **rest: Any) -> Vendor:
    return Vendor(name, label, base_url, dialect, auth, Profile(kind="generic"), **rest)


VENDORS = (
    _vendor(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com",
        DialectName.ANTHROPIC_MESSAGES,
        AuthStyle.X_API_KEY,
        env_key="ANTHROPIC_API_KEY",
        key_prefix="sk-ant-",
        key_url="https://console.anthropic.com/settings/keys",
        hint="Claude, at its maker.",
    ),
    _vendor(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        DialectName.OPENAI_RESPONSES,
        AuthStyle.BEARER,
        env_key="OPENAI_API_KEY",
        key_prefix="sk-",
    ),
    _vendor(
        "ollama",
        "Ollama",
        "http://127.0.0.1:11434/v1",
        DialectName.OPENAI_CHAT,
        AuthStyle.NONE,
        local=True,
        hint="Models on this machine; no key needed.",
    ),
    _vendor("openai-compatible", "OpenAI compatible", "", DialectName.OPENAI_CHAT, AuthStyle.BEARER),
)
