from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import State
from app.domain.money import Cost
from app.domain.usage import NO_USAGE, UsageSource
from app.export.columns import COLUMNS, cost_quality, timestamp, values
from tests.fakes.rows import ENTRY, ROW, entry, row


def named(one):
    return dict(zip(COLUMNS, values(one), strict=True))


def test_a_row_in_columns():
    assert named(ENTRY) == {
        "timestamp": "2026-05-03T14:00:00.000001Z",
        "request_id": ROW.id,
        "client": "claude-code",
        "project": "",
        "session_id": "session-1",
        "provider": "Anthropic",
        "requested_model": "opus",
        "actual_model": "claude-opus-4-8",
        "status_code": 200,
        "error": "",
        "streaming": True,
        "input_tokens": 10,
        "output_tokens": 50,
        "reasoning_tokens": 6,
        "cache_read_tokens": 200,
        "cache_write_tokens": 34,
        "cost": Decimal("0.001234000"),
        "currency": "USD",
        "price_source": "genai-prices 0.2.3: anthropic/claude-opus-4-8",
        "cost_quality": "measured",
        "ttft_ms": 210,
        "duration_ms": 1500,
        "usage_source": "reported",
        "account": "",
    }


def test_what_never_got_an_answer_says_so_and_has_no_status():
    found = named(entry(state=State.INTERRUPTED, client_status=0))
    assert (found["status_code"], found["error"]) == (None, "interrupted: Patchbay ended while the answer came")
    found = named(entry(state=State.STARTED, client_status=0))
    assert (found["status_code"], found["error"]) == (None, "")


def test_an_unknown_number_is_empty_and_never_zero():
    found = named(entry(usage=NO_USAGE, cost=None, first_token_ms=None, duration_ms=None))
    unknown = ("input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "cache_write_tokens")
    assert {name: found[name] for name in (*unknown, "cost", "ttft_ms", "duration_ms")} == dict.fromkeys(
        (*unknown, "cost", "ttft_ms", "duration_ms")
    )
    assert found["cost_quality"] == "unpriced"


@pytest.mark.parametrize(
    ("source", "reported_nusd", "quality"),
    [
        (UsageSource.REPORTED, None, "measured"),
        (UsageSource.ESTIMATED, None, "estimated"),
        (UsageSource.INVALID, None, "estimated"),
        (UsageSource.ESTIMATED, 5, "measured"),
    ],
)
def test_the_quality_of_a_cost_is_that_of_its_counts(source, reported_nusd, quality):
    usage = replace(ROW.usage, source=source, reported_cost_nusd=reported_nusd)
    assert cost_quality(row(usage=usage)) == quality


def test_an_error_has_its_kind_and_its_words():
    assert named(entry(error_kind="rate_limited", error="slow down"))["error"] == "rate_limited: slow down"
    assert named(entry(error_kind="busy"))["error"] == "busy"


@given(st.integers(min_value=0, max_value=2**62))
def test_money_is_exact_to_the_nano_dollar(nusd):
    cost = named(entry(cost=Cost(0, 0, 0, 0, 0, nusd, "")))["cost"]
    assert cost * 1_000_000_000 == nusd
    assert format(cost, "f").partition(".")[2] == f"{nusd % 10**9:09d}"


@pytest.mark.parametrize(
    ("at_us", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_709_210_096_123_456, "2024-02-29T12:34:56.123456Z"),
        (1_774_746_000_000_000, "2026-03-29T01:00:00.000000Z"),
        (2**63 - 1, "9999-12-31T23:59:59.999999Z"),
        (-(2**63), "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_time_is_utc_whatever_the_clocks_of_people_do(at_us, text, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert timestamp(at_us) == text
