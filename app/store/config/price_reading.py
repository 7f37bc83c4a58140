"""`[[price]]`: what the user says that models cost, in dollars for a million tokens."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.errors import ConfigError
from app.domain.money import NUSD_PER_USD, Price, PriceRule
from app.store.config import values
from app.store.config.places import Place
from app.store.config.spelling import key_problem

TABLE = "price"
SOURCE = "patchbay.toml"
MOST_USD = 1_000_000
_AMOUNTS = ("input", "output", "cache_read", "cache_write")
_KEYS = ("provider", "vendor", "model", *_AMOUNTS)

Fail = Callable[[tuple[Place, ...], str, str], ConfigError]
"""Makes the error from where it may be, the key, and what is wrong."""


def read_prices(found: object, fail: Fail) -> tuple[PriceRule, ...]:
    """Every `[[price]]` in the order of the file; raises ConfigError."""
    return tuple(_rule(table, index, fail) for index, table in enumerate(_tables(found, fail)))


def _tables(found: object, fail: Fail) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise fail(((TABLE, 0, ""), ("", 0, TABLE)), TABLE, "must be written as [[price]]")
    return found


def _rule(table: dict[str, Any], index: int, fail: Fail) -> PriceRule:
    """A class without a price of its own is billed as plain input, as price lists do."""

    def value(key: str, convert: Callable[[object], Any], otherwise: Any = None) -> Any:
        where = ((TABLE, index, key), (TABLE, index, ""))
        if key not in table:
            if otherwise is None:
                raise fail(where, f"{TABLE}.{key}", _MISSING.get(key, _MISSING["input"]))
            return otherwise
        try:
            return convert(table[key])
        except values.BadValueError as error:
            raise fail(where, f"{TABLE}.{key}", str(error)) from None

    for key in table:
        if problem := key_problem(key, table, f"[[{TABLE}]]", _KEYS):
            raise fail(((TABLE, index, key), (TABLE, index, ""), ("", 0, TABLE)), f"{TABLE}.{key}", problem)
    incoming = value("input", _nusd)
    written = value("cache_write", _nusd, incoming)
    price = Price(
        input_nusd_per_mtok=incoming,
        output_nusd_per_mtok=value("output", _nusd),
        cache_read_nusd_per_mtok=value("cache_read", _nusd, incoming),
        cache_write_5m_nusd_per_mtok=written,
        cache_write_1h_nusd_per_mtok=written,
        source=SOURCE,
    )
    model = value("model", _name)
    return PriceRule(model, price, value("provider", values.text, ""), value("vendor", values.text, ""))


_MISSING = {
    "model": 'is missing; name the model, such as model = "glm-5" or model = "glm-*"',
    "input": "is missing; write dollars for a million tokens, such as 2.50",
}


def _name(value: object) -> str:
    text = values.text(value)
    if not text.strip():
        raise values.BadValueError('must name a model, such as "glm-5" or "glm-*"')
    return text


def _nusd(value: object) -> int:
    """Dollars as nano-dollars, exactly as they are written."""
    plain = values.PLAIN_NUMBER.fullmatch(value.strip()) if isinstance(value, str) else isinstance(value, int | float)
    usable = plain and not isinstance(value, bool)
    try:
        dollars = Decimal(str(value)) if usable else Decimal("NaN")
    except InvalidOperation:
        dollars = Decimal("NaN")
    if not dollars.is_finite() or not 0 <= dollars <= MOST_USD:
        raise values.BadValueError(f"must be dollars for a million tokens, a number from 0 to {MOST_USD:,}")
    return int(dollars * NUSD_PER_USD)
