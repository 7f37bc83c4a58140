"""What the client asked of the model's thinking -> what this generation of Claude takes."""

from __future__ import annotations

from dataclasses import dataclass

from app.dialects.anthropic_messages.families import Family, ThinkingStyle
from app.domain.request import Reasoning

EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")
LEAST_BUDGET_TOKENS = 1024
_BUDGET_TOKENS = {"minimal": 1024, "low": 4096, "medium": 10_000, "high": 24_000, "xhigh": 31_999, "max": 31_999}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Thinking in the upstream's terms; `thinking` and `effort` are empty where nothing is sent."""

    thinking: str = ""
    """"enabled", "adaptive" or "disabled"."""
    budget_tokens: int = 0
    effort: str = ""
    max_tokens: int = 0

    @property
    def on(self) -> bool:
        """The model thinks by request, which rules out forced tools and free sampling."""
        return self.thinking in ("enabled", "adaptive")


def wanted(reasoning: Reasoning, family: Family, max_tokens: int, *, forbidden: bool) -> Wanted:
    """The thinking to ask for; `forbidden` is true where something else in the request rules it out.

    `max_tokens` of the result is what to send: a budget that we chose counts on top of what the client asked for.
    """
    off = reasoning.enabled is False or reasoning.effort == "none"
    asked = reasoning.enabled or bool(reasoning.effort) or reasoning.budget_tokens is not None
    if not off and not asked:
        return Wanted(max_tokens=max_tokens)
    if family.thinking is ThinkingStyle.BUDGET:
        if off or forbidden:
            return Wanted(max_tokens=max_tokens)
        return _budget(reasoning, family, max_tokens)
    if family.thinking is ThinkingStyle.NONE:
        return Wanted(max_tokens=max_tokens)
    if off:
        if family.thinking is ThinkingStyle.ALWAYS:
            return Wanted(effort=snap("low", family.effort), max_tokens=max_tokens)
        return Wanted(thinking="disabled", max_tokens=max_tokens)
    effort = snap(reasoning.effort or _effort_of(reasoning.budget_tokens), family.effort)
    on = family.thinking is ThinkingStyle.ADAPTIVE and not forbidden
    return Wanted(thinking="adaptive" if on else "", effort=effort, max_tokens=max_tokens)


def snap(effort: str, accepted: tuple[str, ...]) -> str:
    """The effort itself where it is accepted, else the next weaker one, else the weakest; empty stays empty."""
    if effort not in EFFORTS or not accepted:
        return ""
    weaker = [word for word in EFFORTS[: EFFORTS.index(effort) + 1] if word in accepted]
    return weaker[-1] if weaker else accepted[0]


def _budget(reasoning: Reasoning, family: Family, max_tokens: int) -> Wanted:
    budget = reasoning.budget_tokens
    if budget is None:
        budget = _BUDGET_TOKENS.get(reasoning.effort, _BUDGET_TOKENS["medium"])
        max_tokens += budget
        if family.max_output_tokens:
            max_tokens = min(max_tokens, family.max_output_tokens)
    budget = min(max(budget, LEAST_BUDGET_TOKENS), max_tokens - 1)
    if budget < LEAST_BUDGET_TOKENS:
        return Wanted(max_tokens=max_tokens)  # too small an answer to think for
    return Wanted("enabled", budget, max_tokens=max_tokens)


def _effort_of(budget_tokens: int | None) -> str:
    if budget_tokens is None:
        return ""
    return "low" if budget_tokens < 4096 else "medium" if budget_tokens < 16_384 else "high"
