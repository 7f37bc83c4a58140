from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.client_key import ClientKey, KeyPolicy
from app.ui import key_words
from app.ui.formats import NBSP
from tests.fakes.sample import NOW_US

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
EVIL = "a\u202eb\n<img src=x>"


def key(ends_us=0, **policy):
    return ClientKey("id", "laptop", policy=KeyPolicy(**policy), ends_us=ends_us, created_us=NOW_US - DAY_US)


@pytest.mark.parametrize(
    ("one", "text", "role"),
    [
        (key(), "active", "ok"),
        (key(enabled=False, expires_us=NOW_US - 1), "disabled", "muted"),
        (key(expires_us=NOW_US), "expired", "error"),
        (key(expires_us=NOW_US + 12 * DAY_US), "expires in 12 days", "text"),
        (key(expires_us=NOW_US + 3 * DAY_US), "expires in 3 days", "warning"),
        (key(expires_us=NOW_US + 30 * HOUR_US), "expires in 30 h", "warning"),
        (key(expires_us=NOW_US + 1), "expires in less than a minute", "warning"),
        (key(ends_us=NOW_US + 3 * HOUR_US), "old text ends in 3 h", "accent"),
        (key(ends_us=NOW_US - 1), "active", "ok"),
        (replace(key(expires_us=NOW_US + 1), expired=True), "expired", "error"),  # the clock has gone back
    ],
)
def test_how_a_key_stands(one, text, role):
    state = key_words.state(one, NOW_US)
    assert (state.text.replace(NBSP, " "), state.role) == (text, role)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (86_400 * 12 - 5, "12 days"),
        (86_400 * 2 - 5, "2 days"),
        (86_400 - 5, "24 h"),
        (3 * 3_600 + 60, "3 h"),
        (3_600 - 5, "1 h"),
        (3_000, "50 min"),
        (60, "1 min"),
        (59, "less than a minute"),
        (-5, "less than a minute"),
    ],
)
def test_a_time_to_come(seconds, said):
    assert key_words.span(seconds * 1_000_000).replace(NBSP, " ") == said


def test_a_tooltip_has_the_moments():
    said = key_words.exact_state(key(ends_us=NOW_US + HOUR_US, expires_us=NOW_US + DAY_US), NOW_US)
    assert said.startswith("Old text ends in 1")
    assert "Expires 4" in said
    assert "the old text opens until 3" in said
    assert "Created 2" in said


def test_limits_in_short():
    assert key_words.short_limits(KeyPolicy()) == "no limits"
    policy = KeyPolicy(
        models=("claude-*",),
        networks=("10.0.0.0/8", "::1", "192.168.1.0/24"),
        clients=("codex", "claude-code"),
        dialects=("gemini",),
        requests_per_minute=1_200,
        tokens_per_minute=100_000,
        concurrent=2,
    )
    assert key_words.short_limits(policy).replace(NBSP, " ") == (
        "1,200/min · 100 k tokens/min · 2 at once · claude-* only · codex, claude-code only · Gemini only · "
        "from 3 networks"
    )


def test_limits_in_a_sentence():
    assert key_words.sentence(KeyPolicy()) == "May use every model."
    policy = KeyPolicy(models=("claude-*",), networks=("192.168.1.0/24",), requests_per_minute=60)
    assert key_words.sentence(policy) == "May use claude-* from 192.168.1.0/24, at most 60 requests a minute."
    policy = KeyPolicy(
        enabled=False,
        models=("a", "b", "c"),
        clients=("codex", "curl"),
        dialects=("openai_chat", "gemini"),
        requests_per_minute=1,
        tokens_per_minute=5_000,
        concurrent=1,
        expires_us=NOW_US,
    )
    said = key_words.sentence(policy).replace(NBSP, " ")
    assert said.startswith(
        "May use a, b and c with codex or curl in OpenAI Chat or Gemini, at most 1 request a minute, "
        "5,000 tokens a minute and 1 request at once, until 3 May 2026, "
    )
    assert said.endswith("It is disabled: it opens nothing until it is enabled again.")


def test_long_lists_are_counted():
    said = key_words.sentence(KeyPolicy(models=tuple(f"m{n}" for n in range(30))))
    assert said == "May use m0, m1, m2, m3, m4, m5, m6, m7 and 22 more."
    assert "30 models only" in key_words.short_limits(KeyPolicy(models=tuple(f"m{n}" for n in range(30))))


def test_foreign_text_is_one_visible_line():
    for said in (
        key_words.sentence(KeyPolicy(models=(EVIL,), clients=(EVIL,), networks=(EVIL,), dialects=(EVIL,))),
        key_words.short_limits(KeyPolicy(models=(EVIL,))),
        key_words.tags((EVIL, EVIL)),
    ):
        assert "\u202e" not in said
        assert "\n" not in said
        assert "<img src=x>" in said


def test_times_beyond_the_calendar_do_no_harm():
    assert key_words.moment(10**30) == "at an unknown time"
    assert key_words.last_used(10**30, NOW_US) == "–"
    assert "unknown time" in key_words.exact_state(key(expires_us=10**30), NOW_US)


def test_last_use():
    assert key_words.last_used(0, NOW_US) == "never"
    assert key_words.last_used(NOW_US - 120_000_000, NOW_US).replace(NBSP, " ") == "2 min ago"
