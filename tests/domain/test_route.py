from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import AuthStyle, DialectName, Profile, Provider, Tier
from app.domain.route import CLAUDE_NAMES, choose, default_model, tier_of


def provider(name, **fields):
    return Provider(
        name=name,
        vendor="openai-compatible",
        base_url="http://127.0.0.1:1/v1",
        dialect=DialectName.OPENAI_CHAT,
        auth=AuthStyle.BEARER,
        profile=Profile(),
        **fields,
    )


A = provider("A", big_models=("a-big", "a-huge"), middle_models=("a-mid",), small_models=("a-small",))
B = provider("B", big_models=("b-big",))
NATIVE = provider("N", native_prefixes=("claude",), big_models=("claude-opus-4-8",), small_models=("claude-haiku-4-5",))
EMPTY = provider("E")


@pytest.mark.parametrize(
    ("model", "tier"),
    [
        ("claude-opus-4-8", Tier.BIG),
        ("claude-sonnet-5", Tier.MIDDLE),
        ("claude-haiku-4-5-20251001", Tier.SMALL),
        ("gpt-5-mini", Tier.SMALL),
        ("gpt-5-pro", Tier.BIG),
        ("gemini-3.5-flash-lite", Tier.SMALL),
        ("claude-fable-5", Tier.BIG),
        ("gemini-2.5-pro", Tier.BIG),
        ("whatever", Tier.MIDDLE),
        ("GPT-5-NANO", Tier.SMALL),
        ("minimax-m2", Tier.MIDDLE),
        ("", Tier.MIDDLE),
    ],
)
def test_the_tier_word_in_a_name_decides(model, tier):
    assert tier_of(model) is tier


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("B:anything", ("B", "anything")),
        ("b:lower", ("B", "lower")),
        ("a-huge", ("A", "a-huge")),
        ("claude-opus-4-8", ("A", "a-big")),
        ("claude-sonnet-5", ("A", "a-mid")),
        ("claude-haiku-4-5", ("A", "a-small")),
        ("z-ai/glm-5:free", ("A", "a-mid")),
    ],
)
def test_a_requested_name_leads_to_a_provider_and_model(requested, expected):
    target = choose((A, B), "A", requested)
    assert (target.provider.name, target.model) == expected


def test_the_active_provider_answers_and_an_unknown_one_falls_to_the_first():
    assert choose((A, B), "B", "claude-opus-4-8").model == "b-big"
    assert choose((A, B), "gone", "claude-opus-4-8").provider is A


def test_a_tier_without_models_borrows_from_the_nearest():
    assert choose((B,), "B", "claude-haiku-4-5").model == "b-big"


def test_a_provider_without_any_models_gets_the_name_as_it_is():
    assert choose((EMPTY,), "E", "claude-opus-4-8").model == "claude-opus-4-8"


def test_a_native_name_goes_as_asked_until_the_user_chooses_for_its_tier():
    assert choose((NATIVE,), "N", "claude-sonnet-9").model == "claude-sonnet-9"
    chosen = provider("N", native_prefixes=("claude",), big_model="claude-haiku-4-5")
    assert choose((chosen,), "N", "claude-opus-4-8").model == "claude-haiku-4-5"


def test_a_choice_for_a_tier_does_not_bend_a_listed_name_that_is_no_tier_of_claude():
    chosen = provider("A", big_models=("gpt-5-pro", "gpt-5"), small_models=("gpt-5-mini",), small_model="gpt-5-nano")
    assert choose((chosen,), "A", "gpt-5-mini").model == "gpt-5-mini"
    assert choose((chosen,), "A", "claude-haiku-4-5").model == "gpt-5-nano"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("B:b-big", ("B", "b-big")),
        ("b-big", ("B", "b-big")),
        ("a-huge", ("A", "a-huge")),
        ("unlisted", ("A", "unlisted")),
    ],
)
def test_a_cc_proxy_style_override_may_name_another_provider(override, expected):
    target = choose((A, B), "A", "claude-opus-4-8", (override, "", ""))
    assert (target.provider.name, target.model) == expected


def test_without_a_provider_the_error_says_what_to_do():
    with pytest.raises(PatchbayError) as caught:
        choose((), "", "claude-opus-4-8")
    assert caught.value.kind is ErrorKind.NO_PROVIDER
    assert "Add one" in caught.value.message


@pytest.mark.parametrize("requested", ["Nope:x", "no:such:provider", "A:"])
def test_a_provider_that_does_not_exist_is_not_quietly_replaced(requested):
    with pytest.raises(PatchbayError) as caught:
        choose((A, B), "A", requested)
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND
    assert caught.value.param == "model"
    assert "Providers: A, B." in caught.value.message


def test_a_local_server_s_tags_are_no_providers():
    local = provider("Ollama", big_models=("llama3:70b",), local=True)
    assert choose((local,), "Ollama", "llama3:70b").model == "llama3:70b"
    assert choose((local,), "Ollama", "qwen3:8b").model == "llama3:70b"
    assert choose((EMPTY,), "E", "qwen3:8b").model == "qwen3:8b"


def test_an_empty_model_names_the_field():
    with pytest.raises(PatchbayError) as caught:
        choose((A,), "A", "")
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND
    assert caught.value.param == "model"


def test_models_of_no_tier_are_told_apart_by_their_names():
    """A small model that the provider does not list must not become the big one that happens to stand first."""
    untold = provider("U", models=("claude-opus-4-8", "a-name", "claude-haiku-4-5"))
    assert choose((untold,), "U", "claude-haiku-4-9").model == "claude-haiku-4-5"
    assert choose((untold,), "U", "claude-opus-9").model == "claude-opus-4-8"
    assert choose((untold,), "U", "claude-sonnet-9").model == "a-name"
    ticked = provider("T", big_models=("big",), models=("some-mini",))
    assert choose((ticked,), "T", "claude-haiku-4-9").model == "big"


@pytest.mark.parametrize(
    "one",
    [
        NATIVE,
        EMPTY,
        A,
        B,
        provider("U", models=("claude-opus-4-8", "claude-haiku-4-5")),
        provider("O", native_prefixes=("gpt-",), big_models=("gpt-6",)),
    ],
)
@pytest.mark.parametrize("tier", Tier)
def test_the_default_that_is_shown_is_what_is_sent(one, tier):
    asked = f"{CLAUDE_NAMES[tier]}-77"
    assert choose((one,), one.name, asked).model == (default_model(one, tier) or asked)
