from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.periods import period_at
from app.domain.provider import CredentialState
from app.domain.status import Health, ProxyState
from app.ui import standing
from app.ui.standing import Mark
from tests.fakes import sample


@pytest.mark.parametrize(
    ("state", "mark", "word", "icon"),
    [
        (ProxyState.STARTING, "○", "Starting", Mark.PLAIN),
        (ProxyState.RUNNING, "●", "Running", Mark.PLAIN),
        (ProxyState.PAUSED, "❙❙", "Paused", Mark.PAUSED),
        (ProxyState.PORT_TAKEN, "■", "Port 8082 is taken", Mark.DOWN),
        (ProxyState.STOPPED, "■", "Stopped", Mark.DOWN),
        (ProxyState.FAILED, "■", "Failed", Mark.DOWN),
    ],
)
def test_every_state_has_a_mark_a_word_and_an_icon(state, mark, word, icon):
    now = standing.of_program(sample.status(proxy=state))
    assert (now.mark, now.word, now.icon) == (mark, word, icon)


def test_a_provider_without_a_key_is_named():
    lost = sample.provider("Anthropic", credential=CredentialState.REJECTED, health_text="401 from the provider")
    now = standing.of_program(sample.status(providers=(lost,)))
    assert (now.mark, now.word, now.why) == ("▲", "Anthropic: key rejected", "401 from the provider")
    assert now.icon is Mark.DEGRADED


def test_trouble_of_a_provider_that_is_not_used_is_no_trouble():
    assert standing.of_program(sample.status()).mark == "●"


def test_with_auto_only_trouble_of_all_is_trouble():
    first, second, third = sample.providers()
    now_us, later_us = sample.NOW_US, sample.NOW_US + 60_000_000
    rests = replace(first, resting_until_us=later_us, resting_why="limited")
    assert standing.of_program(sample.status(providers=(rests, second, third), auto=True), now_us).mark == "●"
    both = (rests, second, replace(third, failover=False))
    now = standing.of_program(sample.status(providers=both, auto=True), now_us)
    assert (now.mark, now.word, now.icon) == ("▲", "No provider is well", Mark.DEGRADED)
    assert "OpenAI work: failing" in now.why
    alone = standing.of_program(sample.status(providers=(second,), auto=True), now_us)
    assert alone.word == "OpenAI work: failing"


def test_a_preferred_provider_that_rests_is_named():
    first, *others = sample.providers()
    rests = replace(first, resting_until_us=sample.NOW_US + 60_000_000, resting_why="rate limited")
    now = standing.of_program(sample.status(providers=(rests, *others)), sample.NOW_US)
    assert now.word.startswith("Anthropic: rests until ")
    assert (now.why, now.role) == ("rate limited", "warning")


def test_a_recorder_in_trouble_shows():
    now = standing.of_program(sample.status(recorder_degraded=True))
    assert (now.mark, now.word) == ("▲", "Running, not recording")


def test_the_first_start_is_no_alarm():
    now = standing.of_program(sample.empty_status())
    assert (now.mark, now.word, now.icon) == ("●", "Running, no provider yet", Mark.PLAIN)
    assert standing.target(sample.empty_status()) == "no provider"


@pytest.mark.parametrize(("state", "word"), [(CredentialState.WAITING, "○"), (CredentialState.LOCKED, "■")])
def test_a_key_not_at_hand_comes_before_health(state, word):
    assert standing.of_provider(sample.provider("A", credential=state, health=Health.OK)).mark == word


def test_the_target_is_that_of_the_middle_tier():
    assert standing.target(sample.status()) == "Anthropic › claude-sonnet-4-8"
    assert standing.target(sample.status(tiers=())) == "Anthropic › as asked"
    assert standing.target(sample.status(only=True)) == "only Anthropic › claude-sonnet-4-8"
    assert standing.target(sample.status(auto=True)) == "auto › 3 providers"
    alone = sample.status(auto=True, providers=sample.providers()[:1])
    assert standing.target(alone) == "Anthropic › claude-sonnet-4-8"


def test_a_hard_budget_that_is_used_up_is_told():
    quota = Budget("q", Scope.MODEL, "claude-*", Unit.TOKENS, Period.WEEK, 100)
    full = BudgetStanding(quota, 100, 0, 0)
    now = standing.of_program(sample.status(budgets=(full,)))
    assert (now.mark, now.word, now.icon) == ("▲", "Running, a budget refuses requests", Mark.DEGRADED)
    assert now.why == "Used up: the models claude-*, every week"
    assert standing.of_program(sample.status(budgets=(full, full))).word == "Running, 2 budgets refuse requests"
    whole = replace(full, budget=replace(quota, scope=Scope.ALL, subject=""))
    assert standing.of_program(sample.status(budgets=(full, whole))).word == "Running, 2 budgets refuse every request"
    lost = sample.provider("Anthropic", credential=CredentialState.REJECTED, health_text="401 from the provider")
    both = standing.of_program(sample.status(providers=(lost,), budgets=(full,)))
    assert both.word == "Anthropic: key rejected, a budget refuses requests"
    assert both.why == f"401 from the provider\n{now.why}"
    for harmless in (
        replace(full, used=99),
        replace(full, idle=True),
        replace(full, budget=replace(quota, hard=False)),
    ):
        assert standing.of_program(sample.status(budgets=(harmless,))).mark == "●"


def test_too_little_left_is_told_as_refusing_with_its_end_and_not_as_every_request():
    quota = Budget("q", Scope.ALL, "", Unit.TOKENS, Period.DAY, 100)
    _, ends_us = period_at(Period.DAY, sample.NOW_US)
    short = BudgetStanding(quota, 90, 0, ends_us, too_little=True)
    now = standing.of_program(sample.status(budgets=(short,)), sample.NOW_US)
    assert (now.word, now.icon) == ("Running, a budget refuses requests until midnight", Mark.DEGRADED)
    assert now.why == "Too little left until midnight: all requests, every day"
    full = replace(short, used=100, too_little=False)
    now = standing.of_program(sample.status(budgets=(full,)), sample.NOW_US)
    assert now.word == "Running, a budget refuses every request until midnight"
    assert now.why == "Used up until midnight: all requests, every day"
    both = standing.of_program(sample.status(budgets=(full, short)), sample.NOW_US)
    assert both.word == "Running, 2 budgets refuse every request"
    assert both.why.count("until midnight") == 2
