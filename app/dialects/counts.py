"""Token counts of OpenAI's dialects made disjoint: their prompt includes what was read from and written to the cache.

What cannot be (a negative count, more cached than sent) is zero or cut, and marked, never believed.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.money import NUSD_PER_USD
from app.domain.usage import MOST_TOKENS, Usage, UsageSource

_MOST_USD = 100_000
"""For one exchange; as with tokens, more is a defect."""


@dataclass(slots=True)
class Counts:
    """Reads the counts of one answer and remembers whether one was impossible."""

    valid: bool = True

    def read(self, *values: int | None) -> int:
        """The first value that is there, zero without one or where it is impossible."""
        value = next((value for value in values if value is not None), 0)
        if 0 <= value <= MOST_TOKENS:
            return value
        self.valid = False
        return 0

    def disjoint(
        self, *, prompt: int, read: int, write: int, output: int, reasoning: int, searches: int, cost_nusd: int | None
    ) -> Usage:
        """The usage, from counts that `read` gave."""
        if read + write > prompt:
            self.valid = False
            read = min(read, prompt)
            write = prompt - read if write else 0
        if reasoning > output:
            self.valid = False
            reasoning = output
        return Usage(
            input_tokens=prompt - read - write,
            cache_read_tokens=read,
            cache_write_5m_tokens=write,
            output_tokens=output,
            reasoning_tokens=reasoning,
            web_searches=searches,
            source=UsageSource.REPORTED if self.valid else UsageSource.INVALID,
            reported_cost_nusd=cost_nusd,
        )


def charged_nusd(cost_usd: float | None, own_key_usd: float | None) -> int | None:
    """What OpenRouter charged, with what a user's own key was charged at its upstream; None where it is not said."""
    if cost_usd is None or not 0 <= cost_usd <= _MOST_USD:
        return None
    return round((cost_usd + (own_key_usd or 0)) * NUSD_PER_USD)
