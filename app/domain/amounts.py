"""Amounts as people type them, whatever their country's signs for thousands and decimals.

"1,234.50", "1.234,50", "1 234,50" and "1'234.5" are the same. Where one sign could be either, the reading is the one in
which this program writes numbers itself, or none: nobody wants a budget of a thousandth of what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from app.domain.budget import Unit
from app.domain.money import NUSD_PER_USD

MOST_USD = 9_000_000
MOST_TOKENS = 9 * 10**15
_SUFFIXES = {"k": 3, "m": 6, "g": 9, "b": 9}
_SPACES = re.compile(r"[\s'\u2019_]")
_SHAPE = re.compile(r"(?P<number>[0-9]+(?:[.,][0-9]+)*)(?P<suffix>[kmgb]?)")


class AmountError(ValueError):
    """What was typed is no amount; the text says why and what to write."""


def parse(text: str, unit: Unit) -> int:
    """Nano-dollars or tokens; raises AmountError."""
    return parse_money(text) if unit is Unit.MONEY else parse_tokens(text)


def parse_money(text: str) -> int:
    """Dollars as nano-dollars: "20", "$1,250.50", "1.250,50 USD"."""
    plain = _plain(text)
    for sign in ("$", "usd", "us$"):
        plain = plain.removeprefix(sign).removesuffix(sign)
    if not plain:
        raise AmountError("Enter an amount in dollars, such as 20 or 12.50.")
    number = _number(plain, whole=False, example="20 or 12.50")
    return _checked(number * NUSD_PER_USD, MOST_USD * NUSD_PER_USD, f"${MOST_USD:,}")


def parse_tokens(text: str) -> int:
    """Tokens: "500000", "500,000", "1.5 M", "200 k"."""
    plain = _plain(text).removesuffix("tokens").removesuffix("token")
    if not plain:
        raise AmountError("Enter a number of tokens, such as 500000 or 1.5 M.")
    number = _number(plain, whole=True, example="500000 or 1.5 M")
    return _checked(number, MOST_TOKENS, f"{MOST_TOKENS:,} tokens")


def _plain(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text[:100])).lower()


def _checked(number: Decimal, most: int, words: str) -> int:
    if number != number.to_integral_value() or number <= 0:
        raise AmountError("The amount must be more than nothing, with no smaller parts than are counted.")
    if number > most:
        raise AmountError(f"The amount can be at most {words}.")
    return int(number)


def _number(plain: str, *, whole: bool, example: str) -> Decimal:
    """The number; with `whole` a single sign before three digits separates thousands."""
    match = _SHAPE.fullmatch(plain)
    if match is None:
        raise AmountError(f"This is not an amount. Write it like {example}.")
    suffix = match["suffix"]
    if suffix and not whole:
        raise AmountError(f"Write the whole amount, like {example}.")
    factor = Decimal(10) ** _SUFFIXES.get(suffix, 0)
    return Decimal(_with_point(match["number"], whole=whole and not suffix, example=example)) * factor


def _with_point(digits: str, *, whole: bool, example: str) -> str:
    """The digits without separators, with a point before the decimals."""
    signs = [char for char in digits if not char.isdigit()]
    if not signs:
        return digits
    last = signs[-1]
    head, _, tail = digits.rpartition(last)
    if len(set(signs)) == 1 and (len(signs) > 1 or _thousands(head, tail, last, whole=whole, text=digits)):
        return _ungrouped(digits, last, example)
    if signs.count(last) > 1:
        raise AmountError(f"This is not an amount. Write it like {example}.")
    first = signs[0]
    return f"{_ungrouped(head, first, example) if first != last else head}.{tail}"


def _thousands(head: str, tail: str, sign: str, *, whole: bool, text: str) -> bool:
    """Whether the one sign in a number separates thousands."""
    if len(tail) != 3 or not 1 <= len(head) <= 3 or head.startswith("0"):
        return False
    if whole or sign == ",":  # as this program writes thousands
        return True
    raise AmountError(
        f"{text} may mean {head}{tail} or {head} and a fraction. Write {head}{tail} or {head}.{tail[:2]}."
    )


def _ungrouped(digits: str, sign: str, example: str) -> str:
    head, *groups = digits.split(sign)
    if not 1 <= len(head) <= 3 or any(len(group) != 3 or not group.isdigit() for group in groups):
        raise AmountError(f"This is not an amount. Write it like {example}.")
    return head + "".join(groups)


def typed(amount: int, unit: Unit) -> str:
    """An amount as one would type it, to the last digit; `parse` gives it back."""
    if unit is Unit.TOKENS:
        return str(amount)
    whole, part = divmod(amount, NUSD_PER_USD)
    if not part:
        return str(whole)
    decimals = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}" if len(decimals) != 3 else f"{whole}.{decimals}0"
