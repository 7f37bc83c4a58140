"""Token counts of one exchange, disjoint whatever the vendor counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_TOKENS = 100_000_000
"""Ten times the widest context there is; a larger count of one exchange is a defect of who reports it."""


class UsageSource(StrEnum):
    """Where the counts come from."""

    REPORTED = "reported"
    """The upstream said so."""
    ESTIMATED = "estimated"
    """The upstream said nothing; counted from the text."""
    INVALID = "invalid"
    """The upstream said something impossible; the impossible parts are zero."""
    NONE = "none"
    """Nothing was ever sent or nothing is known."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Disjoint token counts: what went in is `input + cache_read + cache_write_5m + cache_write_1h`.

    `reasoning_tokens` is a part of `output_tokens`, never added to it. Anthropic's `input_tokens` already leaves the
    cache out; OpenAI's and Gemini's prompt count includes it and is made disjoint inside the dialect package.
    """

    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    web_searches: int = 0
    source: UsageSource = UsageSource.REPORTED
    reported_cost_nusd: int | None = None
    """What the upstream itself charged (OpenRouter's `usage.cost`), nano-dollars; authoritative where present."""

    @property
    def cache_write_tokens(self) -> int:
        """Tokens written to the vendor's prompt cache, of either lifetime."""
        return self.cache_write_5m_tokens + self.cache_write_1h_tokens

    @property
    def prompt_tokens(self) -> int:
        """Everything that went in, cached or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def total_tokens(self) -> int:
        """Everything that went in and came out."""
        return self.prompt_tokens + self.output_tokens


NO_USAGE = Usage(source=UsageSource.NONE)


def estimate_tokens(utf8_bytes: int) -> int:
    """Roughly how many tokens a text of that many UTF-8 bytes has; at least 1.

    3.6 bytes a token is the mean over English and code for today's vocabularies; a result of this function must
    always be shown as an estimate.
    """
    return max(1, -(-utf8_bytes * 10 // 36))
