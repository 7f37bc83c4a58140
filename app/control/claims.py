"""What a claim may use at most, and what a usage used: in tokens, and in nano-dollars at the price of its size."""

from __future__ import annotations

from dataclasses import replace

from app.domain.ledger import Claim
from app.domain.money import PriceSteps, cost_of, price_at
from app.domain.usage import Usage

ASSUMED_OUTPUT_TOKENS = 8_192
"""What an answer may have at first whose client set no bound."""
MORE_OUTPUT_TOKENS = 4_096
"""What is reserved in addition as it grows."""
AHEAD_TOKENS = 1_024
"""More is reserved when so little of what was is left."""
LAST_TOKENS = 128
"""Where no more can be, it ends when so little is left: it is looked at ten times a second only."""
MOST = 2**53
"""More than anything real; a number that a provider invents must not overflow a sum."""
_ROUNDED_APART = 5
"""Each class of tokens is rounded to a whole nano-dollar by itself."""


def most_tokens(claim: Claim) -> int:
    """The most tokens that the claim may use."""
    return _bounded(claim.prompt_tokens + most_output(claim))


def most_nusd(claim: Claim, steps: PriceSteps) -> int | None:
    """The most that the claim may cost; None where nobody knows its price.

    A prompt may be written to the provider's cache, which some charge more for than for reading it. What is free has
    a price all the same where the user or the list names one, as it has in the history.
    """
    price = price_at(steps, claim.prompt_tokens)
    if price is None:
        return 0 if claim.free else None
    dearest = max(price.input_nusd_per_mtok, price.cache_write_5m_nusd_per_mtok, price.cache_write_1h_nusd_per_mtok)
    exact = claim.prompt_tokens * dearest + most_output(claim) * price.output_nusd_per_mtok
    return _bounded(-(-exact // 1_000_000) + _ROUNDED_APART) if exact else 0


def used_tokens(usage: Usage) -> int:
    """All that went in and came out."""
    return _bounded(usage.total_tokens)


def used_nusd(usage: Usage, claim: Claim, steps: PriceSteps) -> int | None:
    """What it cost; None where nobody knows. What the provider itself charged wins."""
    cost = cost_of(usage, price_at(steps, usage.prompt_tokens))
    if cost is None:
        return 0 if claim.free or not usage.total_tokens else None
    return _bounded(cost.total_nusd)


def most_output(claim: Claim) -> int:
    """The most tokens that the answers may have."""
    return (claim.output_tokens or ASSUMED_OUTPUT_TOKENS) * max(1, claim.answers)


def left_output(claim: Claim, said_tokens: int) -> int:
    """How much of what is reserved for the answers is left."""
    return most_output(claim) - said_tokens


def grown(claim: Claim, said_tokens: int) -> Claim:
    """The claim of answers that have so many tokens, and go on."""
    return replace(claim, output_tokens=-(-(said_tokens + MORE_OUTPUT_TOKENS) // max(1, claim.answers)))


def _bounded(amount: int) -> int:
    return min(max(amount, 0), MOST)
