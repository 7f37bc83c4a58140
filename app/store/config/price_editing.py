"""`[[price]]` back into the text of the file."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.errors import ConfigError
from app.domain.money import NUSD_PER_USD, PriceRule
from app.store.config.price_reading import TABLE, read_prices
from app.store.config.rows import ChangedMeanwhileError, Row, put_rows


def put_prices(text: str, present: Sequence[PriceRule], before: Sequence[PriceRule], after: Sequence[PriceRule]) -> str:
    """The text with its prices changed from `before` to `after`.

    Raises ChangedMeanwhileError where those `present` in it are not `before`.
    """
    if tuple(present) != tuple(before):
        raise ChangedMeanwhileError("was changed at the same time; look at it and try again", key=TABLE)
    return put_rows(text, TABLE, [_row(one) for one in before], [_row(one) for one in after])


def price_rule(values: Row) -> PriceRule:
    """A price from what a person typed, by the file's keys; raises ConfigError as reading the file does."""
    given = {key: value for key, value in values.items() if value not in (None, "")}
    return read_prices([given], lambda _, key, message: ConfigError(message, key=key))[0]


def _row(rule: PriceRule) -> Row:
    """What costs as plain input is not written."""
    price = rule.price
    plain = price.input_nusd_per_mtok
    read, written = price.cache_read_nusd_per_mtok, price.cache_write_5m_nusd_per_mtok
    return {
        "provider": rule.provider or None,
        "vendor": rule.vendor or None,
        "model": rule.model,
        "input": _dollars(plain),
        "output": _dollars(price.output_nusd_per_mtok),
        "cache_read": None if read == plain else _dollars(read),
        "cache_write": None if written == plain else _dollars(written),
    }


def _dollars(nusd: int) -> int | float:
    """As a person would write it: a whole number where it is one."""
    whole, rest = divmod(nusd, NUSD_PER_USD)
    return nusd / NUSD_PER_USD if rest else whole
