"""What a usage cost at the time of its exchange; asked once, when the row is written, and frozen there."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.domain.money import Cost, Price, cost_of
from app.domain.usage import Usage, UsageSource

log = logging.getLogger(__name__)

PriceOf = Callable[[str, str, int, int, str], Price | None]
"""(vendor, sent model, started_us, prompt tokens, provider) -> price; some models charge more for a long prompt."""


def cost(price_of: PriceOf, vendor: str, model: str, started_us: int, usage: Usage, provider: str = "") -> Cost | None:
    """The cost; None where nothing is known about the usage or the price. Never raises."""
    if usage.source is UsageSource.NONE:
        return None
    try:
        price = price_of(vendor, model, started_us, usage.prompt_tokens, provider)
    except Exception:
        log.exception("no price for %s of %s: the price list failed", model, vendor)
        price = None
    return cost_of(usage, price)
