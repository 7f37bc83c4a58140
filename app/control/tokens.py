"""Credentials that a login gave: renewed before they expire and when they are refused, each by one request at a time.

A token that is being renewed and no longer good is WAITING, so a request waits for it a moment; one whose renewal the
provider refused is REJECTED, and a notice asks for a new login. New tokens are used at once and written to the keyring
beside that; where it does not take them they hold until the program ends, and the keyring is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.control.core import Core
from app.control.slots import Slot
from app.control.token_bundle import TokenBundle
from app.domain.errors import ErrorKind, PatchbayError, VaultError
from app.domain.provider import Credential, CredentialState, Provider
from app.domain.status import NoticeAction, Severity

_log = logging.getLogger(__name__)

LOGIN = "login, kept in the system keyring"
SESSION_LOGIN = "login, this session only"
EARLY_S = 300
"""How long before its end a token is renewed; a quarter of its life where that is shorter."""
ENDING_S = 5
"""A token with so little time left is not sent any more."""
RENEW_S = 30.0
"""Deadline of one renewal."""
SETTLE_S = 10
"""A refusal so soon after a renewal is an answer to the token of before."""
SETTLED_S = 1.5
"""How long the end of the program waits for renewals that run."""
FIRST_WAIT_S, LONGEST_WAIT_S = 5, 300
LOG_IN = "Log in again"
_US = 1_000_000

Renew = Callable[[Provider, TokenBundle], Awaitable[TokenBundle]]
"""Asks the provider for new tokens; raises PatchbayError, CREDENTIAL_REJECTED where it refuses for good."""


@dataclass(slots=True, eq=False)
class _Held:
    """The tokens of one slot, and how they do."""

    slot: Slot
    bundle: TokenBundle
    source: str
    refused: bool = False
    """The provider will not renew them."""
    doubted: bool = False
    """The provider refused the access token, and no request has shown since that its successor is better."""
    spent: bool = False
    """The access token was refused, and its successor is not there yet."""
    unsaved: bool = False
    """The keyring has older ones."""
    waits_s: int = 0
    next_us: int = 0
    """No new try before that."""
    task: asyncio.Task[None] | None = None


class Tokens:
    """Keeps every token bundle; nothing here waits on the loop."""

    def __init__(self, core: Core, renew: Renew) -> None:
        self._core = core
        self._ask = renew
        self._held: dict[str, _Held] = {}
        self.may_renew = False
        """Only the program that listens renews: a command beside it would use its refresh token up."""

    def hold(self, slot: Slot, bundle: TokenBundle, source: str) -> Credential:
        """Take these tokens over; what they are good for now."""
        known = self._held.get(slot.id)
        if known is not None and known.bundle == bundle:
            known.slot, known.source = slot, source
        else:
            known = self._held[slot.id] = _Held(slot, bundle, source)
            self._mask(bundle)
        return self._credential(known)

    def holds(self, credential: str, bundle: TokenBundle | None = None) -> bool:
        """Whether this credential is one of a login that was read already; of these tokens, if some are named."""
        held = self._held.get(credential)
        return held is not None and bundle in (None, held.bundle)

    def forget(self, credential: str) -> None:
        """It is gone, or a plain key now."""
        held = self._held.pop(credential, None)
        if held is not None:
            self._core.notices.drop(_unsaved_id(held))

    def answered(self, credential: str) -> None:
        """A request that bore it was answered, or its provider was changed: whatever was held against it is over."""
        held = self._held.get(credential)
        if held is not None:
            held.doubted = held.refused = False

    def renew(self, slot: Slot) -> bool:
        """The provider refused the access token: renew it, if that may help; False where it is no good for good."""
        held = self._held.get(slot.id)
        if held is None or held.refused or held.bundle.refresh is None or not self.may_renew:
            return False
        if held.task is not None or self._now_us() < held.bundle.given_us + SETTLE_S * _US:
            return True
        if held.doubted:
            return False
        held.doubted = held.spent = True
        self._begin(held)
        self._show(held)
        return True

    def tick(self) -> None:
        """Look what is due; once a second."""
        now_us = self._now_us()
        for held in tuple(self._held.values()):
            if held.task is None and now_us >= held.next_us and self.may_renew:
                if held.unsaved:
                    held.task = self._spawn(f"keep the login of {held.slot.label}", self._save(held), held)
                elif held.bundle.refresh is not None and not held.refused and (held.spent or now_us >= _due_us(held)):
                    self._begin(held)
            self._show(held)

    async def settle(self, limit_s: float = SETTLED_S) -> None:
        """Wait for the renewals that run: what they bring must be kept before the program ends or a name changes."""
        running = [held.task for held in self._held.values() if held.task is not None]
        if running:
            await asyncio.wait(running, timeout=limit_s)

    def _begin(self, held: _Held) -> None:
        held.task = self._spawn(f"renew the login of {held.slot.label}", self._renew(held), held)

    def _spawn(self, name: str, work: Awaitable[None], held: _Held) -> asyncio.Task[None]:
        async def run() -> None:
            try:
                await work
            finally:
                held.task = None

        return self._core.background.spawn(name, run())

    async def _renew(self, held: _Held) -> None:
        label = held.slot.label
        try:
            async with asyncio.timeout(RENEW_S):
                new = await self._ask(held.slot.provider, held.bundle)
        except (PatchbayError, TimeoutError) as error:
            if isinstance(error, PatchbayError) and error.kind is ErrorKind.CREDENTIAL_REJECTED:
                held.refused = True
                _log.warning("the login of %s was not renewed: %s", label, error.message)
            else:
                self._later(held)
                why = error.message if isinstance(error, PatchbayError) else f"no answer within {RENEW_S:g} s"
                _log.info("the login of %s was not renewed yet: %s", label, why)
        else:
            self._mask(new)
            held.bundle, held.spent, held.unsaved, held.waits_s = new, False, True, 0
            self._show(held)
            await self._save(held)
        self._show(held)

    async def _save(self, held: _Held) -> None:
        vault, name, secret = self._core.vault, held.slot.vault_name, held.bundle.secret()
        if self._held.get(held.slot.id) is not held:
            return  # a new login, or none any more: what is in the keyring now is newer
        if held.source == SESSION_LOGIN:
            vault.put_session(name, secret)
            held.unsaved = False
            return
        try:
            await vault.put(name, secret)
        except VaultError as error:
            self._later(held)
            text = f"{held.slot.label}: its renewed login could not be kept, so it ends with Patchbay. {error.message}"
            self._core.notices.put(_unsaved_id(held), Severity.WARNING, text, NoticeAction.UNLOCK_KEYRING, "Try again")
        else:
            held.unsaved = False
            self._core.notices.drop(_unsaved_id(held))

    def _later(self, held: _Held) -> None:
        held.waits_s = min(held.waits_s * 2 or FIRST_WAIT_S, LONGEST_WAIT_S)
        held.next_us = self._now_us() + held.waits_s * _US

    def _credential(self, held: _Held) -> Credential:
        ended = held.spent or _is_over(held, self._now_us())
        if not ended:
            return Credential(CredentialState.READY, held.bundle.access, held.source)
        if held.refused or held.bundle.refresh is None:
            return Credential(CredentialState.REJECTED, held.bundle.access, held.source)
        return Credential(CredentialState.WAITING, None, held.source)

    def _show(self, held: _Held) -> None:
        """Bring snapshot and notices up to what is known of these tokens."""
        slot = held.slot
        if self._held.get(slot.id) is not held:
            return
        shown = self._core.snapshots.current.credential(slot.provider.name, slot.account.name)
        if shown.source not in (LOGIN, SESSION_LOGIN):
            return  # the environment has a key, and that one wins
        now = self._credential(held)
        ended = now.state is CredentialState.REJECTED
        judged = shown.state is CredentialState.REJECTED and shown.secret == held.bundle.access
        if shown != now and (ended or not judged):  # what the provider said of this very token stands
            self._core.snapshots.credentials({slot.id: now})
        if held.refused or ended:
            when = "" if ended else " It works until its present token expires."
            text = f"{slot.label}: its login has ended and was not renewed.{when} Log in again."
            self._core.notices.put(slot.notice_id, Severity.ERROR, text, NoticeAction.OPEN_PROVIDERS, LOG_IN)

    def _mask(self, bundle: TokenBundle) -> None:
        for secret in (bundle.access, bundle.refresh):
            if secret is not None:
                self._core.vault.know(secret)

    def _now_us(self) -> int:
        return self._core.clock.now_us()


def _due_us(held: _Held) -> int:
    """When to renew."""
    bundle = held.bundle
    if not bundle.expires_us:
        return 2**63
    return bundle.expires_us - min(EARLY_S * _US, (bundle.expires_us - bundle.given_us) // 4)


def _is_over(held: _Held, now_us: int) -> bool:
    return bool(held.bundle.expires_us) and now_us >= held.bundle.expires_us - ENDING_S * _US


def _unsaved_id(held: _Held) -> str:
    return f"{held.slot.notice_id}/unsaved"
