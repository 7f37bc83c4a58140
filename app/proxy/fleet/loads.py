"""How much each provider has to do: requests that run, and tokens lately."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

HALF_LIFE_S = 300.0
PROMISED_S = 1.0
"""Between being chosen and being asked a request waits for no more than a key, a place and a line on the disk."""
UNKNOWN_TOKENS = 1_000
"""An answer whose usage nobody told."""
FAILURE_TOKENS = 10_000
"""A failure is quick and costs nothing: without a charge whoever fails would always be the least used."""


@dataclass(slots=True)
class _Load:
    running: int = 0
    tokens: float = 0.0
    at_s: float = 0.0
    promised: deque[float] = field(default_factory=deque)
    """When requests chose it that do not run yet."""


class Loads:
    """By provider; every time is monotonic seconds."""

    def __init__(self) -> None:
        self._loads: defaultdict[str, _Load] = defaultdict(_Load)

    def chosen(self, provider: str, now_s: float) -> None:
        """A request is about to run there: those that come in the same moment had better go elsewhere."""
        self._loads[provider].promised.append(now_s)

    def started(self, provider: str) -> None:
        """A request runs there."""
        load = self._loads[provider]
        load.running += 1
        if load.promised:
            load.promised.popleft()

    def ended(self, provider: str, tokens: int, now_s: float) -> None:
        """It is over, and had so many tokens."""
        load = self._loads[provider]
        load.running = max(0, load.running - 1)  # it may have been forgotten meanwhile
        load.tokens = self._faded(load, now_s) + tokens
        load.at_s = now_s

    def of(self, provider: str, now_s: float) -> tuple[int, float]:
        """(requests that run or are about to, tokens lately), of which older ones count less."""
        load = self._loads.get(provider)
        if load is None:
            return 0, 0.0
        while load.promised and load.promised[0] <= now_s - PROMISED_S:
            load.promised.popleft()
        return load.running + len(load.promised), self._faded(load, now_s)

    def keep_only(self, providers: frozenset[str]) -> None:
        """Forget who is gone and has nothing running."""
        for name in [one for one, load in self._loads.items() if one not in providers and not load.running]:
            del self._loads[name]

    @staticmethod
    def _faded(load: _Load, now_s: float) -> float:
        return load.tokens * math.exp2((load.at_s - now_s) / HALF_LIFE_S)
