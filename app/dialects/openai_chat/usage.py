"""Token counts: an upstream's -> disjoint ones, and disjoint ones -> a client's.

Chat's `prompt_tokens` includes what came from the cache and what was written to it; ours do not.
"""

from __future__ import annotations

from app.dialects.counts import Counts, charged_nusd
from app.dialects.openai_chat import wire_reply as wire
from app.domain.usage import Usage, UsageSource


def read_usage(usage: wire.UsageIn, kind: str) -> Usage | None:
    """The disjoint counts; None where the object holds no count at all. `kind` is the upstream's profile kind."""
    if usage.prompt_tokens is None and usage.completion_tokens is None and usage.total_tokens is None:
        return None
    counts = Counts()
    cached = usage.prompt_tokens_details or wire.CachedTokens()
    prompt = counts.read(usage.prompt_tokens)
    read = counts.read(cached.cached_tokens, usage.prompt_cache_hit_tokens, usage.cache_read_input_tokens)
    write = counts.read(cached.cache_write_tokens, usage.cache_creation_input_tokens)
    output = counts.read(usage.completion_tokens)
    reasoning = counts.read((usage.completion_tokens_details or wire.ReasoningTokens()).reasoning_tokens)
    if reasoning and usage.total_tokens == prompt + output + reasoning:
        output += reasoning  # xAI counts reasoning beside the completion
    searches = usage.server_tool_use_details or usage.server_tool_use or wire.SearchCount()
    return counts.disjoint(
        prompt=prompt,
        read=read,
        write=write,
        output=output,
        reasoning=reasoning,
        searches=counts.read(searches.web_search_requests),
        cost_nusd=_cost_nusd(usage) if kind == "openrouter" else None,
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
    own_key = usage.cost_details.upstream_inference_cost if usage.is_byok and usage.cost_details else None
    return charged_nusd(usage.cost, own_key)
