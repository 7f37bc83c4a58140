"""The user's own prices, `[[price]]`: shown and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.control.configuration import Configuration
from app.domain.errors import ConfigError
from app.domain.money import PriceRule
from app.store.config.price_editing import price_rule

Typed = str | int | float | None


class PriceControl:
    """Prices that win over the price list; requests and the record use a changed one from then on."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    @property
    def rules(self) -> tuple[PriceRule, ...]:
        """In force now; the first that fits counts."""
        return self._configuration.config.prices

    async def put(self, values: dict[str, Typed]) -> PriceRule:
        """Set a price by the file's keys, in dollars for a million tokens; one for the same is replaced.

        Raises ConfigError.
        """
        wanted = price_rule(values)
        known = [_whose(one) for one in self.rules]
        if _whose(wanted) in known:
            at = known.index(_whose(wanted))
            await self._set([*self.rules[:at], wanted, *self.rules[at + 1 :]])
        else:
            await self._set([*self.rules, wanted])
        return wanted

    async def remove(self, model: str, provider: str = "", vendor: str = "") -> None:
        """Take a price away; raises ConfigError where there is none for just that."""
        kept = [one for one in self.rules if _whose(one) != (model, provider, vendor)]
        if len(kept) == len(self.rules):
            raise ConfigError(f"there is no price for {model!r}; `patchbay price list` shows them", key="model")
        await self._set(kept)

    async def _set(self, after: Sequence[PriceRule]) -> None:
        before = self.rules
        self._configuration.apply(replace(self._configuration.config, prices=tuple(after)))
        await self._configuration.keep(lambda file: file.put_prices(before, after))


def _whose(rule: PriceRule) -> tuple[str, str, str]:
    return rule.model, rule.provider, rule.vendor
