"""Asks providers whether they serve, apart from any request: off unless the user wants it, one at a time, for nothing.

What is asked for is the list of models, which costs no tokens. Whoever rests because it failed is found well again
before a request has to try, and whoever nobody used for a while is known to be well before it is needed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.domain.error_words import in_words
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Credential, Provider
from app.domain.snapshot import Snapshot
from app.proxy.events import ProxyEvents
from app.proxy.fleet.fleet import Fleet, Outcome
from app.proxy.probe import list_models
from app.proxy.verdicts import judge

TIMEOUT_S = 10.0

Ask = Callable[[Provider, Credential], Awaitable[object]]


async def _ask(provider: Provider, credential: Credential) -> object:
    return await list_models(provider, credential, timeout_s=TIMEOUT_S)


class HealthCheck:
    """One for each server."""

    def __init__(self, fleet: Fleet, events: ProxyEvents, snapshot: Callable[[], Snapshot], ask: Ask = _ask) -> None:
        self._fleet = fleet
        self._events = events
        self._snapshot = snapshot
        self._ask = ask
        self._asking = False

    async def once(self) -> None:
        """Ask whoever was not heard of for longest, if that is long enough; at most one at a time."""
        snapshot = self._snapshot()
        every_s = snapshot.routing.health_check_s
        candidate = self._fleet.unheard(every_s) if every_s and not snapshot.paused and not self._asking else None
        if candidate is None:
            return
        name, account = candidate.key
        self._asking = True
        try:
            await self._ask(candidate.provider, snapshot.credential(name, account))
        except PatchbayError as error:
            outcome = judge(error, name, "").outcome
            self._fleet.checked(candidate, outcome, why=in_words(error.kind.word))
            if error.kind is ErrorKind.CREDENTIAL_REJECTED and error.upstream_status == 401:
                self._events.credential_rejected(name, error.message, account)
            elif outcome in (Outcome.FAILED, Outcome.SILENT):
                self._events.provider_failed(name, error.kind.word, error.message, account)
        else:
            self._fleet.checked(candidate, Outcome.ANSWERED)
            self._events.provider_answered(name, account)
        finally:
            self._asking = False
