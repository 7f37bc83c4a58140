"""What each generation of Claude accepts, told by the model's name.

Source: platform.claude.com (models overview, extended and adaptive thinking, effort, structured outputs), 2026. A name
that is not Claude's belongs to a compatible server: it gets what such servers have in common.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_NAME = re.compile(
    r"claude-(?:(?P<line>[a-z]+)-)?(?P<major>\d{1,2})(?:[-.](?P<minor>\d{1,2}))?(?!\d)(?:-(?P<old_line>[a-z]+))?"
)
_ALWAYS_THINKING = frozenset({"fable", "mythos"})
_OUTPUT_TOKENS = (
    ((4, 6), 128_000),
    ((4, 5), 64_000),
    ((4, 0), 32_000),
    ((3, 7), 64_000),
    ((3, 5), 8_192),
    ((0, 0), 4_096),
)
"""The most output tokens from each version on."""


class ThinkingStyle(StrEnum):
    """How thinking is asked for."""

    NONE = "none"
    """Asking is an error."""
    BUDGET = "budget"
    """`enabled` with `budget_tokens`; `adaptive` is an error."""
    ADAPTIVE = "adaptive"
    """`adaptive` with an effort; may be `disabled`."""
    ALWAYS = "always"
    """The model always thinks; only an effort may be given."""


@dataclass(frozen=True, slots=True)
class Family:
    """The abilities of a model's generation."""

    thinking: ThinkingStyle = ThinkingStyle.BUDGET
    effort: tuple[str, ...] = ()
    """Effort words it takes, weakest first."""
    sampling: bool = True
    """Takes `temperature`, `top_p` and `top_k`."""
    output_format: bool = False
    """Takes `output_config.format` and strict tools."""
    prefill: bool = True
    """Continues an answer that the request began."""
    inline_system: bool = False
    """Takes a system message in mid-conversation."""
    max_output_tokens: int = 0
    """0 where unknown."""


COMPATIBLE = Family()


def family_of(model: str) -> Family:
    """The abilities of the model of that name, whatever stands before it ("anthropic/", "us.anthropic.")."""
    found = _NAME.search(model.lower())
    if found is None:
        return COMPATIBLE
    line = found["line"] or found["old_line"] or ""
    version = (int(found["major"]), int(found["minor"] or 0))
    always = line in _ALWAYS_THINKING
    newest = always or version >= (4, 7)
    limit = next(tokens for since, tokens in _OUTPUT_TOKENS if version >= since)
    return Family(
        thinking=ThinkingStyle.ALWAYS if always else _style(version),
        effort=_effort(version, newest=newest),
        sampling=not newest,
        output_format=always or version >= (4, 5),
        prefill=not always and version < (4, 6),
        inline_system=always or version >= (4, 8),
        max_output_tokens=64_000 if (line, version) == ("sonnet", (4, 0)) else limit,
    )


def _style(version: tuple[int, int]) -> ThinkingStyle:
    if version >= (4, 6):
        return ThinkingStyle.ADAPTIVE
    return ThinkingStyle.BUDGET if version >= (3, 7) else ThinkingStyle.NONE


def _effort(version: tuple[int, int], *, newest: bool) -> tuple[str, ...]:
    if newest:
        return ("low", "medium", "high", "xhigh", "max")
    return ("low", "medium", "high", "max") if version >= (4, 6) else ()
