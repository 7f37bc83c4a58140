"""How hard the model shall think: the client's wish in one word, and the nearest word that an upstream accepts."""

from __future__ import annotations

from app.domain.request import Reasoning

LOW_BELOW_TOKENS = 4096
MEDIUM_BELOW_TOKENS = 16384

_NEAREST = {
    "max": ("max", "xhigh", "high", "medium", "low"),
    "xhigh": ("xhigh", "high", "medium", "low"),
    "high": ("high", "medium", "low"),
    "medium": ("medium", "low", "high"),
    "low": ("low", "minimal", "medium"),
    "minimal": ("minimal", "low"),
    "none": ("none", "minimal", "low"),
}
"""What to try for each word, best first: rather less thinking than more, and never more where none was wanted."""


def wanted(reasoning: Reasoning) -> str:
    """The effort the client asked for in one word; empty where it left the choice to the model.

    Switched off wins over an effort: Claude Code's title request sends both.
    """
    if reasoning.enabled is False:
        return "none"
    if reasoning.effort:
        return reasoning.effort
    if reasoning.budget_tokens is None:
        return ""
    if reasoning.budget_tokens < LOW_BELOW_TOKENS:
        return "low"
    return "medium" if reasoning.budget_tokens < MEDIUM_BELOW_TOKENS else "high"


def snapped(effort: str, accepted: tuple[str, ...]) -> str:
    """The accepted word nearest to `effort`; empty where none will do."""
    return next((word for word in _NEAREST.get(effort, (effort,)) if word in accepted), "")
