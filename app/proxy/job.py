"""What a lane works with: one routed request, and the services it needs to carry it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from app.dialects.base import Dialect
from app.domain.clock import Clock
from app.domain.ledger import Ledger
from app.domain.provider import OWN_KEY, Account, Credential, Provider
from app.domain.settings import Limits
from app.proxy.call import Call
from app.proxy.call_signatures import CallSignatures
from app.proxy.events import ProxyEvents
from app.proxy.fleet.fleet import Fleet
from app.proxy.heal import Memory
from app.proxy.rates import Rates
from app.proxy.record import Exchange
from app.proxy.roads import Roads
from app.proxy.upstream import Upstreams
from app.proxy.watchdog import Watch


@dataclass(frozen=True, slots=True)
class Tools:
    """What every job uses; made once by the server."""

    upstreams: Upstreams
    events: ProxyEvents
    clock: Clock
    memory: Memory
    dialect: Callable[[str], Dialect]
    """The dialect of that name."""
    via: str
    agent: str
    """The `User-Agent` of converted requests."""
    roads: Roads
    signatures: CallSignatures
    fleet: Fleet
    rates: Rates
    ledger: Ledger


class Job(NamedTuple):
    """A request on its way to a target."""

    call: Call
    tools: Tools
    exchange: Exchange
    provider: Provider
    model: str
    """The name sent to the provider."""
    credential: Credential
    limits: Limits
    watch: Watch
    home: Provider
    """The provider as it is configured; `provider` is it as this request reaches it, in one of its dialects."""
    account: Account = OWN_KEY
    """Which of the provider's credentials `credential` is."""
    began: Callable[[], None] = lambda: None
    """Called when the client is given the first of its answer: from here on nobody else is asked."""

    @property
    def first_byte_s(self) -> float:
        """How long a stream may stay silent at first; a vendor on the user's own machine first has to load a model."""
        return max(
            self.limits.first_byte_s,
            self.provider.first_byte_timeout_s if self.provider.first_byte_timeout_s > STANDARD_FIRST_BYTE_S else 0.0,
        )


STANDARD_FIRST_BYTE_S = Limits().first_byte_s
