"""Gemini's token counts -> disjoint ones: its prompt includes what was cached, its candidates leave out thoughts."""

from __future__ import annotations

from app.dialects.counts import Counts
from app.dialects.gemini.wire_reply import UsageIn
from app.domain.usage import Usage


def later(known: UsageIn | None, more: UsageIn) -> UsageIn:
    """The counts after one more piece of a stream: they only grow, and one that is missing or zero says nothing."""
    if known is None:
        return more
    return UsageIn(
        more.prompt_token_count or known.prompt_token_count,
        more.tool_use_prompt_token_count or known.tool_use_prompt_token_count,
        more.cached_content_token_count or known.cached_content_token_count,
        more.candidates_token_count or known.candidates_token_count,
        more.thoughts_token_count or known.thoughts_token_count,
        more.total_token_count or known.total_token_count,
    )


def read_usage(usage: UsageIn, searches: int = 0) -> Usage | None:
    """The disjoint counts; None where the object holds no count at all."""
    if usage == UsageIn():
        return None
    counts = Counts()
    thoughts = counts.read(usage.thoughts_token_count)
    return counts.disjoint(
        prompt=counts.read(usage.prompt_token_count) + counts.read(usage.tool_use_prompt_token_count),
        read=counts.read(usage.cached_content_token_count),
        write=0,
        output=counts.read(usage.candidates_token_count) + thoughts,
        reasoning=thoughts,
        searches=searches,
        cost_nusd=None,
    )
