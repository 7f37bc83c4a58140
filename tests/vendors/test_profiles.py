from __future__ import annotations

from app.vendors.profiles import ANTHROPIC, GENERIC, PROFILES


def test_effort_words_are_ordered_from_weak_to_strong():
    order = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    for profile in PROFILES:
        assert list(profile.effort) == sorted(profile.effort, key=order.index), profile.kind


def test_the_generic_profile_sends_nothing_a_plain_server_might_reject():
    assert GENERIC.effort == ()
    assert GENERIC.max_tokens_field == "max_tokens"
    assert not GENERIC.cache_control
    assert GENERIC.pdf == "none"
    assert not GENERIC.user_field


def test_anthropic_takes_its_own_blocks_back():
    assert ANTHROPIC.reasoning_in == "blocks"
    assert ANTHROPIC.cache_control


def test_gemini_wants_its_signatures_back_on_the_tool_calls():
    assert next(profile for profile in PROFILES if profile.kind == "gemini_openai").reasoning_in == "extra_content"
