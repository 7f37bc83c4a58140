"""Requests and tokens per minute of each client key, in moving windows."""

from __future__ import annotations

from app.domain.usage import Usage
from app.proxy.call import Call


class Rates:
    """Belongs to the loop."""

    async def admit(self, call: Call) -> None:
        """Count a request of the key; raises PatchbayError KEY_RATE_LIMITED with the time until the next may come."""

    async def settle(self, call: Call, usage: Usage) -> None:
        """Count what the request used."""
