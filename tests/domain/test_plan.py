from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.facts import KnownFacts
from app.domain.plan import USUAL, pick, plan, rule_fits
from app.domain.provider import AuthStyle, DialectName, Profile, Provider
from app.domain.routing import NO_ROUTING, Choice, Pin, Routing, Rule, Strategy
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot

OPUS, HAIKU = "claude-opus-4-8", "claude-haiku-4-5"


def provider(name, **fields):
    base = Provider(
        name, "openai-compatible", "http://127.0.0.1:1", DialectName.OPENAI_CHAT, AuthStyle.BEARER, Profile()
    )
    return replace(base, **fields)


CLAUDE = provider("Claude", native_prefixes=("claude",), big_models=(OPUS,), small_models=(HAIKU,))
GPT = provider("GPT", big_models=("gpt-5-pro",), middle_models=("gpt-5",), small_models=("gpt-5-mini",))
AZURE = provider("Azure", models=("gpt-5",))
OLLAMA = provider("Ollama", local=True, models=("qwen3", "llama3:8b"))
ALL = (CLAUDE, GPT, AZURE, OLLAMA)


def snapshot(*providers, prefer="", routing=NO_ROUTING, **settings):
    return Snapshot(settings=Settings(provider=prefer, **settings), providers=providers or ALL, routing=routing)


def lines(found):
    """A plan as one text: "Claude:claude-opus-4-8 | GPT:gpt-5-pro, Azure:gpt-5"."""
    groups = (", ".join(f"{one.provider.name}:{one.model}" for one in group.targets) for group in found.groups)
    return " | ".join(groups)


def way(model, snap, **facts):
    return lines(plan(snap, KnownFacts(model, **facts)))


# --- the usual way ------------------------------------------------------------------------------------------------


def test_the_preferred_provider_comes_first_and_the_others_stand_in():
    found = plan(snapshot(prefer="GPT"), KnownFacts(OPUS))
    assert lines(found) == f"GPT:gpt-5-pro | Claude:{OPUS}, Azure:gpt-5, Ollama:qwen3"
    assert found.why == "GPT is preferred"


def test_in_the_users_order_and_by_the_users_strategy():
    routing = Routing(order=("Ollama", "Azure"), strategy=Strategy.LATENCY)
    found = plan(snapshot(prefer="GPT", routing=routing), KnownFacts(OPUS))
    assert lines(found) == f"GPT:gpt-5-pro | Ollama:qwen3, Azure:gpt-5, Claude:{OPUS}"
    assert [group.strategy for group in found.groups] == [Strategy.PRIORITY, Strategy.LATENCY]


def test_only_this_one():
    assert way(OPUS, snapshot(prefer="GPT", routing=Routing(only=True))) == "GPT:gpt-5-pro"


def test_who_stands_in_for_nobody():
    shy = replace(CLAUDE, failover=False)
    assert way(OPUS, snapshot(GPT, shy, prefer="GPT")) == "GPT:gpt-5-pro"
    assert way(OPUS, snapshot(GPT, shy, prefer="Claude")) == f"Claude:{OPUS} | GPT:gpt-5-pro"


def test_auto_is_all_of_them():
    found = plan(snapshot(routing=Routing(strategy=Strategy.CHEAPEST)), KnownFacts(OPUS))
    assert lines(found) == f"Claude:{OPUS}, GPT:gpt-5-pro, Azure:gpt-5, Ollama:qwen3"
    assert found.why == "auto"
    assert found.groups[0].strategy is Strategy.CHEAPEST


def test_a_preferred_provider_that_is_gone_is_auto():
    assert way(HAIKU, snapshot(CLAUDE, GPT, prefer="Gone")) == f"Claude:{HAIKU}, GPT:gpt-5-mini"


def test_the_demo_serves_where_there_is_nobody_else():
    demo = provider("Demo", failover=False)
    assert way(OPUS, snapshot(demo)) == f"Demo:{OPUS}"
    assert way(OPUS, snapshot(demo, CLAUDE)) == f"Claude:{OPUS}"


def test_who_serves_the_very_model_comes_before_who_has_one_like_it():
    assert way("gpt-5", snapshot()) == "GPT:gpt-5, Azure:gpt-5"
    assert way("gpt-5-mini", snapshot()) == f"GPT:gpt-5-mini | Claude:{HAIKU}"
    assert way("qwen3", snapshot(prefer="GPT")) == "GPT:gpt-5 | Ollama:qwen3"


def test_nobody_serves_merely_its_first_model_for_a_name_it_does_not_know():
    big = provider("Big", big_models=("huge",))
    assert way("some-mini", snapshot(GPT, big, prefer="GPT")) == "GPT:gpt-5-mini"
    assert way(HAIKU, snapshot(GPT, big, prefer="GPT")) == "GPT:gpt-5-mini | Big:huge"  # Claude's tiers are everyone's


def test_a_lone_provider_serves_as_it_always_did():
    assert way("whatever", snapshot(provider("Big", big_models=("huge",)))) == "Big:huge"
    assert way("whatever", snapshot(provider("Empty"))) == "Empty:whatever"


def test_a_local_server_without_models_is_not_asked_for_those_of_others():
    bare = provider("Local", local=True)
    assert way(OPUS, snapshot(CLAUDE, bare, prefer="Claude")) == f"Claude:{OPUS}"
    assert way(OPUS, snapshot(bare)) == f"Local:{OPUS}"


def test_a_name_with_a_tag_that_the_preferred_provider_refuses():
    assert way("llama3:8b", snapshot(prefer="GPT")) == "Ollama:llama3:8b"
    with pytest.raises(PatchbayError, match="there is no provider 'nobody'"):
        plan(snapshot(prefer="GPT"), KnownFacts("nobody:x"))
    with pytest.raises(PatchbayError, match="there is no provider 'nobody'"):
        plan(snapshot(), KnownFacts("nobody:x"))


def test_overrides_of_tiers():
    azure = snapshot(prefer="GPT", big_model="Azure:gpt-5")
    assert way(OPUS, azure) == f"Azure:gpt-5 | GPT:gpt-5, Claude:{OPUS}, Ollama:qwen3"
    assert way(OPUS, snapshot(big_model="Ollama:llama3:8b")).startswith("Ollama:llama3:8b | Claude:")
    assert way("gpt-5", snapshot(middle_model="qwen3")) == "GPT:gpt-5, Azure:gpt-5 | Ollama:qwen3"
    assert way("claude-sonnet-5", snapshot(middle_model="qwen3")).startswith("Ollama:qwen3 | ")


def test_a_target_named_in_the_request_stands_alone():
    found = plan(snapshot(prefer="GPT"), KnownFacts("claude-via/ollama:any/thing:7"))
    assert lines(found) == "Ollama:any/thing:7"
    assert found.why == "Ollama is named in the request"


@pytest.mark.parametrize("prefer", ["", "GPT"])
def test_nobody_to_ask_and_nothing_asked_for(prefer):
    empty = Snapshot(settings=Settings(provider=prefer))
    for snap, model, kind in ((empty, "x", ErrorKind.NO_PROVIDER), (snapshot(), "", ErrorKind.MODEL_NOT_FOUND)):
        with pytest.raises(PatchbayError) as caught:
            plan(snap, KnownFacts(model))
        assert caught.value.kind is kind


# --- pins -----------------------------------------------------------------------------------------------------------

PINS = Routing(
    pins=(Pin("website", Choice("Ollama", "qwen3")), Pin("shop", Choice("gpt"), key="work"), Pin("gone", Choice("X"))),
    rules=(Rule(to=(Choice("Azure"),)),),
)


def test_a_pin_wins_over_everything():
    found = plan(snapshot(prefer="Claude", routing=PINS), KnownFacts("Azure:gpt-5", pin="WebSite"))
    assert (lines(found), found.why) == ("Ollama:qwen3", "pin website")


def test_a_pin_of_a_client_key():
    assert way(OPUS, snapshot(routing=PINS), key="work") == "GPT:gpt-5-pro"
    assert way("GPT:other", snapshot(routing=PINS), key="work") == "GPT:other"
    assert way("Claude:claude-opus-4-8", snapshot(routing=PINS), key="work") == "GPT:gpt-5-pro"
    assert way(OPUS, snapshot(routing=PINS), key="work", pin="website") == "Ollama:qwen3"


def test_a_pin_that_is_not_there_is_named():
    for snap in (snapshot(routing=PINS), snapshot()):
        with pytest.raises(PatchbayError, match="no pin 'other'") as caught:
            plan(snap, KnownFacts(OPUS, pin="other"))
        assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND


def test_a_pin_to_a_provider_that_is_gone():
    with pytest.raises(PatchbayError, match="provider 'X', which does not exist"):
        plan(snapshot(routing=PINS), KnownFacts(OPUS, pin="gone"))


# --- rules ----------------------------------------------------------------------------------------------------------


def ruled(*rules, **routing):
    return snapshot(GPT, CLAUDE, OLLAMA, prefer="GPT", routing=Routing(rules=rules, **routing))


def test_the_first_rule_that_fits_counts():
    rules = (
        Rule(enabled=False, to=(Choice("Azure"),)),
        Rule(name="Long", min_tokens=60_000, to=(Choice("Claude"), Choice("Ollama", "qwen3")), only=True),
        Rule(models=("gpt*",), to=(Choice("Ollama"),)),
    )
    found = plan(ruled(*rules), KnownFacts("gpt-5", prompt_tokens=60_000))
    assert lines(found) == f"Claude:{OPUS}, Ollama:qwen3"
    assert found.why == "rule Long: at least 60,000 tokens"
    found = plan(ruled(*rules), KnownFacts("gpt-5"))
    assert lines(found) == "Ollama:qwen3 | GPT:gpt-5"
    assert found.why == "rule 3: model gpt*"
    assert way(OPUS, ruled(*rules)).startswith("GPT:gpt-5-pro | ")


def test_a_rule_that_leads_to_nobody():
    assert way(OPUS, ruled(Rule(to=(Choice("Gone"),)))).startswith("GPT:gpt-5-pro | ")
    with pytest.raises(PatchbayError, match="leads only to Gone, which does not exist") as caught:
        plan(ruled(Rule(to=(Choice("Gone"),), only=True)), KnownFacts(OPUS))
    assert caught.value.kind is ErrorKind.NO_PROVIDER


def test_a_rule_leads_names_somewhere_that_nobody_knows():
    assert way("nobody:x", ruled(Rule(to=(Choice("Ollama", "qwen3"),)))) == "Ollama:qwen3"


@pytest.mark.parametrize(
    ("rule", "fitting", "others"),
    [
        (Rule(models=("claude-opus-*",)), {}, {"model": "gpt-5"}),
        (Rule(keys=("work",)), {"key": "work"}, {"key": "home"}),
        (Rule(clients=("claude-code", "codex")), {"client": "codex"}, {"client": "curl"}),
        (Rule(min_tokens=10), {"prompt_tokens": 10}, {"prompt_tokens": 9}),
        (Rule(max_tokens=10), {"prompt_tokens": 10}, {"prompt_tokens": 11}),
        (Rule(thinking=True), {"thinking": True}, {"thinking": False}),
        (Rule(tools=False), {"tools": False}, {"tools": True}),
        (Rule(web_search=True), {"web_search": True}, {}),
        (Rule(image=True), {"image": True}, {}),
        (Rule(subagent=True), {"subagent": True}, {}),
        (Rule(between=(600, 660)), {"minute": 600}, {"minute": 660}),
        (Rule(between=(1320, 360)), {"minute": 1400}, {"minute": 360}),
        (Rule(between=(1320, 360)), {"minute": 359}, {"minute": 1319}),
    ],
)
def test_conditions(rule, fitting, others):
    assert rule_fits(rule, KnownFacts(**{"model": OPUS, **fitting}))
    assert not rule_fits(rule, KnownFacts(**{"model": OPUS, **others}))
    both = replace(rule, models=("no-such",))
    assert not rule_fits(both, KnownFacts(**{"model": OPUS, **fitting}))


class Told(KnownFacts):
    """Facts that tell which of them were asked for."""

    asked: set[str] = set()

    def __getattribute__(self, name):
        if not name.startswith("_") and name != "asked":
            Told.asked.add(name)
        return super().__getattribute__(name)


def test_no_fact_is_asked_for_that_no_rule_needs():
    Told.asked.clear()
    assert pick(snapshot(), Told(OPUS)) == USUAL
    assert Told.asked <= {"model", "pin"}
    rule = Rule(models=("gpt*",), thinking=True, min_tokens=5)
    pick(ruled(rule), Told(OPUS))
    assert Told.asked <= {"model", "pin"}
    pick(ruled(rule), Told("gpt-5"))
    assert Told.asked == {"model", "pin", "prompt_tokens"}


# --- whatever the configuration -------------------------------------------------------------------------------------

NAMES = ("A", "B", "C", "D")
MODELS = ("gpt-5", "gpt-5-mini", OPUS, HAIKU, "qwen3", "llama3:8b", "x/y:free")
models_of = st.lists(st.sampled_from(MODELS), max_size=3, unique=True).map(tuple)
providers_of = st.lists(
    st.builds(
        provider,
        st.sampled_from(NAMES),
        big_models=models_of,
        middle_models=models_of,
        models=models_of,
        big_model=st.sampled_from(("", *MODELS)),
        failover=st.booleans(),
        local=st.booleans(),
        native_prefixes=st.sampled_from(((), ("claude",))),
    ),
    max_size=4,
    unique_by=lambda one: one.name,
)
choices = st.builds(Choice, st.sampled_from((*NAMES, "Gone")), st.sampled_from(("", *MODELS)))
rules_of = st.builds(
    Rule,
    models=st.sampled_from(((), ("gpt*",), ("*",))),
    min_tokens=st.sampled_from((0, 100)),
    to=st.lists(choices, max_size=3).map(tuple),
    only=st.booleans(),
    strategy=st.sampled_from(Strategy),
)
snapshots = st.builds(
    Snapshot,
    settings=st.builds(
        Settings,
        provider=st.sampled_from(("", *NAMES, "Gone")),
        big_model=st.sampled_from(("", "gpt-5", "A:gpt-5", "Gone:x")),
    ),
    providers=providers_of.map(tuple),
    routing=st.builds(
        Routing,
        only=st.booleans(),
        order=st.permutations(NAMES).map(lambda names: tuple(names[:2])),
        rules=st.lists(rules_of, max_size=3).map(tuple),
        pins=st.lists(st.builds(Pin, st.sampled_from(("p", "q")), choices), max_size=2).map(tuple),
    ),
)
facts_of = st.builds(
    KnownFacts,
    model=st.sampled_from((*MODELS, "claude-sonnet-5", "", "A:gpt-5", "Gone:z", "claude-via/B:m", "foo")),
    pin=st.sampled_from(("", "", "", "p")),
    prompt_tokens=st.sampled_from((0, 1000)),
)


@given(snapshots, facts_of)
def test_a_plan_holds_what_is_there_each_once_and_is_always_the_same(snap, facts):
    try:
        found = plan(snap, facts)
    except PatchbayError as error:
        if error.kind not in (ErrorKind.MODEL_NOT_FOUND, ErrorKind.NO_PROVIDER):
            raise
        return
    names = [(one.provider.name, one.model) for one in found.targets]
    assert names
    assert all(group.targets for group in found.groups)
    assert len(names) == len(set(names))
    assert all(any(one.provider is known for known in snap.providers) for one in found.targets)
    assert all(one.model for one in found.targets)
    assert found.why
    assert plan(snap, facts) == found


@given(snapshots, facts_of, st.randoms(use_true_random=False))
def test_the_file_may_be_in_any_order_where_the_users_order_names_all(snap, facts, shuffler: random.Random):
    ordered = replace(snap, routing=replace(snap.routing, order=NAMES))
    mixed = list(snap.providers)
    shuffler.shuffle(mixed)
    try:
        found = plan(ordered, facts)
    except PatchbayError:
        return
    if not snap.settings.big_model:  # a bare override goes to the first in the file that lists it
        assert lines(plan(replace(ordered, providers=tuple(mixed)), facts)) == lines(found)
