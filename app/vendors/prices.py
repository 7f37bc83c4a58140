"""What a model costs, from the maintained genai-prices data set that ships in a package; nothing is downloaded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

from app.domain.money import NUSD_PER_USD, Price, PriceSteps

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

_IDS = {
    "azure": ("azure", "openai"),
    "gemini": ("google",),
    "kimi": ("moonshotai",),
    "glm": ("zai",),
    "demo": (),
    "ollama": (),
}
"""The data set's names of a vendor; the same word where not listed. None where nothing is charged."""

_AMOUNTS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
_DEMO = Price(3_000_000_000, 15_000_000_000, 300_000_000, 3_750_000_000, 6_000_000_000, source="Demo: invented prices")


def price_for(vendor: str, model: str, at_us: int, prompt_tokens: int = 0) -> Price | None:
    """The price of a model at a time for a prompt of that size; None where it is not known.

    `at_us` are UTC microseconds. Some models charge every token more beyond a prompt size, hence `prompt_tokens`.
    A model of a compatible server is looked up by its name alone, and only where the name is one vendor's own.
    The first call imports the data set (0.3 s).
    """
    if vendor == "demo":
        return _DEMO
    day = at_us // 86_400_000_000
    found = _model_price(vendor, model, day)
    return _price(found[0], found[1], prompt_tokens) if found else None


def price_steps(vendor: str, model: str, at_us: int) -> PriceSteps:
    """The prices of a model at a time, for prompts of every size; empty where none is known. As slow as `price_for`."""
    if vendor == "demo":
        return ((-1, _DEMO),)
    found = _model_price(vendor, model, at_us // 86_400_000_000)
    if found is None:
        return ()
    amounts = (getattr(found[0], name, None) for name in _AMOUNTS)
    starts = {tier.start for amount in amounts for tier in getattr(amount, "tiers", None) or ()}
    steps = [(-1, _price(*found, 0)), *((start, _price(*found, start + 1)) for start in sorted(starts))]
    return tuple((above, price) for above, price in reversed(steps) if price is not None)


@lru_cache(maxsize=512)
def _model_price(vendor: str, model: str, day: int) -> tuple[ModelPrice, str] | None:
    from genai_prices import Usage, calc_price  # 0.3 s: off the start path

    when = dt.datetime.fromtimestamp(day * 86_400, tz=dt.UTC)
    names = _IDS.get(vendor, (_by_model(model),) if vendor.endswith("-compatible") else (vendor,))
    for name in names:
        if not name:
            continue
        try:
            found = calc_price(Usage(input_tokens=1), model_ref=model, provider_id=name, genai_request_timestamp=when)
        except (LookupError, ValueError):
            continue
        label = f"genai-prices {metadata.version('genai-prices')}: {found.provider.id}/{found.model.id}"
        return found.model_price, label
    return None


def _by_model(model: str) -> str:
    marks = {
        "claude": "anthropic",
        "gpt-": "openai",
        "gemini-": "google",
        "deepseek-": "deepseek",
        "kimi-": "moonshotai",
        "glm-": "zai",
    }
    return next((vendor for mark, vendor in marks.items() if model.startswith(mark)), "")


def _price(found: ModelPrice, source: str, prompt_tokens: int) -> Price | None:
    incoming = _nusd(getattr(found, "input_mtok", None), prompt_tokens)
    outgoing = _nusd(getattr(found, "output_mtok", None), prompt_tokens)
    if incoming is None or outgoing is None:
        return None
    read = _nusd(getattr(found, "cache_read_mtok", None), prompt_tokens)
    write = _nusd(getattr(found, "cache_write_mtok", None), prompt_tokens)
    write_1h = _nusd(getattr(found, "cache_write_1h_mtok", None), prompt_tokens)
    searches = getattr(found, "web_searches_kcount", None)
    # A class without a price of its own is billed as plain input: OpenAI's cache writes, for one.
    five_minutes = incoming if write is None else write
    return Price(
        input_nusd_per_mtok=incoming,
        output_nusd_per_mtok=outgoing,
        cache_read_nusd_per_mtok=incoming if read is None else read,
        cache_write_5m_nusd_per_mtok=five_minutes,
        cache_write_1h_nusd_per_mtok=five_minutes if write_1h is None else write_1h,
        web_search_nusd=(_nusd(searches, 0) or 0) // 1000,
        source=source,
    )


def _nusd(amount: object, prompt_tokens: int) -> int | None:
    """A price in nano-dollars; a tiered one at the tier that the prompt reaches."""
    tiers = getattr(amount, "tiers", None)
    if tiers is not None:
        reached = [tier.price for tier in tiers if prompt_tokens > tier.start]
        amount = reached[-1] if reached else getattr(amount, "base", None)
    return int(amount * NUSD_PER_USD) if isinstance(amount, Decimal) else None
