"""How much the model shall think: a budget for Gemini 2.5, a level from Gemini 3 on, never both, which is a 400."""

from __future__ import annotations

from app.dialects.effort import snapped, wanted
from app.dialects.gemini.families import Family
from app.dialects.gemini.wire_out import ThinkingOut
from app.dialects.notes import Notes
from app.domain.provider import Profile
from app.domain.request import Reasoning

_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24_576}
"""As Google's own OpenAI layer turns efforts into budgets; a stronger word takes the model's largest."""
DYNAMIC = -1
"""The model decides."""


def thinking(reasoning: Reasoning, family: Family, profile: Profile, notes: Notes) -> ThinkingOut | None:
    """The upstream's `thinkingConfig`; None where the client said nothing about it or the model knows none."""
    effort = wanted(reasoning) if profile.effort else ""
    if not family.thinks or (not profile.effort and wanted(reasoning)):
        if wanted(reasoning) not in {"", "none"}:
            notes.drop("reasoning_effort")
        return None
    config = ThinkingOut()
    if family.levels:
        config.thinking_level = snapped(effort, _accepted(family, profile)).upper() if effort else ""
    else:
        config.thinking_budget = _budget(reasoning, effort, family)
    config.include_thoughts = reasoning.show and not reasoning.omit_text and reasoning.enabled is not False
    return None if config == ThinkingOut() else config


def _accepted(family: Family, profile: Profile) -> tuple[str, ...]:
    """The levels that model and provider both take; `xhigh` is known by few models and stands in profiles only."""
    return tuple(word for word in profile.effort if word in family.levels or word == "xhigh")


def _budget(reasoning: Reasoning, effort: str, family: Family) -> int | None:
    smallest, largest = family.budgets or (0, 0)
    if effort == "none":
        return 0 if family.may_not_think else smallest
    if reasoning.effort:
        budget = _BUDGETS.get(effort, largest)
    elif reasoning.budget_tokens is not None:
        budget = reasoning.budget_tokens
    else:
        return DYNAMIC if reasoning.enabled else None
    return min(max(budget, smallest), largest)
