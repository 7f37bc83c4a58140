"""The credential that a candidate is asked with, ready to sign with; or in words why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import AuthStyle, Credential, CredentialState, Provider, Secret
from app.domain.snapshot import Snapshot
from app.proxy.call import Call
from app.proxy.fleet.candidate import Candidate

_WAIT_S = 3.0
_LOOK_S = 0.05
_READY = (CredentialState.READY, CredentialState.NOT_NEEDED)


def at_hand(snapshot: Snapshot, candidate: Candidate, call: Call) -> Credential | None:
    """The credential as it is known now; None while the keyring still looks for it.

    Raises PatchbayError CREDENTIAL_UNAVAILABLE with what to do, or CALLER_UNAUTHENTICATED where the caller had to bring
    a key and did not.
    """
    provider = candidate.provider
    if provider.auth is AuthStyle.CLIENT:
        return _callers_own(provider, call)
    found = snapshot.credential(provider.name, candidate.account.name)
    if found.state in _READY:
        return found
    if found.state is CredentialState.WAITING:
        return None
    raise _unavailable(found.state, candidate)


async def awaited(snapshot: Callable[[], Snapshot], candidate: Candidate, call: Call) -> Credential:
    """The same, having waited a while for the keyring."""
    try:
        async with asyncio.timeout(_WAIT_S):
            while (found := at_hand(snapshot(), candidate, call)) is None:  # noqa: ASYNC110 (no events)
                await asyncio.sleep(_LOOK_S)
            return found
    except TimeoutError:
        raise _unavailable(CredentialState.WAITING, candidate) from None


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


def _unavailable(state: CredentialState, candidate: Candidate) -> PatchbayError:
    text = _what_to_do(state, candidate.provider, candidate.account.name, candidate.account.env_key)
    return PatchbayError(ErrorKind.CREDENTIAL_UNAVAILABLE, text, should_retry=False)


def _what_to_do(state: CredentialState, provider: Provider, account: str, env_key: str) -> str:
    name = provider.name
    whose = f"account {account} of provider {name}" if account else f"provider {name}"
    its_key = f"the key of account {account}" if account else "its key"
    where = f"Add it in Patchbay under Providers{f', or set {env_key}' if env_key else ''}."
    return {
        CredentialState.MISSING: f"{whose[0].upper()}{whose[1:]} has no key yet. {where}",
        CredentialState.WAITING: f"The keyring, or a login being renewed, has not answered yet for {whose}. Try again.",
        CredentialState.LOCKED: f"The system keyring that holds the key of {whose} is locked. Unlock it.",
        CredentialState.UNAVAILABLE: f"The system keyring with the key of {whose} cannot be read. {where}",
        CredentialState.REJECTED: f"Provider {name} rejected {its_key}. Enter a valid one in Patchbay under Providers.",
    }[state]
