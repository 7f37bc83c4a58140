from __future__ import annotations

import json

import pytest

from app.domain.client_key import KeyPolicy
from app.store.key_columns import CLOSED, policy_text, read_policy, read_tags, tags_text

NARROW = KeyPolicy(
    models=("claude-*",),
    dialects=("gemini", "openai_chat"),
    clients=("curl",),
    networks=("10.0.0.0/8",),
    requests_per_minute=5,
    tokens_per_minute=60_000,
    concurrent=2,
    expires_us=7,
)


@pytest.mark.parametrize("policy", [KeyPolicy(), CLOSED, NARROW])
def test_a_policy_comes_back_as_it_was(policy):
    assert read_policy(policy_text(policy), policy.expires_us) == policy


def test_what_does_not_narrow_is_not_written():
    assert json.loads(policy_text(KeyPolicy())) == {"enabled": True}
    assert "expires_us" not in policy_text(NARROW)


@pytest.mark.parametrize(
    "text",
    [
        *("", "no json", "[]", "null", "7", "[" * 100_000),
        *('{"models": "claude-*"}', '{"models": [1]}', '{"models": {"a": 1}}', '{"networks": null}'),
        *('{"concurrent": "2"}', '{"concurrent": -1}', '{"concurrent": true}', '{"tokens_per_minute": 1.5}'),
        *('{"enabled": 1}', '{"countries": ["NL"]}', '{"expires_us": 5}'),
    ],
)
def test_a_policy_that_cannot_be_understood_opens_nothing(text):
    assert read_policy(text, 0) is CLOSED


def test_tags_come_back_as_they_were():
    assert read_tags(tags_text(("work", "=cmd()", "\u202e"))) == ("work", "=cmd()", "\u202e")
    assert read_tags("{") == read_tags('"work"') == read_tags("[1]") == ()
