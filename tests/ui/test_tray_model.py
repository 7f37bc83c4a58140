from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.provider import Tier
from app.domain.status import ProxyState, TierChoice
from app.ui.standing import Mark
from app.ui.tray_model import MODELS, PROVIDERS, Entry, menu_model
from tests.fakes import sample

N = "\u00a0"


def test_the_whole_menu_of_a_good_day():
    model = menu_model(sample.status())
    assert model.state == f"● Running · port 8082 · today $18.27, 26.9{N}M tokens"
    assert model.providers == (
        Entry("Anthropic   ●", "Anthropic", True),
        Entry("OpenAI work   ▲ failing", "OpenAI work", False),
        Entry("Ollama   ○ not used yet", "Ollama", False),
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
    assert len(model.providers) <= PROVIDERS
    assert model.more_providers == (providers > PROVIDERS)
    assert sum(entry.checked for entry in model.providers) == (active < providers)
    for one in model.tiers:
        assert len(one.entries) <= MODELS
        assert sum(entry.checked for entry in one.entries) == 1


def test_foreign_names_stay_one_plain_line():
    bad = sample.provider("a\nb\u202e<b>c</b>" + "x" * 500)
    model = menu_model(sample.status(providers=(bad,), active=bad.name))
    text = model.providers[0].text
    assert "\n" not in text
    assert "\u202e" not in text
    assert len(text) < 80
    assert model.providers[0].value == bad.name
