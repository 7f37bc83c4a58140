"""Requests and tokens per minute of each client key, in moving windows."""

from __future__ import annotations

from app.domain.clock import Clock
from app.domain.usage import Usage
from app.proxy.call import Call


class Rates:
    """Belongs to the loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def admit(self, call: Call) -> None:
        """Count a request of the key; raises PatchbayError KEY_RATE_LIMITED with the time until the next may come."""

    def leave(self, call: Call) -> None:
        """The request is over, whatever became of it."""

    async def settle(self, call: Call, usage: Usage) -> None:
        """Count what the request used."""
