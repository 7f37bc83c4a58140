from __future__ import annotations

import pytest

from app.dialects.anthropic_messages.families import COMPATIBLE, ThinkingStyle, family_of


@pytest.mark.parametrize(
    ("model", "thinking", "sampling", "output_format", "prefill", "inline", "tokens"),
    [
        ("claude-3-haiku-20240307", ThinkingStyle.NONE, True, False, True, False, 4_096),
        ("claude-3-5-sonnet-20241022", ThinkingStyle.NONE, True, False, True, False, 8_192),
        ("claude-3-7-sonnet-latest", ThinkingStyle.BUDGET, True, False, True, False, 64_000),
        ("claude-opus-4-20250514", ThinkingStyle.BUDGET, True, False, True, False, 32_000),
        ("claude-sonnet-4-20250514", ThinkingStyle.BUDGET, True, False, True, False, 64_000),
        ("claude-opus-4-1-20250805", ThinkingStyle.BUDGET, True, False, True, False, 32_000),
        ("claude-haiku-4-5-20251001", ThinkingStyle.BUDGET, True, True, True, False, 64_000),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", ThinkingStyle.BUDGET, True, True, True, False, 64_000),
        ("anthropic/claude-opus-4.6", ThinkingStyle.ADAPTIVE, True, True, False, False, 128_000),
        ("claude-opus-4-7", ThinkingStyle.ADAPTIVE, False, True, False, False, 128_000),
        ("claude-opus-4-8", ThinkingStyle.ADAPTIVE, False, True, False, True, 128_000),
        ("claude-sonnet-5", ThinkingStyle.ADAPTIVE, False, True, False, True, 128_000),
        ("Claude-Haiku-5-5", ThinkingStyle.ADAPTIVE, False, True, False, True, 128_000),
        ("claude-fable-5", ThinkingStyle.ALWAYS, False, True, False, True, 128_000),
    ],
)
def test_a_generation_is_told_by_its_name(
    model: str, thinking: ThinkingStyle, sampling: bool, output_format: bool, prefill: bool, inline: bool, tokens: int
) -> None:
    family = family_of(model)
    assert family.thinking is thinking
    assert (family.sampling, family.output_format, family.prefill) == (sampling, output_format, prefill)
    assert (family.inline_system, family.max_output_tokens) == (inline, tokens)


@pytest.mark.parametrize("model", ["glm-4.6", "kimi-k2", "deepseek-chat", "", "claude", "claude-next"])
def test_any_other_name_gets_what_compatible_servers_share(model: str) -> None:
    assert family_of(model) is COMPATIBLE


def test_the_newest_take_every_effort() -> None:
    assert family_of("claude-opus-4-8").effort == ("low", "medium", "high", "xhigh", "max")
    assert "xhigh" not in family_of("claude-opus-4-6").effort
    assert family_of("claude-opus-4-5").effort == ()
