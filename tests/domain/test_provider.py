from __future__ import annotations

from dataclasses import replace

from app.domain.provider import AuthStyle, DialectName, Profile, Provider, Tier

PROVIDER = Provider(
    "A",
    "openai",
    "https://h/v1",
    DialectName.OPENAI_CHAT,
    AuthStyle.BEARER,
    Profile(),
    big_models=("x", "y"),
    middle_models=("y",),
    small_models=("z",),
    models=("x", "w"),
    big_model="y",
)


def test_every_model_is_listed_once_big_ones_first():
    assert PROVIDER.listed() == ("x", "y", "z", "w")


def test_a_tier_has_its_models_and_the_user_s_choice():
    assert PROVIDER.tier_models(Tier.BIG) == ("x", "y")
    assert PROVIDER.chosen(Tier.BIG) == "y"
    assert PROVIDER.chosen(Tier.SMALL) == ""


def test_a_provider_is_reached_in_each_dialect_that_it_speaks():
    more = replace(PROVIDER, endpoints=((DialectName.ANTHROPIC_MESSAGES, "https://h"),))
    native = more.speaking(DialectName.ANTHROPIC_MESSAGES)
    assert native is not None
    assert (native.dialect, native.base_url, native.name) == (DialectName.ANTHROPIC_MESSAGES, "https://h", "A")
    assert more.speaking(DialectName.OPENAI_CHAT) is more
    assert more.speaking(DialectName.GEMINI) is None
