"""`patchbay price …`: what models cost whose price nobody else knows, or who cost something else here."""

from __future__ import annotations

import argparse

from app.cli.context import Context
from app.domain.money import NUSD_PER_USD, PriceRule


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the user's own prices."""
    rules = context.services.prices.rules
    if options.json:
        context.out.json([_plain(one) for one in rules])
    elif rules:
        head = ("model", "provider", "vendor", "input", "output", "cache read", "cache write")
        context.out.table(head, [_row(one) for one in rules])
        context.out.note("Dollars for a million tokens; the first that fits counts.")
    else:
        context.out.note("There are no prices of your own; every price comes from the price list.")
    return 0


async def put(context: Context, options: argparse.Namespace) -> int:
    """Set a price."""
    keys = ("model", "input", "output", "cache_read", "cache_write", "provider", "vendor")
    rule = await context.services.prices.put({key: getattr(options, key) for key in keys})
    context.out.note(f"Set the price of {rule.model}: ${_usd(rule)[0]} in, ${_usd(rule)[1]} out for a million tokens.")
    return 0


async def remove(context: Context, options: argparse.Namespace) -> int:
    """Remove a price."""
    await context.services.prices.remove(options.model, options.provider or "", options.vendor or "")
    context.out.note(f"Removed the price of {options.model}.")
    return 0


def _usd(rule: PriceRule) -> tuple[str, ...]:
    price = rule.price
    amounts = (
        price.input_nusd_per_mtok,
        price.output_nusd_per_mtok,
        price.cache_read_nusd_per_mtok,
        price.cache_write_5m_nusd_per_mtok,
    )
    return tuple(f"{nusd / NUSD_PER_USD:.12g}" for nusd in amounts)


def _row(rule: PriceRule) -> tuple[str, ...]:
    return (rule.model, rule.provider or "any", rule.vendor or "any", *(f"${amount}" for amount in _usd(rule)))


def _plain(rule: PriceRule) -> dict[str, object]:
    names = ("input", "output", "cache_read", "cache_write")
    amounts = {name: float(amount) for name, amount in zip(names, _usd(rule), strict=True)}
    return {"model": rule.model, "provider": rule.provider, "vendor": rule.vendor, **amounts}
