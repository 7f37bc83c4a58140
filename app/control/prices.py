"""What models cost: the user's `[[price]]`, else the price list, which is asked in threads and remembered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from app.control.background import Background, in_thread
from app.domain.clock import Clock
from app.domain.money import Price, PriceRule, PriceSteps, price_at
from app.vendors.prices import price_steps

_log = logging.getLogger(__name__)

MOST_KNOWN = 1024
_DAY_US = 86_400_000_000

StepsOf = Callable[[str, str, int], PriceSteps]


class Prices:
    """Prices for the loop, which never waits for the price list, and for the record, which may.

    The list takes 0.4 s to load. A price is looked up once and again on another day, because lists know when prices
    change; until that is done the old one holds.
    """

    def __init__(
        self,
        rules: Callable[[], Sequence[PriceRule]],
        background: Background,
        clock: Clock,
        steps_of: StepsOf = price_steps,
    ) -> None:
        self._rules = rules
        self._background = background
        self._clock = clock
        self._steps_of = steps_of
        self._known: dict[tuple[str, str], tuple[int, PriceSteps]] = {}
        self._asked: dict[tuple[str, str], asyncio.Task[PriceSteps]] = {}

    def at(self, vendor: str, model: str, at_us: int, prompt_tokens: int = 0, provider: str = "") -> Price | None:
        """The price at a time; for any thread that may wait."""
        own = self._own(provider, vendor, model)
        return own or price_at(self._steps_of(vendor, model, at_us), prompt_tokens)

    def known(self, vendor: str, model: str, provider: str = "") -> PriceSteps | None:
        """The prices by prompt size as far as they are known by now: at once, on the loop; None until looked up."""
        own = self._own(provider, vendor, model)
        if own is not None:
            return ((-1, own),)
        day, steps = self._known.get((vendor, model), (0, None))
        if day != self._clock.now_us() // _DAY_US:
            self._look_up(vendor, model)
        return steps

    async def steps(self, vendor: str, model: str, provider: str = "") -> PriceSteps:
        """The prices by prompt size, looked up if need be; empty where none is known."""
        steps = self.known(vendor, model, provider)
        return await asyncio.shield(self._look_up(vendor, model)) if steps is None else steps

    def _own(self, provider: str, vendor: str, model: str) -> Price | None:
        rules = self._rules()
        return next((rule.price for rule in rules if rule.fits(provider, vendor, model)), None) if rules else None

    def _look_up(self, vendor: str, model: str) -> asyncio.Task[PriceSteps]:
        """Ask the list, once for everyone who wants to know meanwhile."""
        key = vendor, model
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = self._background.spawn(f"look up the price of {model}", self._ask(key))
        return task

    async def _ask(self, key: tuple[str, str]) -> PriceSteps:
        now_us = self._clock.now_us()
        try:
            steps = await in_thread(self._steps_of, *key, now_us)
        except Exception:  # noqa: BLE001 (whatever a data set has in it, a request must not fail for it)
            _log.exception("no price for %s of %s: the price list failed", key[1], key[0])
            steps = ()
        finally:
            self._asked.pop(key, None)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()  # clients invent names of models; what is in use comes back at once
        self._known[key] = (now_us // _DAY_US, steps)
        return steps
