"""The user's own prices, `[[price]]`: shown and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.control.configuration import Configuration
from app.domain.errors import ConfigError
from app.domain.money import PriceRule
from app.store.config.price_editing import price_rule
from app.vendors.presets import VENDOR_NAMES

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

        Raises ConfigError, for a provider or vendor that is not there too: such a price would never count.
        """
        wanted = self._placed(price_rule(values))
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

    def _placed(self, rule: PriceRule) -> PriceRule:
        """The same with provider and vendor spelled as they are called."""
        names = self._configuration.names
        return replace(
            rule,
            provider=_one_of(names, rule.provider, "provider"),
            vendor=_one_of(VENDOR_NAMES, rule.vendor, "vendor"),
        )

    async def _set(self, after: Sequence[PriceRule]) -> None:
        before = self.rules
        self._configuration.apply(replace(self._configuration.config, prices=tuple(after)))
        await self._configuration.keep(lambda file: file.put_prices(before, after))


def _one_of(names: Sequence[str], wanted: str, key: str) -> str:
    found = next((name for name in names if name.lower() == wanted.lower()), "")
    if wanted and not found:
        known = ", ".join(names) or "none"
        raise ConfigError(f"there is no {key} {wanted!r}; there are: {known}", key=f"price.{key}")
    return found


def _whose(rule: PriceRule) -> tuple[str, str, str]:
    return rule.model, rule.provider, rule.vendor
