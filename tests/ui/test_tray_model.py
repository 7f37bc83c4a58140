from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.money import NUSD_PER_USD as USD
from app.domain.periods import period_at
from app.domain.provider import Tier
from app.domain.rest_words import rest_words
from app.domain.routing import Choice, Pin, Routing
from app.domain.status import Encryption, ProxyState, RecordingMode, TierChoice
from app.ui.standing import Mark
from app.ui.tray_model import MODELS, PINS, PROVIDERS, Entry, menu_model
from tests.fakes import sample

N = "\u00a0"


def test_the_whole_menu_of_a_good_day():
    model = menu_model(sample.status())
    assert model.state == f"● Running · port 8082 · today $18.27, 26.9{N}M tokens"
    assert model.provider == "Provider: Anthropic"
    assert model.providers == (
        Entry("Auto", "", False),
        Entry("Anthropic: ok", "Anthropic", True),
        Entry("OpenAI work: failing", "OpenAI work", False),
        Entry("Ollama: not used yet", "Ollama", False),
    )
    assert [tier.title for tier in model.tiers] == ["Big: as asked", "Middle: claude-sonnet-4-8", "Small: as asked"]
    assert model.tiers[1].entries == (
        Entry("As asked", "", False),
        Entry("claude-sonnet-4-8", "claude-sonnet-4-8", True),
        Entry("claude-sonnet-4-5", "claude-sonnet-4-5", False),
    )
    assert (model.pause, model.can_pause, model.icon) == ("Pause", True, Mark.PLAIN)
    assert not model.more_providers


def test_the_tooltip_is_complete():
    lines = menu_model(sample.status()).tooltip.split("\n")
    assert lines == [
        "Patchbay: Running",
        "http://127.0.0.1:8082",
        "Anthropic › big: as asked, middle: claude-sonnet-4-8, small: as asked",
        f"Today $18.27, 26.9{N}M tokens, 412 requests, 7 failed",
    ]


def test_without_a_provider_there_is_nothing_to_choose():
    model = menu_model(sample.empty_status())
    assert model.providers == ()
    assert model.tiers == ()
    assert model.state == "● Running, no provider yet · port 8082"


def test_paused_offers_to_resume():
    model = menu_model(sample.status(proxy=ProxyState.PAUSED))
    assert (model.pause, model.can_pause, model.icon) == ("Resume", True, Mark.PAUSED)


def test_a_taken_port_cannot_be_paused():
    model = menu_model(sample.status(proxy=ProxyState.PORT_TAKEN, detail="python (4711) listens there"))
    assert not model.can_pause
    assert "python (4711) listens there" in model.tooltip
    assert "http://" not in model.tooltip


def test_an_open_door_is_told():
    assert "open to every program on this machine" in menu_model(sample.status(open_auth=True)).tooltip


def test_without_as_asked_the_effective_model_is_marked():
    tier = TierChoice(Tier.BIG, ("a", "b"), "", as_asked=False, effective="b")
    model = menu_model(sample.status(tiers=(tier,)))
    assert model.tiers[0].entries == (Entry("a", "a", False), Entry("b", "b", True))
    assert model.tiers[0].title == "Big: b"


def test_a_chosen_model_that_is_not_listed_is_shown():
    tier = TierChoice(Tier.BIG, ("a",), "mine", as_asked=False, effective="mine")
    assert menu_model(sample.status(tiers=(tier,))).tiers[0].entries[0] == Entry("mine", "mine", True)


def test_a_tier_without_models_says_so():
    tier = TierChoice(Tier.SMALL, (), "", as_asked=False, effective="")
    model = menu_model(sample.status(tiers=(tier,))).tiers[0]
    assert (model.title, model.entries) == ("Small: no models listed", ())


@given(providers=st.integers(0, 40), active=st.integers(0, 39), models=st.integers(0, 90), chosen=st.integers(0, 89))
def test_the_pool_is_never_outgrown_and_the_choice_always_shown(providers, active, models, chosen):
    names = [f"p{number}" for number in range(providers)]
    listed = tuple(f"m{number}" for number in range(models))
    pick = listed[chosen] if chosen < models else ""
    tier = TierChoice(Tier.BIG, listed, pick, as_asked=True, effective=pick)
    model = menu_model(
        replace(
            sample.status(tiers=(tier,)),
            providers=tuple(sample.provider(name) for name in names),
            active=names[active] if active < providers else "",
        )
    )
    assert len(model.providers) <= PROVIDERS + 1
    assert model.more_providers == (providers > PROVIDERS)
    assert sum(entry.checked for entry in model.providers) == (active < providers)
    for one in model.tiers:
        assert len(one.entries) <= MODELS
        assert sum(entry.checked for entry in one.entries) == 1


def test_foreign_names_stay_one_plain_line():
    bad = sample.provider("a\nb\u202e<b>c</b>" + "x" * 500)
    model = menu_model(sample.status(providers=(bad,), active=bad.name))
    text = model.providers[1].text
    assert "\n" not in text
    assert "\u202e" not in text
    assert len(text) < 80
    assert model.providers[1].value == bad.name


def test_auto_marks_no_provider():
    model = menu_model(sample.status(auto=True))
    assert [entry.checked for entry in model.providers] == [True, False, False, False]
    assert (model.provider, model.can_only, model.models) == ("Provider: Auto", False, "Model of Anthropic")
    assert "auto › 3 providers" in model.tooltip


def test_only_one_is_told_everywhere():
    model = menu_model(sample.status(only=True))
    assert (model.only, model.can_only, model.provider) == (True, True, "Provider: only Anthropic")
    assert "only Anthropic › big" in model.tooltip


def test_what_rests_says_until_when():
    first, *others = sample.providers()
    until_us = sample.NOW_US + 600_000_000
    rests = (replace(first, resting_until_us=until_us, resting_why="rate limited"), *others)
    words = rest_words(until_us, "", sample.NOW_US)
    model = menu_model(sample.status(providers=rests), sample.NOW_US)
    assert model.providers[1].text == f"Anthropic: {words}"
    assert model.state.startswith(f"▲ Anthropic: {words}")
    assert "rate limited" in model.tooltip
    assert menu_model(sample.status(providers=rests), until_us).providers[1].text == "Anthropic: ok"


@pytest.mark.parametrize(
    ("scope", "subject", "used", "hard", "period", "text"),
    [
        (Scope.ALL, "", 12_400_000_000, True, Period.MONTH, "Budget: $12.40 of $20.00 this month"),
        (Scope.ALL, "", 16 * USD, True, Period.DAY, "▲ Budget: $16.00 of $20.00 today, nearly used up"),
        (
            Scope.PROVIDER, "Ollama", 20 * USD, True, Period.WEEK,
            "■ Budget of the provider Ollama: $20.00 of $20.00 this week, used up: requests are refused",
        ),
        (
            Scope.KEY, "k1", 21 * USD, False, Period.TOTAL,
            "▲ Budget of the key “laptop”: $21.00 of $20.00 in all, used up: requests go on",
        ),
    ],
)  # fmt: skip
def test_the_fullest_budget_is_told(scope, subject, used, hard, period, text):
    standing = BudgetStanding(Budget("b", scope, subject, Unit.MONEY, period, 20 * USD, hard), used, 0, 0)
    model = menu_model(sample.status(budgets=(standing,)), 0, {"k1": "laptop"})
    assert model.budget == text
    assert text in model.tooltip
    assert menu_model(sample.status()).budget == ""


def _standing(name, used, *, hard=True, idle=False):
    budget = Budget(name, Scope.PROVIDER, name, Unit.MONEY, Period.DAY, 20 * USD, hard)
    return BudgetStanding(budget, used, 0, 0, idle=idle)


def test_a_budget_that_refuses_comes_before_a_soft_one_that_is_fuller():
    soft, hard = _standing("Soft", 70 * USD, hard=False), _standing("Hard", 20 * USD)
    words = "■ Budget of the provider Hard: $20.00 of $20.00 today, used up: requests are refused"
    model = menu_model(sample.status(budgets=(soft, hard)))
    assert model.budget == words
    assert model.state.startswith("▲ Running, a budget refuses requests")
    both = menu_model(sample.status(budgets=(soft, hard, replace(hard, used=21 * USD))))
    assert both.budget.endswith("requests are refused; 1 more refuses requests")


def test_a_budget_with_too_little_left_refuses_however_little_was_used_and_says_until_when():
    now_us = sample.NOW_US
    _, ends_us = period_at(Period.DAY, now_us)
    short = replace(_standing("Short", USD // 10), too_little=True, resets_us=ends_us)
    words = (
        "■ Budget of the provider Short: $0.10 of $20.00 today, too little left: requests are refused until midnight"
    )
    model = menu_model(sample.status(budgets=(_standing("Full", 19 * USD), short)), now_us)
    assert model.budget == words
    assert words in model.tooltip
    assert model.state.startswith("▲ Running, a budget refuses requests until midnight")
    assert "Too little left until midnight: the provider Short, every day" in model.tooltip
    assert (model.icon, menu_model(sample.status(budgets=(replace(short, idle=True),)), now_us).budget) == (
        Mark.DEGRADED,
        "",
    )


def test_a_budget_that_says_nothing_yet_is_not_told():
    assert menu_model(sample.status(budgets=(_standing("A", USD // 10), _standing("B", 0)))).budget == ""
    assert menu_model(sample.status(budgets=(_standing("A", 21 * USD, idle=True),))).budget == ""


def test_pins_are_bounded_and_show_where_they_lead():
    pins = tuple(Pin(f"p{number}", Choice("Ollama")) for number in range(PINS + 1))
    model = menu_model(sample.status(routing=Routing(pins=pins)))
    assert model.pins[0] == Entry("p0 → Ollama › by tier", "p0")
    assert (len(model.pins), model.more_pins) == (PINS, True)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, ""),
        ({"recording": RecordingMode.COUNTERS}, "Recording is paused, requests are only counted"),
        ({"recording": RecordingMode.ROWS}, "Recording figures only, no prompts or answers"),
        ({"encryption": Encryption.ON}, "Prompts and answers are stored encrypted"),
        (
            {"encryption": Encryption.LOCKED},
            "Prompts and answers are locked and not kept: the keyring is not open",
        ),
    ],
)
def test_what_is_kept_is_told(values, text):
    model = menu_model(sample.status(**values))
    assert model.recording == text
    assert text in model.tooltip
