from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.families import family_of
from app.dialects.anthropic_messages.reasoning import EFFORTS, LEAST_BUDGET_TOKENS, Wanted, snap, wanted
from app.domain.request import Reasoning

OLD, MIDDLE, NEW, FABLE, NEVER = map(
    family_of, ("claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-8", "claude-fable-5", "claude-3-5-haiku")
)


def ask(family: object, *, forbidden: bool = False, tokens: int = 1000, **reasoning: object) -> Wanted:
    return wanted(Reasoning(**reasoning), family, tokens, forbidden=forbidden)


@pytest.mark.parametrize("family", [OLD, MIDDLE, NEW, FABLE, NEVER])
def test_who_says_nothing_gets_nothing(family: object) -> None:
    assert ask(family) == Wanted(max_tokens=1000)


@pytest.mark.parametrize(
    ("effort", "budget"),
    [("minimal", 1024), ("low", 4096), ("medium", 10_000), ("high", 24_000), ("xhigh", 31_999), ("max", 31_999)],
)
def test_an_old_model_gets_a_budget_on_top_of_the_answer(effort: str, budget: int) -> None:
    assert ask(OLD, effort=effort) == Wanted("enabled", budget, max_tokens=1000 + budget)


def test_a_budget_of_the_client_is_a_part_of_the_answer() -> None:
    assert ask(OLD, enabled=True, budget_tokens=2000, tokens=9000) == Wanted("enabled", 2000, max_tokens=9000)
    assert ask(OLD, enabled=True, budget_tokens=9000, tokens=3000) == Wanted("enabled", 2999, max_tokens=3000)
    assert ask(OLD, enabled=True, budget_tokens=9000, tokens=500) == Wanted(max_tokens=500)


def test_the_models_limit_bounds_the_sum() -> None:
    assert ask(OLD, effort="high", tokens=60_000) == Wanted("enabled", 24_000, max_tokens=64_000)


@given(st.sampled_from([*EFFORTS, ""]), st.none() | st.integers(0, 200_000), st.integers(1, 200_000))
def test_a_budget_always_leaves_room_for_an_answer(effort: str, budget: int | None, tokens: int) -> None:
    result = ask(OLD, enabled=True, effort=effort, budget_tokens=budget, tokens=tokens)
    assert not result.on or LEAST_BUDGET_TOKENS <= result.budget_tokens < result.max_tokens


def test_a_newer_model_thinks_as_it_sees_fit_with_an_effort() -> None:
    assert ask(NEW, effort="high") == Wanted("adaptive", effort="high", max_tokens=1000)
    assert ask(NEW, effort="minimal") == Wanted("adaptive", effort="low", max_tokens=1000)
    assert ask(MIDDLE, effort="xhigh") == Wanted("adaptive", effort="high", max_tokens=1000)
    assert ask(NEW, enabled=True, adaptive=True) == Wanted("adaptive", max_tokens=1000)
    assert ask(NEW, enabled=True, budget_tokens=10_000) == Wanted("adaptive", effort="medium", max_tokens=1000)


def test_switched_off_wins_over_an_effort() -> None:
    assert ask(NEW, enabled=False, effort="high") == Wanted("disabled", max_tokens=1000)
    assert ask(NEW, effort="none") == Wanted("disabled", max_tokens=1000)
    assert ask(OLD, enabled=False, effort="high") == Wanted(max_tokens=1000)
    assert ask(FABLE, enabled=False) == Wanted(effort="low", max_tokens=1000)


def test_a_model_that_always_thinks_is_told_only_how_hard() -> None:
    assert ask(FABLE, enabled=True, effort="max") == Wanted(effort="max", max_tokens=1000)


def test_a_model_that_cannot_think_is_not_asked_to() -> None:
    assert ask(NEVER, enabled=True, effort="high") == Wanted(max_tokens=1000)


def test_what_rules_thinking_out_leaves_the_effort() -> None:
    assert ask(NEW, effort="high", forbidden=True) == Wanted(effort="high", max_tokens=1000)
    assert ask(OLD, effort="high", forbidden=True) == Wanted(max_tokens=1000)


@pytest.mark.parametrize(
    ("effort", "accepted", "sent"),
    [
        ("max", ("low", "high"), "high"),
        ("minimal", ("low", "high"), "low"),
        ("medium", ("low", "high"), "low"),
        ("high", (), ""),
        ("", ("low",), ""),
        ("extreme", ("low",), ""),
    ],
)
def test_an_effort_that_is_not_taken_becomes_the_next_weaker(effort: str, accepted: tuple[str, ...], sent: str) -> None:
    assert snap(effort, accepted) == sent
