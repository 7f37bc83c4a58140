"""What each generation of Gemini accepts, told by the model's name.

Sources: Google, "Thinking" (levels and budgets a model takes), "Gemini 3" (signatures, ids, media in results), "Combine
built-in tools and function calling", "File input methods", 2026; the texts of the API's 400s. A name without a version
is told by "latest"; one that is not Gemini's (Gemma, a tuned model) gets what all of them have in common.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"gemini-(?P<major>\d{1,2})(?:\.(?P<minor>\d{1,2}))?(?!\d)")
_LATEST = (3, 8)
"""What "gemini-flash-latest" stands for, or newer."""


@dataclass(frozen=True, slots=True)
class Family:
    """The abilities of a model's generation."""

    levels: tuple[str, ...] = ()
    """Words for `thinkingLevel`, weakest first; empty where it is an error."""
    budgets: tuple[int, int] | None = None
    """The smallest and the largest `thinkingBudget`, in tokens; None where it is an error."""
    may_not_think: bool = False
    """A budget of 0 switches thinking off."""
    fetches: bool = False
    """Media may stand at any public address; else at Google's own only."""
    third: bool = False
    """Gemini 3 and later: calls carry ids and want their signatures back; media stand inside a function's response;
    Google's own search and structured output work beside functions."""

    @property
    def thinks(self) -> bool:
        """Whether `thinkingConfig` may be sent at all."""
        return bool(self.levels or self.budgets)


def family_of(model: str) -> Family:
    """The abilities of the model of that name, whatever stands before it ("models/", "google/")."""
    name = model.lower()
    found = _NAME.search(name)
    if found is not None:
        version = (int(found["major"]), int(found["minor"] or 0))
    elif "gemini-" in name and "latest" in name:
        version = _LATEST
    else:
        return Family()
    draws = "-image" in name
    if version >= (3, 0):
        return Family(levels=() if draws else _levels(name, version), fetches=True, third=True)
    if version < (2, 5):
        return Family()
    if draws:
        return Family(fetches=True)
    if "pro" in name:
        return Family(budgets=(128, 32_768), fetches=True)
    return Family(budgets=(512 if "lite" in name else 1, 24_576), may_not_think=True, fetches=True)


def _levels(name: str, version: tuple[int, int]) -> tuple[str, ...]:
    if "pro" in name and version < (3, 1):
        return ("low", "high")
    if "lite" in name or ("flash" in name and version < (3, 7)):
        return ("minimal", "low", "medium", "high")
    return ("low", "medium", "high")
