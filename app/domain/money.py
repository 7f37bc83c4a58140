"""Money as integer nano-dollars, and what an exchange costs."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.usage import Usage
from app.domain.wildcard import fits

NUSD_PER_USD = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in nano-dollars for a million tokens, and where that is known from."""

    input_nusd_per_mtok: int
    output_nusd_per_mtok: int
    cache_read_nusd_per_mtok: int
    cache_write_5m_nusd_per_mtok: int
    cache_write_1h_nusd_per_mtok: int
    web_search_nusd: int = 0
    source: str = ""
    """Where the price comes from, for people: "genai-prices 0.2.3: anthropic/claude-opus-4-8", "patchbay.toml"."""


PriceSteps = tuple[tuple[int, Price], ...]
"""(prompts of more than so many tokens, their price), the longest first, the last for -1; empty without a price."""


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One `[[price]]`: what the user says that models cost."""

    model: str
    """The name sent to the provider; `*` stands for any part of it."""
    price: Price
    provider: str = ""
    """By name; empty for any."""
    vendor: str = ""
    """Empty for any."""

    def fits(self, provider: str, vendor: str, model: str) -> bool:
        """Whether it tells the price of that model there."""
        return (
            (not self.provider or self.provider == provider)
            and (not self.vendor or self.vendor == vendor)
            and fits(model, (self.model,))
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one exchange cost, by token class, nano-dollars."""

    input_nusd: int
    output_nusd: int
    cache_read_nusd: int
    cache_write_nusd: int
    web_search_nusd: int
    total_nusd: int
    source: str


def dollars(nusd: int) -> str:
    """With the digits that matter: $0.0042, $1.27, $318."""
    sign, usd = ("-" if nusd < 0 else ""), abs(nusd) / NUSD_PER_USD
    if usd >= 99.995:
        return f"{sign}${usd:,.0f}"
    if usd >= 0.0995 or nusd == 0:
        return f"{sign}${usd:.2f}"
    if usd < 0.000_000_95:
        return f"{sign}<$0.000001"
    decimals = next(places for places in range(3, 9) if usd * 10**places >= 9.95 or places == 8)
    return f"{sign}${usd:.{decimals}f}"


def price_at(steps: PriceSteps, prompt_tokens: int) -> Price | None:
    """The price of a prompt of that size."""
    return next((price for above, price in steps if prompt_tokens > above), None)


def cost_of(usage: Usage, price: Price | None) -> Cost | None:
    """Price a usage; None where no price is known (shown as "unpriced", never as zero).

    A cost that the upstream itself reported wins over the arithmetic for the total.
    """
    if price is None:
        reported = usage.reported_cost_nusd
        return None if reported is None else Cost(0, 0, 0, 0, 0, reported, "reported by the provider")
    parts = (
        _share(usage.input_tokens, price.input_nusd_per_mtok),
        _share(usage.output_tokens, price.output_nusd_per_mtok),
        _share(usage.cache_read_tokens, price.cache_read_nusd_per_mtok),
        _share(usage.cache_write_5m_tokens, price.cache_write_5m_nusd_per_mtok)
        + _share(usage.cache_write_1h_tokens, price.cache_write_1h_nusd_per_mtok),
        usage.web_searches * price.web_search_nusd,
    )
    if usage.reported_cost_nusd is not None:
        return Cost(*parts, usage.reported_cost_nusd, "reported by the provider")
    return Cost(*parts, sum(parts), price.source)


def _share(tokens: int, nusd_per_mtok: int) -> int:
    return (tokens * nusd_per_mtok + 500_000) // 1_000_000
