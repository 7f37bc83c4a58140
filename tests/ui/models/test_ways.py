from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.facts import KnownFacts
from app.domain.provider import CredentialState
from app.domain.routing import Choice, Pin, Resting, Routing, Rule, Strategy
from app.domain.status import AccountStatus
from app.ui.models.ways import MOST_STOPS, Kind, next_change_us, picture, stop_of, tried, usual_words
from tests.fakes import sample
from tests.fakes.services import FakeServices

NOW_US = sample.NOW_US
SOON_US = NOW_US + 600_000_000


def made(**values):
    services = FakeServices(sample.status(**values))
    return services.status.current, services.routes


def ways(kind, **values):
    status, routes = made(**values)
    return [way for way in picture(status, routes.usual, NOW_US) if way.kind is kind]


def resting(name="Anthropic", *, until_us=SOON_US, why="rate limited"):
    return tuple(
        replace(one, resting_until_us=until_us, resting_why=why) if one.name == name else one
        for one in sample.providers()
    )


def test_each_tier_leads_to_the_preferred_provider_and_then_to_the_others():
    big, middle, small = ways(Kind.TIER)
    assert [(stop.provider, stop.model, stop.rank) for stop in big.stops] == [
        ("Anthropic", "as asked", 1),
        ("OpenAI work", "gpt-5.2", 2),
        ("Ollama", "qwen3-coder:30b", 3),
    ]
    assert [stop.lit for stop in big.stops] == [True, False, False]
    assert [way.title for way in (big, middle, small)] == ["Big", "Middle", "Small"]
    assert big.stops[1].word == "failing"
    assert big.stops[1].color == 1


def test_what_rests_is_passed_over_and_says_until_when():
    big = ways(Kind.TIER, providers=resting())[0]
    first, second, _ = big.stops
    assert first.skipped
    assert first.word == "resting"
    assert first.why.startswith("rests until ")
    assert first.why.endswith(": rate limited")
    assert (first.lit, second.lit) == (False, True)


def test_a_rest_that_is_over_is_none():
    big = ways(Kind.TIER, providers=resting(until_us=NOW_US))[0]
    assert big.stops[0].lit


def test_a_model_may_rest_alone():
    one = Resting("Ollama", "", "llama3.3:1b", SOON_US, "quota used up")
    status, _ = made(resting=(one,))
    assert stop_of(status, "Ollama", "llama3.3:1b", 1, NOW_US).skipped
    assert not stop_of(status, "Ollama", "qwen3-coder:30b", 1, NOW_US).skipped


def test_one_of_several_keys_rests_and_the_provider_goes_on():
    first, *rest = sample.providers()
    accounts = tuple(AccountStatus(name, CredentialState.READY, "keyring") for name in ("", "second", "third"))
    status, _ = made(
        providers=(replace(first, accounts=accounts), *rest),
        resting=(Resting("Anthropic", "second", "", SOON_US, "rate limited"),),
    )
    stop = stop_of(status, "Anthropic", "by tier", 1, NOW_US)
    assert not stop.skipped
    assert stop.why.startswith("1 of 3 keys rests until ")


@pytest.mark.parametrize(
    ("state", "word"),
    [(CredentialState.MISSING, "no key"), (CredentialState.REJECTED, "key rejected")],
)
def test_without_a_key_nothing_is_asked(state, word):
    first, *rest = sample.providers()
    big = ways(Kind.TIER, providers=(replace(first, credential=state), *rest))[0]
    assert (big.stops[0].word, big.stops[0].skipped, big.stops[1].lit) == (word, True, True)


def test_rules_and_pins_stand_above_with_their_targets():
    rule = Rule("Long", min_tokens=60_000, thinking=True, to=(Choice("Ollama", "qwen3-coder:30b"), Choice("Gone")))
    routing = Routing(rules=(rule, replace(rule, enabled=False, only=True)), pins=(Pin("web", Choice("Ollama"), "ci"),))
    status, routes = made(routing=routing)
    shown = picture(status, routes.usual, NOW_US)
    kinds = [Kind.HEADING, Kind.PIN, Kind.HEADING, Kind.RULE, Kind.RULE, Kind.HEADING, *[Kind.TIER] * 3]
    assert [way.kind for way in shown] == kinds
    assert (shown[1].title, shown[1].words, shown[1].stops[0].model) == ("/p/web", "and client key ci", "by tier")
    assert "60,000 tokens" in shown[3].words
    assert shown[3].words.endswith("and thinking asked")
    assert [(stop.word, stop.lit) for stop in shown[3].stops] == [("not used yet", True), ("unknown", False)]
    assert shown[3].tail == "then everything else below"
    assert (shown[4].on, shown[4].tail, any(stop.lit for stop in shown[4].stops)) == (False, "nothing else", False)
    assert shown[5].title == "Everything else"


def test_those_that_a_strategy_tells_apart_share_their_rank():
    rule = Rule(to=(Choice("Ollama"), Choice("OpenAI work")), strategy=Strategy.CHEAPEST)
    way = ways(Kind.RULE, routing=Routing(rules=(rule,)))[0]
    assert [stop.rank for stop in way.stops] == [1, 1]
    assert all(stop.lit for stop in way.stops)
    assert way.tail == "the cheapest first, then everything else below"
    assert way.title == "Rule 1"


def test_of_many_targets_some_are_counted():
    many = tuple(sample.provider(f"P{number}") for number in range(9))
    big = ways(Kind.TIER, providers=many, active="P0")[0]
    assert len(big.stops) == MOST_STOPS
    assert big.tail == "and 4 more"


def test_auto_asks_all_and_only_asks_one():
    assert len(ways(Kind.TIER, auto=True)[0].stops) == 3
    only = ways(Kind.TIER, only=True, routing=Routing(only=True))[0]
    assert [stop.provider for stop in only.stops] == ["Anthropic"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Anthropic first, then the others in your order"),
        ({"auto": True, "routing": Routing(strategy=Strategy.LATENCY)}, "Auto: the fastest first"),
        ({"only": True}, "Anthropic and nobody else"),
        ({"providers": sample.providers()[:1]}, "Anthropic; nobody stands in for it"),
        ({"providers": sample.providers()[:2]}, "Anthropic first, then the other"),
    ],
)
def test_the_usual_way_in_words(values, words):
    assert usual_words(sample.status(**values)) == words


def test_a_way_that_cannot_be_planned_says_why():
    def refuse(_facts):
        raise PatchbayError(ErrorKind.NO_PROVIDER, "nobody there")

    way = next(one for one in picture(sample.status(), refuse, NOW_US) if one.kind is Kind.TIER)
    assert (way.words, way.on, way.stops) == ("nobody there", False, ())
    status, routes = made(routing=Routing(pins=(Pin("lost", Choice("Gone")),)))
    trial = tried(status, routes, KnownFacts("x", pin="lost"), NOW_US)
    assert trial.way is None
    assert "Gone" in trial.why


def test_the_tiers_show_what_no_rule_takes():
    every = ways(Kind.TIER, routing=Routing(rules=(Rule(to=(Choice("Ollama"),), only=True),)))
    assert [stop.provider for stop in every[0].stops] == ["Anthropic", "OpenAI work", "Ollama"]


def test_what_is_tried_says_why_and_which_rules_did_not_fit():
    rules = (Rule("Pictures", image=True), Rule("Big ones", min_tokens=1_000, to=(Choice("Ollama"),)))
    status, routes = made(routing=Routing(rules=rules))
    trial = tried(status, routes, KnownFacts("claude-opus-4-8", prompt_tokens=2_000), NOW_US)
    assert trial.why.startswith("rule Big ones: ")
    assert [stop.provider for stop in trial.way.stops] == ["Ollama", "Anthropic", "OpenAI work"]
    assert trial.way.stops[1].model == "claude-opus-4-8"
    assert [words.partition(":")[0] for words in trial.passed] == ["Pictures"]


def test_who_cannot_do_it_is_passed_over_with_the_reason():
    status, routes = made()
    routes.lacks = lambda target, _facts: "cannot take images" if target.provider.name == "Anthropic" else ""
    routes.lacking = lambda plan, facts: tuple(routes.lacks(target, facts) for target in plan.targets)
    first, second, _ = tried(status, routes, KnownFacts("claude-opus", image=True), NOW_US).way.stops
    assert (first.skipped, first.word, first.why, first.lit) == (True, "unfit", "cannot take images", False)
    assert second.lit
    routes.lacking = lambda plan, _facts: ("",) * len(plan.targets)
    trial = tried(status, routes, KnownFacts("claude-opus", image=True), NOW_US)
    first, second, _ = trial.way.stops
    assert (first.skipped, first.word, first.lit, second.lit) == (False, "unfit", True, False)
    assert first.why == "cannot take images"
    assert trial.why == "Anthropic is preferred; nobody can do that, so it is asked all the same"


def test_the_next_change_is_the_next_end_of_a_rest():
    later = Resting("Ollama", "", "", SOON_US + 5, "x")
    status = sample.status(providers=resting(), resting=(later, Resting("Ollama", "", "", NOW_US - 1, "x")))
    assert next_change_us(status, NOW_US) == SOON_US
    assert next_change_us(sample.status(), NOW_US) == 0


def test_foreign_names_stay_one_plain_line():
    bad = "a\nb\u202e<b>c</b>" + "x" * 500
    routing = Routing(
        rules=(Rule(bad, models=(bad,), to=(Choice(bad, bad),)),), pins=(Pin(bad, Choice(bad, bad), bad),)
    )
    status, routes = made(routing=routing)
    for way in picture(status, routes.usual, NOW_US):
        for text in (way.title, way.words, *(stop.provider + stop.model + stop.why for stop in way.stops)):
            assert "\n" not in text
            assert "\u202e" not in text
            assert len(text) < 250
