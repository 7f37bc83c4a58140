"""Where a request goes, and the credential it is sent with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.plan import USUAL, Way, lay, pick
from app.domain.provider import AuthStyle, Credential, CredentialState, Provider, Secret
from app.domain.routing import Plan
from app.domain.snapshot import Snapshot
from app.proxy.call import Call
from app.proxy.client import client_name, session_id

__all__ = ["Routes", "client_name", "credential", "session_id"]

_PLANS = 256
_WAIT_S = 3.0
_LOOK_S = 0.05


class Routes:
    """Plans that were made, for as long as the configuration stays the same: clients ask for few models, often."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._simple = False
        self._plans: dict[tuple[str, Way], Plan] = {}

    def plan(self, call: Call) -> Plan:
        """Where the request may go. Raises PatchbayError PAUSED, and as `domain.plan.plan` does."""
        snapshot = call.snapshot
        if snapshot is not self._snapshot or len(self._plans) >= _PLANS:
            self._adopt(snapshot)
        if snapshot.paused:
            raise PatchbayError(
                ErrorKind.PAUSED, "Patchbay is paused. Choose Resume in its tray menu.", should_retry=False
            )
        way = USUAL if self._simple and not call.pin else pick(snapshot, call.facts)
        asked = (call.peek.model, way)
        plan = self._plans.get(asked)
        if plan is None:
            plan = self._plans[asked] = lay(snapshot, call.peek.model, way)
        return plan

    def _adopt(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._simple = not snapshot.routing.rules and not snapshot.routing.pins
        self._plans.clear()


async def credential(snapshot: Callable[[], Snapshot], provider: Provider, call: Call) -> Credential:
    """The provider's credential, ready to sign with.

    One that the keyring still looks for is waited for. Raises PatchbayError CREDENTIAL_UNAVAILABLE with what to do, or
    CALLER_UNAUTHENTICATED where the caller had to bring a key and did not.
    """
    if provider.auth is AuthStyle.CLIENT:
        return _callers_own(provider, call)
    found = snapshot().credential(provider.name)
    if found.state is CredentialState.WAITING:
        found = await _settled(snapshot, provider.name)
    if found.state in (CredentialState.READY, CredentialState.NOT_NEEDED):
        return found
    raise PatchbayError(ErrorKind.CREDENTIAL_UNAVAILABLE, _what_to_do(found.state, provider), should_retry=False)


async def _settled(snapshot: Callable[[], Snapshot], name: str) -> Credential:
    try:
        async with asyncio.timeout(_WAIT_S):
            while (found := snapshot().credential(name)).state is CredentialState.WAITING:  # noqa: ASYNC110 (no events)
                await asyncio.sleep(_LOOK_S)
            return found
    except TimeoutError:
        return snapshot().credential(name)


def _callers_own(provider: Provider, call: Call) -> Credential:
    if not call.caller.own:
        raise PatchbayError(
            ErrorKind.CALLER_UNAUTHENTICATED,
            f"Provider {provider.name} passes your own key on: send it as usual, and your Patchbay key in "
            "x-patchbay-key or in the URL as /k/<key>/.",
            should_retry=False,
        )
    value = call.caller.own[0][1]
    key = value[len("bearer ") :].strip() if value[:7].lower() == "bearer " else value
    return Credential(CredentialState.READY, Secret(key), "the caller's own key")


def _what_to_do(state: CredentialState, provider: Provider) -> str:
    name = provider.name
    where = f"Add it in Patchbay under Providers{f', or set {provider.env_key}' if provider.env_key else ''}."
    return {
        CredentialState.MISSING: f"Provider {name} has no key yet. {where}",
        CredentialState.WAITING: f"The system keyring has not answered yet for the key of provider {name}. Try again.",
        CredentialState.LOCKED: f"The system keyring that holds the key of provider {name} is locked. Unlock it.",
        CredentialState.UNAVAILABLE: f"The system keyring with the key of provider {name} cannot be read. {where}",
        CredentialState.REJECTED: f"Provider {name} rejected its key. Enter a valid one in Patchbay under Providers.",
    }[state]
