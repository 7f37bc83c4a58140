"""How long to wait before the same candidate is asked again, and how many may be waiting for that at once.

A retry at the same place adds load where something is wrong already, and clients retry as well: so there is a budget
for the whole server (Envoy's retry budget). Going to another candidate needs none; breakers bound that.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from app.domain.errors import ErrorKind, PatchbayError

_FIRST_S = 0.5
_LONGEST_S = 8.0
_PATIENCE_S = 10.0
"""Who is told to come back later than that had better tell the client so: it can wait as well as we can."""
_CREDIBLE_S = 60.0
"""Anthropic's SDK takes no longer `retry-after` for a delay that is meant."""
_ALWAYS = 3


def pause_s(error: PatchbayError, retries: int, chance: Callable[[], float] = random.random) -> float | None:
    """Seconds until the next try after so many retries; None where it is not worth waiting for.

    What the provider asked for, else half a second, doubled each time, of which a random part is waited (full jitter).
    """
    asked = error.retry_after_s
    if asked is not None and asked > 0:
        if asked <= _PATIENCE_S:
            return asked
        if asked <= _CREDIBLE_S or error.kind is ErrorKind.RATE_LIMITED:
            return None
    return min(_LONGEST_S, _FIRST_S * float(2**retries)) * chance()


class RetryBudget:
    """How many retries run; belongs to the loop."""

    def __init__(self, in_flight: Callable[[], int]) -> None:
        self._in_flight = in_flight
        self.running = 0

    def take(self, share: float) -> bool:
        """Take one, if no more than `share` of the requests in flight, or three, are retries then."""
        if self.running >= max(_ALWAYS, share * self._in_flight()):
            return False
        self.running += 1
        return True

    def give_back(self) -> None:
        """It was answered, or failed as well."""
        self.running -= 1
