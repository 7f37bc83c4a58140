"""Token counts: an upstream's -> disjoint ones, and disjoint ones -> a client's.

Chat's `prompt_tokens` includes what came from the cache and what was written to it; ours do not.
"""

from __future__ import annotations

from app.dialects.openai_chat import wire_reply as wire
from app.domain.money import NUSD_PER_USD
from app.domain.usage import Usage, UsageSource

MAX_TOKENS = 2**40
"""More than any answer; a larger count is a defect of the upstream's."""


class _Counts:
    """Reads counts and remembers whether one was impossible."""

    def __init__(self) -> None:
        self.valid = True

    def read(self, *values: int | None) -> int:
        """The first value that is there, zero without one or where it is impossible."""
        value = next((value for value in values if value is not None), 0)
        if 0 <= value <= MAX_TOKENS:
            return value
        self.valid = False
        return 0


def read_usage(usage: wire.UsageIn, kind: str) -> Usage | None:
    """The disjoint counts; None where the object holds no count at all. `kind` is the upstream's profile kind."""
    if usage.prompt_tokens is None and usage.completion_tokens is None and usage.total_tokens is None:
        return None
    counts = _Counts()
    cached = usage.prompt_tokens_details or wire.CachedTokens()
    prompt = counts.read(usage.prompt_tokens)
    read = counts.read(cached.cached_tokens, usage.prompt_cache_hit_tokens, usage.cache_read_input_tokens)
    write = counts.read(cached.cache_write_tokens, usage.cache_creation_input_tokens)
    output = counts.read(usage.completion_tokens)
    reasoning = counts.read((usage.completion_tokens_details or wire.ReasoningTokens()).reasoning_tokens)
    if reasoning and usage.total_tokens == prompt + output + reasoning:
        output += reasoning  # xAI counts reasoning beside the completion
    if read + write > prompt:
        counts.valid = False
        read = min(read, prompt)
        write = prompt - read if write else 0
    if reasoning > output:
        counts.valid = False
        reasoning = output
    searches = usage.server_tool_use_details or usage.server_tool_use or wire.SearchCount()
    return Usage(
        input_tokens=prompt - read - write,
        cache_read_tokens=read,
        cache_write_5m_tokens=write,
        output_tokens=output,
        reasoning_tokens=reasoning,
        web_searches=counts.read(searches.web_search_requests),
        source=UsageSource.REPORTED if counts.valid else UsageSource.INVALID,
        reported_cost_nusd=_cost_nusd(usage) if kind == "openrouter" else None,
    )


def write_usage(usage: Usage) -> wire.UsageOut | None:
    """A client's counts; None where nothing is known, for a zero would be a lie."""
    if usage.source is UsageSource.NONE:
        return None
    return wire.UsageOut(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        prompt_tokens_details={
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        completion_tokens_details={"reasoning_tokens": usage.reasoning_tokens},
    )


def _cost_nusd(usage: wire.UsageIn) -> int | None:
    """What OpenRouter charged, with what a user's own key was charged upstream (`is_byok`)."""
    if usage.cost is None or not 0 <= usage.cost < MAX_TOKENS:
        return None
    cost = usage.cost
    if usage.is_byok and usage.cost_details and usage.cost_details.upstream_inference_cost:
        cost += usage.cost_details.upstream_inference_cost
    return round(cost * NUSD_PER_USD)
