"""What a target cannot do is told in words, and only asked where the target is bounded."""

from __future__ import annotations

import pytest

from app.domain.provider import DialectName, Profile
from app.domain.route import Target
from app.proxy.fleet.fitness import lacking as of_all
from app.proxy.fleet.fitness import lacks
from app.proxy.fleet.windows import Windows
from tests.proxy.fleet.parts import asked, provider

CHAT = DialectName.OPENAI_CHAT
BLIND = provider("Blind", profile=Profile(images="none"))
TALKER = provider("Talker", profile=Profile(tools=False))
NARROW = provider("Narrow", context=(("*", 128_000),))
OFFLINE = provider("Offline", dialect=CHAT)


def lacking(one, model="m", **facts):
    return lacks(Target(one, model), asked(**facts), Windows())


@pytest.mark.parametrize(
    ("one", "facts", "words"),
    [
        (BLIND, {"image": True}, "cannot take images"),
        (TALKER, {"tools": True}, "cannot call tools"),
        (OFFLINE, {"web_search": True}, "cannot search the web"),
        (NARROW, {"prompt_tokens": 140_000}, "takes 128,000 tokens, this prompt has about 140,000"),
    ],
)
def test_what_is_missing_is_said(one, facts, words):
    assert lacking(one, **facts) == words
    assert lacking(one, **dict.fromkeys(facts, 0)) == ""


def test_what_fits_is_fit():
    assert lacking(NARROW, prompt_tokens=128_000) == ""
    assert lacking(provider("A"), image=True, tools=True, prompt_tokens=10**7) == ""


@pytest.mark.parametrize(
    ("profile", "model", "endpoints", "can"),
    [
        (Profile(kind="openrouter"), "m", (), True),
        (Profile(kind="openai"), "gpt-5-search-api", (), True),
        (Profile(kind="openai"), "gpt-5", (), False),
        (Profile(kind="ollama"), "m", (), False),
        (Profile(kind="ollama"), "m", ((DialectName.ANTHROPIC_MESSAGES, "https://a.invalid"),), True),
    ],
)
def test_a_web_search_reaches_who_has_a_word_for_it(profile, model, endpoints, can):
    one = provider("A", dialect=CHAT, profile=profile, endpoints=endpoints)
    assert (lacking(one, model, web_search=True) == "") is can


def test_the_dearer_facts_are_asked_only_where_there_is_a_bound():
    facts = asked(image=True, tools=True, prompt_tokens=5)
    assert lacks(Target(provider("A"), "m"), facts, Windows()) == ""
    assert facts.asked == []
    lacks(Target(NARROW, "m"), facts, Windows())
    assert facts.asked == ["prompt_tokens"]


def test_nobody_is_passed_over_where_nobody_would_do():
    targets, facts = (Target(BLIND, "m"), Target(provider("A"), "m"), Target(BLIND, "n")), asked(image=True)
    assert of_all(targets, facts, Windows()) == ("cannot take images", "", "cannot take images")
    assert of_all(targets[::2], facts, Windows()) == ("", "")
    assert of_all((), facts, Windows()) == ()
