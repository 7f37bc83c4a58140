"""Windows are what the user says, what the preset says, or what a refusal named."""

from __future__ import annotations

import pytest

from app.domain.provider import Profile
from app.domain.routing import ModelWindow
from app.proxy.fleet.windows import Windows, told
from tests.proxy.fleet.parts import provider

REFUSALS = {
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 140012 tokens.": 128_000,
    "This endpoint's maximum context length is 131,072 tokens. However, you requested about 200000 tokens": 131_072,
    "prompt is too long: 210000 tokens > 200000 maximum": 200_000,
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).": 1_048_576,
    "The request exceeds the available context size (4096 tokens), try increasing it": 4_096,
    "Trying to keep the first 5000 tokens when context length is only 4096": 4_096,
    "Your input exceeds the context window of this model. Please adjust your input and try again.": 0,
    "input length and `max_tokens` exceed context limit": 0,
    "context window: 7": 0,
    "": 0,
}


@pytest.mark.parametrize("said", REFUSALS)
def test_the_number_in_a_refusal_is_read(said):
    assert told(said) == REFUSALS[said]


def test_the_users_word_goes_before_the_presets_and_the_first_pattern_counts():
    one = provider("A", profile=Profile(context_tokens=1_000_000), context=(("glm-5*", 200_000), ("*", 50_000)))
    windows = Windows()
    assert windows.tokens(one, "glm-5-air") == 200_000
    assert windows.tokens(one, "other") == 50_000
    assert windows.tokens(provider("B", profile=Profile(context_tokens=7_000)), "x") == 7_000
    assert windows.tokens(provider("C"), "x") == 0


def test_a_refusal_is_remembered_for_that_model_until_the_provider_changes():
    one, windows = provider("A", context=(("big", 500_000),)), Windows()
    windows.refused(one, "small", "maximum context length is 8192 tokens")
    windows.refused(one, "big", "maximum context length is 262144 tokens")
    windows.refused(one, "other", "too long")
    assert [windows.tokens(one, model) for model in ("small", "big", "other")] == [8_192, 262_144, 0]
    assert windows.learned == (ModelWindow("A", "small", 8_192), ModelWindow("A", "big", 262_144))
    assert Windows(windows.learned).tokens(one, "small") == 8_192
    windows.forget("A")
    assert [windows.tokens(one, model) for model in ("small", "big")] == [0, 500_000]
