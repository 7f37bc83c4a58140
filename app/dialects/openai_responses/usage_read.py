"""An upstream's token counts -> disjoint ones: `input_tokens` includes what came from the cache and what went to it."""

from __future__ import annotations

from app.dialects.counts import Counts, charged_nusd
from app.dialects.openai_responses import wire_answer as wire
from app.domain.usage import Usage


def read_usage(response: wire.ResponseIn, kind: str, searches: int) -> Usage | None:
    """The disjoint counts; None where the answer holds none.

    `kind` is the upstream's profile kind, `searches` how often the answer shows that the web was searched, which counts
    where the upstream does not say how many searches it charges.
    """
    usage = response.usage
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None and usage.total_tokens is None):
        return None
    counts = Counts()
    details = usage.input_tokens_details or wire.InputDetails()
    charged = response.tool_usage.web_search if response.tool_usage else None
    return counts.disjoint(
        prompt=counts.read(usage.input_tokens),
        read=counts.read(details.cached_tokens),
        write=counts.read(details.cache_write_tokens),
        output=counts.read(usage.output_tokens),
        reasoning=counts.read((usage.output_tokens_details or wire.OutputDetails()).reasoning_tokens),
        searches=counts.read(charged.num_requests if charged else None, searches),
        cost_nusd=_cost_nusd(usage) if kind == "openrouter" else None,
    )


def _cost_nusd(usage: wire.UsageIn) -> int | None:
    own_key = usage.cost_details.upstream_inference_cost if usage.is_byok and usage.cost_details else None
    return charged_nusd(usage.cost, own_key)
