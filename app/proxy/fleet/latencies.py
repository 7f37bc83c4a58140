"""How soon each target began to answer lately: a moving mean, dearer for a while after a failure.

Peak EWMA as in Finagle and Linkerd, with first-token latency in place of the round trip: a request that has waited
longer than the mean already counts as that wait, so that a slowdown is noticed before its first victim is answered.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

NEW_SHARE = 0.3
"""What one more answer counts against all before it."""
FAILURE_MS = 5_000.0
PENALTY_HALF_LIFE_S = 30.0
LONGEST_PENALTY_MS = 60_000.0
STALE_S = 60.0
"""Who was not heard of for so long may have changed."""

Name = tuple[str, str]
"""Provider and model."""


@dataclass(slots=True)
class _Seen:
    mean_ms: float = 0.0
    heard_s: float | None = None
    penalty_ms: float = 0.0
    failed_s: float = 0.0
    began_s: float = 0.0
    """When the latest request started of those that were answered."""
    waiting: dict[int, float] = field(default_factory=dict)
    """When the requests started that have no first token yet, the oldest first."""


class Latencies:
    """By provider and model; every time is monotonic seconds."""

    def __init__(self) -> None:
        self._seen: defaultdict[Name, _Seen] = defaultdict(_Seen)

    def started(self, name: Name, ticket: int, now_s: float) -> None:
        """A request is under way; `ticket` names it from now on."""
        self._seen[name].waiting[ticket] = now_s

    def began(self, name: Name, ticket: int, first_token_ms: float, now_s: float) -> None:
        """Its first token came."""
        seen = self._seen[name]
        seen.began_s = max(seen.began_s, seen.waiting.pop(ticket, 0.0))
        share = 1.0 if seen.heard_s is None else NEW_SHARE
        seen.mean_ms += (first_token_ms - seen.mean_ms) * share
        seen.heard_s = now_s

    def ended(self, name: Name, ticket: int, now_s: float, *, failed: bool) -> None:
        """It is over."""
        seen = self._seen.get(name)
        if seen is None:
            return
        seen.waiting.pop(ticket, None)
        if failed:
            seen.penalty_ms = min(self._penalty_ms(seen, now_s) + FAILURE_MS, LONGEST_PENALTY_MS)
            seen.failed_s = seen.heard_s = now_s

    def expected_ms(self, name: Name, now_s: float) -> float:
        """How long the next first token is likely to take; 0 where nothing is known."""
        seen = self._seen.get(name)
        if seen is None:
            return 0.0
        oldest_s = next((at_s for at_s in seen.waiting.values() if at_s > seen.began_s), now_s)
        return max(seen.mean_ms, (now_s - oldest_s) * 1000) + self._penalty_ms(seen, now_s)

    def unheard_s(self, name: Name, now_s: float) -> float:
        """Since when nothing was heard of it; 0 where a request is under way or nothing was ever heard."""
        seen = self._seen.get(name)
        return now_s - seen.heard_s if seen is not None and seen.heard_s is not None and not seen.waiting else 0.0

    def keep_only(self, providers: frozenset[str]) -> None:
        """Forget who is gone."""
        for name in [one for one in self._seen if one[0] not in providers]:
            del self._seen[name]

    @staticmethod
    def _penalty_ms(seen: _Seen, now_s: float) -> float:
        if not seen.penalty_ms:
            return 0.0
        return seen.penalty_ms * math.exp2((seen.failed_s - now_s) / PENALTY_HALF_LIFE_S)
